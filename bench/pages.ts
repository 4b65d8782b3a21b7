// A page of the API's lists costs the same however many rows are stored: first pages and pages from the middle, on a
// table a hundred times as large as the one beside it. And what PostgreSQL does for each, beside its other hot
// statements.
import type { Context } from '#context.ts'
import { takeRun } from '#sync/take-run.ts'
import { startOf, writePage } from '#sync/write-page.ts'
import { listHistory } from '#transactions/history.ts'
import { listChanges, listTransactions } from '#transactions/list.ts'
import type { OpenDatabase } from './database.ts'
import { addRun, type BenchEnv, storeTransactions, withEnv } from './env.ts'
import { explain } from './explain.ts'
import { explainUndo, storedId, storeHistory } from './history.ts'
import { interleave, type Line, ratios, type Spread, timed } from './measure.ts'
import { record } from './page-write.ts'

const LIMIT = 200

type Read = (context: Context, env: BenchEnv, rows: number) => Promise<unknown>

const of = ({ integrationId }: BenchEnv) => ({ integrationId, tenant: null, limit: LIMIT })
/** Transactions lie a minute apart, back from when they were stored. */
const middle = (rows: number) => new Date(Date.now() - (rows / 2) * 60_000).toISOString()

const READS: Readonly<Record<string, Read>> = {
  'newest transactions': async (context, env) => listTransactions(context, of(env)),
  'transactions from the middle': async (context, env, rows) =>
    listTransactions(context, { ...of(env), to: middle(rows) }),
  'transactions of one phone': async (context, env) =>
    listTransactions(context, { ...of(env), customerPhone: '+79000000777' }),
  'changes from the middle': async (context, env, rows) =>
    listChanges(context, { ...of(env), after: Math.floor(rows / 2) }),
  'history of a transaction': async (context, env, rows) =>
    listHistory(context, { ...of(env), transactionId: await storedId(env, rows) }),
}

interface PagesSize {
  readonly rounds: number
  /** Rows of the smaller table and of the larger one. */
  readonly few: number
  readonly many: number
}

interface Stored {
  readonly env: BenchEnv
  readonly rows: number
}

export async function measurePages(open: OpenDatabase, { rounds, few, many }: PagesSize): Promise<Line[]> {
  return withEnv(open, async (smallEnv) =>
    withEnv(open, async (largeEnv) => {
      const [small, large] = [
        { env: smallEnv, rows: few },
        { env: largeEnv, rows: many },
      ] as const
      for (const { env, rows } of [small, large]) {
        await storeTransactions(env, rows)
        await storeHistory(env)
      }
      const lines: Line[] = []
      for (const [name, read] of Object.entries(READS)) {
        const side = (stored: Stored) => async () => timeRead(stored, read)
        const times = await interleave(rounds, { small: side(small), large: side(large) })
        lines.push(...(await linesOf([small, large], { name, read, value: ratios(times.large, times.small) })))
      }
      await explainWrites(large)
      const undo = await explainUndo(large.env, `undo of 1,000 rows, ${many.toLocaleString('en')} stored`)
      if (undo.scansTable) throw new Error('an undo reads the whole table')
      return lines
    }),
  )
}

async function timeRead({ env, rows }: Stored, read: Read): Promise<number> {
  const context = env.openContext()
  return timed(async () => read(context, env, rows))
}

interface Compared {
  readonly name: string
  readonly read: Read
  readonly value: Spread
}

async function linesOf(tables: readonly Stored[], { name, read, value }: Compared): Promise<Line[]> {
  const blocks: number[] = []
  for (const { env, rows } of tables) {
    const on = `${name}, ${rows.toLocaleString('en')} stored`
    const plan = await explain(env, on, async () => read(env.openContext(), env, rows))
    if (plan.scansTable) throw new Error(`${name} reads the whole table`)
    blocks.push(plan.blocks)
  }
  const [few = 0, many = 0] = blocks
  const beside = tables
    .map(({ rows }) => rows.toLocaleString('en'))
    .toReversed()
    .join(' ÷ ')
  return [
    {
      name: `${name}, ${beside} stored, time`,
      value,
      unit: '×',
      budget: { kind: 'most', value: 1.5 },
    },
    { name: `${name}, ${beside} stored, blocks touched`, value: ratios([many], [few]), unit: '×', budget: null },
  ]
}

/** Taking a run, and a page of 1,000 rows of which half are new and half are stored and unchanged. */
async function explainWrites({ env, rows }: Stored): Promise<void> {
  const context = env.openContext()
  const on = `${rows.toLocaleString('en')} stored`
  // What the page changes lies close together, and the plan of a page that is stopped would say little.
  const runId = await addRun(env.pool, env.integrationId, { brakeOff: true })
  await explain(env, `take a run, ${on}`, async () => takeRun(context, runId))
  const run = await takeRun(context, runId)
  if (!run) throw new Error('the run was not to be taken')
  const records = Array.from({ length: 1000 }, (_, n) => record({ id: n % 2 ? `stored:${n}` : `new:${n}`, amount: n }))
  const position = startOf(run)
  await explain(env, `page write, 1,000 rows, ${on}`, async () =>
    writePage(context, run, position, { records, cursor: {} }),
  )
}
