// What single statements of the engine cost PostgreSQL: the CPU time of its sessions, which is what a database is paid
// for and what many integrations share. Pages stand beside a bare upsert of the same rows.
import { claimDue } from '#jobs/claim-due.ts'
import { renewLease } from '#sync/end-slice.ts'
import { finishRun } from '#sync/finish-run.ts'
import { takeRun, type TakenRun } from '#sync/take-run.ts'
import { type Position, startOf, writePage } from '#sync/write-page.ts'
import { fillIntegrations, makeDue } from './claim.ts'
import { cpuOf, tellsCpu } from './cpu.ts'
import type { OpenDatabase } from './database.ts'
import { addRun, type BenchEnv, withEnv } from './env.ts'
import { type Line, ratios, spreadOf } from './measure.ts'
import { bareWrite, fill, KINDS, record } from './page-write.ts'
import { measureSyncCost, type SyncCostSize } from './sync-cost.ts'

interface UnitSize {
  readonly rounds: number
  readonly stored: number
  readonly pageRows: readonly number[]
  readonly integrations: number
  readonly due: number
  readonly syncs: SyncCostSize
}

/** Milliseconds for a page of so many rows, whatever becomes of them. */
const BUDGETS: Readonly<Record<number, number>> = { 0: 1, 1: 1.3, 20: 2 }

/** Null: this system does not tell how long a process was at work. */
export async function measureUnit(open: OpenDatabase, size: UnitSize): Promise<Line[] | null> {
  if (!tellsCpu()) return null
  const times = new Map<string, number[]>()
  const note = (name: string, ms: number) => times.set(name, [...(times.get(name) ?? []), ms])
  await withEnv(open, async (env) => {
    await fill(env, size.stored)
    const bare = await bareWrite(env)
    // The first round warms up the sessions.
    for (let round = 0; round <= size.rounds; round += 1) {
      await playRound(env, { round, pageRows: size.pageRows, bare, note: round === 0 ? () => undefined : note })
    }
  })
  await withEnv(open, async (env) => {
    await fillIntegrations(env, size.integrations)
    for (let round = 0; round <= size.rounds; round += 1) {
      await makeDue(env, size.due)
      const ms = await cpuOf(env.pool, async () => claimDue(env.openContext()))
      if (round > 0) note(`claim of ${size.due} due`, ms)
    }
  })
  return [...linesOf(times, size.pageRows), ...(await measureSyncCost(open, size.syncs))]
}

interface Round {
  readonly round: number
  readonly pageRows: readonly number[]
  readonly bare: Awaited<ReturnType<typeof bareWrite>>
  readonly note: (name: string, ms: number) => void
}

async function playRound(env: BenchEnv, { round, pageRows, bare, note }: Round): Promise<void> {
  const context = env.openContext()
  const runId = await addRun(env.pool, env.integrationId, { brakeOff: true, trigger: 'schedule' })
  let run: TakenRun | null = null
  note('take', await cpuOf(env.pool, async () => (run = await takeRun(context, runId))))
  const taken = orThrow(run as TakenRun | null)
  let position: Position = startOf(taken)
  for (const count of pageRows) {
    const ids = Array.from({ length: count }, (_, index) => `sale:${count}-${round}-${index}`)
    for (const kind of count === 0 ? (['empty'] as const) : KINDS) {
      const rows = ids.map((id) => ({ id, amount: kind === 'changed' ? round + 2 : round + 1 }))
      const page = { records: rows.map(record), cursor: { page: position.pages } }
      const ms = await cpuOf(env.pool, async () => {
        // As in a run of such pages.
        const from = { ...position, isQuiet: kind === 'unchanged' }
        position = orThrow(await writePage(context, taken, from, page))
      })
      note(nameOf(count, kind), ms)
      if (kind !== 'empty') note(`bare ${count} ${kind}`, await cpuOf(env.pool, async () => bare(rows, kind)))
    }
  }
  note('renew', await cpuOf(env.pool, async () => renewLease(context, taken)))
  note('finish', await cpuOf(env.pool, async () => finishRun(context, taken, { status: 'succeeded' })))
}

const nameOf = (count: number, kind: string) => `page of ${count} ${kind}`

function orThrow<T>(value: T | null): T {
  if (value === null) throw new Error('the run was not to be taken, or its page was refused')
  return value
}

function linesOf(times: ReadonlyMap<string, readonly number[]>, pageRows: readonly number[]): Line[] {
  const lines: Line[] = []
  for (const [name, values] of times) {
    if (name.startsWith('bare ')) continue
    const count = pageRows.find((rows) => name.startsWith(`page of ${rows} `))
    const most = count === undefined ? undefined : BUDGETS[count]
    const budget = most === undefined ? null : ({ kind: 'most', value: most } as const)
    lines.push({ name: `PostgreSQL's CPU, ${name}`, value: spreadOf(values), unit: 'ms', budget })
    const beside = count === undefined ? undefined : times.get(name.replace('page of', 'bare'))
    if (!beside) continue
    lines.push({
      name: `PostgreSQL's CPU, ${name} ÷ bare upsert`,
      value: ratios(values, beside),
      unit: '×',
      budget: null,
    })
  }
  return lines
}
