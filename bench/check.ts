// A check of a year beside the backfill that has stored it: memory of the Worker, PostgreSQL's work, calls of the CRM.
import { addDays, localDate } from '#lib/time.ts'
import { freePort } from '#dev/free-port.ts'
import { serveSandbox } from '#dev/serve-sandbox.ts'
import { toCheckCursor } from '#sync/check-cursor.ts'
import { cpuOf, tellsCpu } from './cpu.ts'
import type { OpenDatabase } from './database.ts'
import { type BenchEnv, withEnv } from './env.ts'
import { type Line, spreadOf } from './measure.ts'
import { serveEntry } from './serve.ts'
import { runToEnd } from './slices.ts'
import { connectVast, createVastVendor } from './vast-vendor.ts'
import { watchMemory } from './watch-memory.ts'

const SAMPLE_MS = 250
/** A quarter of what an isolate may have: V8 would fill whatever it is given. */
const V8_FLAGS = ['--max-heap-size=32']
const MIB_MAX = 128
const ZONE = 'Europe/Moscow'

interface CheckSize {
  readonly sales: number
  readonly days: number
}

interface Cost {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly calls: number
  readonly mib: number
}

export async function measureCheck(open: OpenDatabase, { sales, days }: CheckSize): Promise<Line[] | null> {
  if (!tellsCpu()) return null
  return withEnv(open, async (env) => {
    const vendor = createVastVendor(sales, days)
    let calls = 0
    const app = {
      fetch: async (request: Request) => {
        calls += 1
        return vendor.app.fetch(request)
      },
    }
    const sandbox = await serveSandbox({ app, faults: vendor.faults }, await freePort())
    try {
      await connectVast(env, vendor, { url: sandbox.url, initialDays: days })
      const today = localDate(new Date(), ZONE)
      // The oldest of so many times 24 hours may be of the day before.
      const [from, to] = [addDays(today, -days - 1), today]
      const cost = async (trigger: 'backfill' | 'check') =>
        costOf(env, sandbox.url, { runId: await addBulk(env, trigger, { from, to }), calls: () => calls })
      const backfill = await cost('backfill')
      await env.pool.query('vacuum analyze crm_transactions')
      const check = await cost('check')
      await expectEqual(env, sales)
      return linesOf({ backfill, check }, sales)
    } finally {
      await sandbox.close()
    }
  })
}

async function addBulk(
  { pool, integrationId }: BenchEnv,
  trigger: 'backfill' | 'check',
  { from, to }: { readonly from: string; readonly to: string },
): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    `insert into sync_runs (integration_id, trigger, task, status, settings_epoch, window_from, window_to, cursor)
      values ($1, $2, $3, 'queued', 1, $4, $5::timestamptz + interval '1 day', $6) returning id`,
    [
      ...[integrationId, trigger, trigger === 'check' ? 'check' : 'pull', from, to],
      trigger === 'check' ? toCheckCursor([[from, to]]) : null,
    ],
  )
  return rows[0]?.id ?? ''
}

interface Measured {
  readonly runId: string
  readonly calls: () => number
}

async function costOf(env: BenchEnv, url: string, { runId, calls }: Measured): Promise<Cost> {
  const worker = await serveEntry(env, 'slice-worker.ts', {
    bindings: { EGRESS_ALLOW_ORIGINS: url, THROTTLE_WAIT_SCALE: '0.001' },
    hasBudget: true,
    v8Flags: V8_FLAGS,
  })
  const memory = watchMemory(worker.pid, SAMPLE_MS)
  const before = calls()
  const startedAt = performance.now()
  try {
    const cpuMs = await cpuOf(env.pool, async () => runToEnd(env, worker.url, runId))
    const seconds = (performance.now() - startedAt) / 1000
    memory.sample()
    return { seconds, cpuSeconds: cpuMs / 1000, calls: calls() - before, mib: Math.max(...memory.samples) }
  } finally {
    memory.stop()
    await worker.close()
  }
}

/** What was just stored is equal, day by day. */
async function expectEqual({ pool, integrationId }: BenchEnv, sales: number): Promise<void> {
  const { rows } = await pool.query<{ equal: number; different: number; staged: number }>(
    `select sum(crm_count) filter (where state = 'equal')::int as equal, count(*) filter (where state <> 'equal')::int
      as different, (select count(*)::int from check_records) as staged from check_days where integration_id = $1`,
    [integrationId],
  )
  const [row] = rows
  if (row?.equal !== sales || row.different !== 0 || row.staged !== 0) throw new Error(JSON.stringify(row))
}

function linesOf({ backfill, check }: Readonly<Record<'backfill' | 'check', Cost>>, sales: number): Line[] {
  const of = `${sales.toLocaleString('en')} sales`
  const line = (what: string, value: number, unit: string, most: number | null = null): Line => ({
    ...{ name: `${what}, ${of}`, value: spreadOf([value]), unit },
    budget: most === null ? null : { kind: 'most', value: most },
  })
  return [
    line('check, peak memory of workerd', check.mib, 'MiB', MIB_MAX),
    line('backfill, peak memory of workerd', backfill.mib, 'MiB'),
    line('check, CRM calls', check.calls, 'calls'),
    line('check ÷ backfill, CRM calls', check.calls / backfill.calls, '×', 1.05),
    line("check, PostgreSQL's CPU", check.cpuSeconds, 's'),
    line("check ÷ backfill, PostgreSQL's CPU", check.cpuSeconds / backfill.cpuSeconds, '×', 1.5),
    line('check', check.seconds, 's'),
    line('check ÷ backfill, time', check.seconds / backfill.seconds, '×'),
  ]
}
