// The slices of an import, and beside them pages of the same sales ready to be written: what the engine alone takes.
import { createContext } from '#context.ts'
import type { MappedRecord } from '#crm/contract.ts'
import { takeRun } from '#sync/take-run.ts'
import { type Position, startOf, writePage } from '#sync/write-page.ts'
import slices from './slice-worker.ts'

const PAGE_ROWS = 1000

// oxlint-disable-next-line import/no-default-export -- what the platform asks for
export default {
  async fetch(request, env) {
    const { searchParams } = new URL(request.url)
    const rows = searchParams.get('write')
    if (rows === null) return slices.fetch(request, env)
    const ms = await write(env, searchParams.get('run') ?? '', Number(rows))
    return Response.json({ ms })
  },
} satisfies ExportedHandler<Env>

async function write(env: Env, runId: string, rows: number): Promise<number> {
  const context = createContext(env)
  const run = await takeRun(context, runId)
  if (!run) throw new Error('the run was not to be taken')
  const startedAt = Date.now()
  let position: Position | null = startOf(run)
  for (let from = 0; from < rows && position; from += PAGE_ROWS) {
    const records = Array.from({ length: Math.min(PAGE_ROWS, rows - from) }, (_, n) => record(from + n))
    position = await writePage(context, run, position, { records, cursor: { at: from } })
  }
  return Date.now() - startedAt
}

/** As bench/csv-file.ts writes the same row. */
function record(n: number): MappedRecord {
  const occurredAt = new Date(Date.UTC(2024, n % 12, (n % 28) + 1, n % 24, n % 60)).toISOString()
  const phone = n % 3 === 0 ? null : `+7900${String((n * 7919) % 10_000_000).padStart(7, '0')}`
  const customer = {
    externalId: null,
    name: 'Анна Белова',
    phone,
    email: null,
    card: n % 5 === 0 ? `1${n % 50_000}` : null,
  }
  const transaction = {
    ...({ externalId: String(n), kind: 'sale', status: 'paid', amountMinor: n * 37, currency: 'RUB' } as const),
    ...{ occurredAt, customer, items: [], location: null, sourceUpdatedAt: null },
  }
  return { type: 'transaction', transaction, rule: { code: 'sold' } }
}
