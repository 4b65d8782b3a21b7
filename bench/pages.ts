// A page of the API's lists costs the same however many rows are stored: first pages and pages from the middle, on a
// table a hundred times as large as the one beside it. And what PostgreSQL does for each, beside its other hot statements.
import type { Context } from '#context.ts'
import { takeRun } from '#sync/take-run.ts'
import { writePage } from '#sync/write-page.ts'
import { listChanges, listTransactions } from '#transactions/list.ts'
import { type BenchEnv, createBenchEnv, storeTransactions } from './env.ts'
import { explain } from './explain.ts'
import { type Line, ratios } from './measure.ts'
import { openRun, record } from './page-write.ts'

const ROUNDS = 30
const LIMIT = 200
const TIMES_SMALLER = 100

type Read = (context: Context, bed: BenchEnv, rows: number) => Promise<unknown>

const FILTER = { from: null, to: null, status: null, kind: null, customerPhone: null, externalId: null, cursor: null }
const of = ({ integrationId }: BenchEnv) => ({ integrationId, tenant: null, limit: LIMIT })
/** Transactions lie a minute apart, back from when they were stored. */
const middle = (rows: number) => new Date(Date.now() - (rows / 2) * 60_000).toISOString()

const READS: Readonly<Record<string, Read>> = {
  'newest transactions': async (context, bed) => listTransactions(context, { ...FILTER, ...of(bed) }),
  'transactions from the middle': async (context, bed, rows) =>
    listTransactions(context, { ...FILTER, ...of(bed), to: middle(rows) }),
  'transactions of one phone': async (context, bed) =>
    listTransactions(context, { ...FILTER, ...of(bed), customerPhone: '+79000000777' }),
  'changes from the middle': async (context, bed, rows) =>
    listChanges(context, { ...of(bed), after: Math.floor(rows / 2) }),
}

export async function measurePages(rows: number): Promise<Line[]> {
  const sizes = [Math.ceil(rows / TIMES_SMALLER), rows]
  const beds = await Promise.all(sizes.map(async (size) => ({ bed: await createBenchEnv(), size })))
  try {
    for (const { bed, size } of beds) await storeTransactions(bed, size)
    const lines: Line[] = []
    for (const [name, read] of Object.entries(READS)) lines.push(...(await compare(beds, name, read)))
    for (const { bed, size } of beds.slice(1)) await explainWrites(bed, size)
    return lines
  } finally {
    for (const { bed } of beds) await bed.close()
  }
}

async function compare(
  beds: readonly { readonly bed: BenchEnv; readonly size: number }[],
  name: string,
  read: Read,
): Promise<Line[]> {
  const times = beds.map((): number[] => [])
  for (let round = 0; round <= ROUNDS; round += 1) {
    const order = [...beds.entries()]
    for (const [index, { bed, size }] of round % 2 === 0 ? order : order.toReversed()) {
      const context = bed.openContext()
      const startedAt = performance.now()
      await read(context, bed, size)
      // The first round warms up both.
      if (round > 0) times[index]?.push(performance.now() - startedAt)
    }
  }
  const blocks: number[] = []
  for (const { bed, size } of beds) {
    const plan = await explain(bed, `${name}, ${size.toLocaleString('en')} stored`, async () =>
      read(bed.openContext(), bed, size),
    )
    if (plan.scansTable) throw new Error(`${name} reads the whole table`)
    blocks.push(plan.blocks)
  }
  const [small = [], large = []] = times
  const [few = 0, many = 0] = blocks
  const sizes = beds.map(({ size }) => size.toLocaleString('en')).toReversed()
  const beside = sizes.join(' ÷ ')
  return [
    {
      name: `${name}, ${beside} stored, time`,
      value: ratios(large, small),
      unit: '×',
      budget: { kind: 'most', value: 1.5 },
    },
    { name: `${name}, ${beside} stored, blocks touched`, value: ratios([many], [few]), unit: '×', budget: null },
  ]
}

/** Taking a run, and a page of 1,000 rows of which half are new and half are stored and unchanged. */
async function explainWrites(bed: BenchEnv, stored: number): Promise<void> {
  const context = bed.openContext()
  const on = `${stored.toLocaleString('en')} stored`
  // What the page changes lies close together, and the plan of a page that is stopped would say little.
  const runId = await openRun(bed, true)
  await explain(bed, `take a run, ${on}`, async () => takeRun(context, runId))
  const run = await takeRun(context, runId)
  if (!run) throw new Error('the run was not to be taken')
  const records = Array.from({ length: 1000 }, (_, n) => record({ id: n % 2 ? `stored:${n}` : `new:${n}`, amount: n }))
  const position = { pages: 0, changeSeq: run.changeSeq, liveWaits: false }
  await explain(bed, `page write, 1,000 rows, ${on}`, async () =>
    writePage(context, run, position, { records, cursor: {} }),
  )
}
