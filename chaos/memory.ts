// One integration with a million records, synced from the first to the last in one isolate of plain workerd: its
// memory, and how long each slice took beside what it may take.
import type { OpenDatabase } from '#bench/database.ts'
import { addRun, type BenchEnv, withEnv } from '#bench/env.ts'
import { spreadOf } from '#bench/measure.ts'
import { serveEntry } from '#bench/serve.ts'
import { runToEnd } from '#bench/slices.ts'
import { connectVast, createVastVendor } from '#bench/vast-vendor.ts'
import { watchMemory } from '#bench/watch-memory.ts'
import { freePort } from '#dev/free-port.ts'
import { serveSandbox } from '#dev/serve-sandbox.ts'
import { SLICE_MS } from '#sync/run-slice.ts'

const SAMPLE_MS = 500
const MIB_MAX = 128
/**
 * A quarter of what an isolate may have, so that the whole process stays below it. V8 would fill whatever it is given.
 */
const HEAP_MIB = 32

interface MemoryReport {
  readonly records: number
  readonly stored: number
  readonly pages: number
  readonly slices: number
  readonly seconds: number
  /** Resident memory of the workerd process. */
  readonly mib: { readonly atStart: number; readonly median: number; readonly max: number }
  readonly sliceMs: { readonly bound: number; readonly max: number; readonly longestPage: number }
  readonly wrong: {
    readonly status: number
    readonly missing: number
    readonly overMemory: number
    readonly slicesOverBound: number
  }
}

interface MemorySize {
  readonly records: number
  /** Over which they are spread evenly. */
  readonly days: number
}

export async function proveMemory(open: OpenDatabase, { records, days }: MemorySize): Promise<MemoryReport> {
  return withEnv(open, async (env) => {
    const vendor = createVastVendor(records, days)
    const sandbox = await serveSandbox(vendor, await freePort())
    const worker = await serveEntry(env, 'slice-worker.ts', {
      // The vendor is on this machine and has no limit.
      bindings: { EGRESS_ALLOW_ORIGINS: sandbox.url, THROTTLE_WAIT_SCALE: '0.001' },
      hasBudget: true,
      v8Flags: [`--max-heap-size=${HEAP_MIB}`],
    })
    const memory = watchMemory(worker.pid, SAMPLE_MS)
    const pagesAt: number[] = []
    env.proxy.switches.onRequest = (body) => void (body.includes('call write_page') && pagesAt.push(performance.now()))
    try {
      await connectVast(env, vendor, { url: sandbox.url, initialDays: days + 10 })
      const runId = await addRun(env.pool, env.integrationId, { settingsEpoch: 1 })
      const sliceMs = await runToEnd(env, worker.url, runId)
      return await reportOf(env, { runId, records, sliceMs, pagesAt, samples: memory.samples })
    } finally {
      memory.stop()
      await worker.close()
      await sandbox.close()
    }
  })
}

interface Observed {
  readonly runId: string
  readonly records: number
  readonly sliceMs: readonly number[]
  readonly pagesAt: readonly number[]
  readonly samples: readonly number[]
}

async function reportOf(
  { pool }: BenchEnv,
  { runId, records, sliceMs, pagesAt, samples }: Observed,
): Promise<MemoryReport> {
  const { rows } = await pool.query<{ status: string; pages: number; stored: number; seconds: number }>(
    `select status, pages, extract(epoch from finished_at - started_at)::int as seconds,
      (select count(*)::int from crm_transactions) as stored from sync_runs where id = $1`,
    [runId],
  )
  const { status = '', pages = 0, stored = 0, seconds = 0 } = rows[0] ?? {}
  const { median, max: highest } = spreadOf(samples)
  // A page ends with its write, so none took longer than the longest time between two.
  const longestPage = Math.ceil(pagesAt.reduce((most, at, n) => Math.max(most, at - (pagesAt[n - 1] ?? at)), 0))
  const [max, bound] = [sliceMs.reduce((most, ms) => Math.max(most, ms), 0), SLICE_MS]
  return {
    ...{ records, stored, pages, slices: sliceMs.length, seconds },
    mib: { atStart: samples[0] ?? 0, median, max: highest },
    sliceMs: { bound, max, longestPage },
    wrong: {
      status: status === 'succeeded' ? 0 : 1,
      missing: records - stored,
      overMemory: highest > MIB_MAX ? 1 : 0,
      slicesOverBound: sliceMs.filter((ms) => ms > bound + longestPage).length,
    },
  }
}
