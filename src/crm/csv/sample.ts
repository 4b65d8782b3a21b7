// The rows of a sample by a plan, as an import would store them.
import type { CanonicalTransaction, MappedRecord } from '#crm/contract.ts'
import type { Notes } from '#crm/files.ts'
import type { Line } from '#crm/csv/batches.ts'
import type { Plan } from '#crm/csv/plan.ts'
import { type ReadContext, toPage } from '#crm/csv/pages.ts'
import { toReceipt } from '#crm/csv/receipts.ts'
import { createRowReader, type Defaults } from '#crm/csv/rows.ts'
import type { Table } from '#crm/csv/table.ts'
import { keyOf } from '#crm/csv/identity.ts'

/** Rows that the total of an answer is counted over. */
const ROWS_COUNTED = 2000

export interface Sample {
  readonly records: readonly MappedRecord[]
  readonly skipped: number
}

/** Notes are kept in memory; `key` may be cheaper than a digest where ids are only compared. */
export async function readSample(
  plan: Plan,
  fallback: Defaults,
  batches: AsyncIterable<readonly Line[]> | Iterable<readonly Line[]>,
  key: ReadContext['keyOf'] = keyOf,
): Promise<Sample> {
  const noted = new Map<string, Notes>()
  const note = async (notes: ReadonlyMap<string, Notes>) => {
    for (const [of, parts] of notes) noted.set(of, { ...noted.get(of), ...parts })
    return noted
  }
  const context: ReadContext = { plan, reader: createRowReader(plan, fallback), note, keyOf: key }
  const records: MappedRecord[] = []
  let skipped = 0
  for await (const lines of batches) {
    const page = await toPage(context, lines)
    records.push(...page.records)
    skipped += page.skipped
  }
  if (plan.rows !== 'sales') records.push(...[...noted.values()].flatMap((notes) => toReceipt(notes, plan) ?? []))
  return { records, skipped }
}

/** Paid sales and refunds, as the last record of each says. */
export function paidOf(records: readonly MappedRecord[]): readonly CanonicalTransaction[] {
  const sales = records.flatMap((record) => (record.type === 'transaction' ? [record.transaction] : []))
  const byId = new Map(sales.map((sale) => [sale.externalId, sale]))
  return [...byId.values()].filter(({ status }) => status === 'paid')
}

export interface Total {
  readonly count: number
  readonly totalMinor: number
}

/** What would be stored of the first rows. */
export async function totalOf({ rows }: Table, plan: Plan, fallback: Defaults): Promise<Total> {
  const lines = rows.slice(0, ROWS_COUNTED).map(({ cells, line }) => ({
    ...{ cells, line, problem: null, raw: () => cells.join(plan.delimiter) },
  }))
  const { records } = await readSample(plan, fallback, [lines], async (value) => JSON.stringify(value))
  const paid = paidOf(records)
  return { count: paid.length, totalMinor: paid.reduce((sum, { amountMinor }) => sum + amountMinor, 0) }
}
