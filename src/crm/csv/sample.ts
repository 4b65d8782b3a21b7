// The rows of a sample by a plan, as an import would store them.
import type { CanonicalTransaction, MappedRecord } from '#crm/contract.ts'
import type { Notes } from '#crm/files.ts'
import type { Given } from '#crm/imports.ts'
import type { Line } from '#crm/csv/batches.ts'
import { keyOf, type KeyOf } from '#crm/csv/identity.ts'
import type { Plan } from '#crm/csv/plan.ts'
import { type Above, type ReadContext, toPage } from '#crm/csv/pages.ts'
import { assemble, type StoredAmong } from '#crm/csv/receipts.ts'
import type { Defaults } from '#crm/csv/row-cells.ts'
import { createRowReader } from '#crm/csv/rows.ts'
import type { Table } from '#crm/csv/table.ts'

/** Rows that the total of an answer is counted over. */
const ROWS_COUNTED = 2000

export interface Sample {
  readonly records: readonly MappedRecord[]
  readonly skipped: number
}

interface SampleOf {
  readonly plan: Plan
  readonly fallback: Defaults
  readonly batches: AsyncIterable<readonly Line[]> | Iterable<readonly Line[]>
  readonly storedAmong: StoredAmong
  /** May be cheaper than a digest where ids are only compared. */
  readonly key?: KeyOf
}

export async function readSample({ plan, fallback, batches, storedAmong, key = keyOf }: SampleOf): Promise<Sample> {
  const noted = new Map<string, Notes>()
  const note = async (notes: ReadonlyMap<string, Notes>) => {
    for (const [of, parts] of notes) noted.set(of, { ...noted.get(of), ...parts })
    return noted
  }
  const context: ReadContext = { plan, reader: createRowReader(plan, fallback), note, keyOf: key }
  const records: MappedRecord[] = []
  let [skipped, above]: [number, Above] = [0, null]
  for await (const lines of batches) {
    const page = await toPage(context, lines, above)
    records.push(...page.records)
    skipped += page.skipped
    ;({ above } = page)
  }
  const own = new Map(
    records.flatMap((record) =>
      record.type === 'transaction' ? [[record.transaction.externalId, record.transaction]] : [],
    ),
  )
  const among: StoredAmong = async (ids) =>
    new Map([
      ...(await storedAmong(ids)),
      ...ids.flatMap((id) => [own.get(id)].flatMap((sale) => (sale ? [[id, sale] as const] : []))),
    ])
  records.push(...(await assemble([...noted.values()], plan, among)))
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
export async function totalOf(
  table: Table,
  plan: Plan,
  { fallback, rows }: { readonly fallback: Defaults; readonly rows: number },
): Promise<Total> {
  const batches = [linesOf(table, plan, Math.min(rows, ROWS_COUNTED))]
  // In the place of the digits that refunds replace.
  const key = async (value: unknown) => `00000000${JSON.stringify(value)}`
  const { records } = await readSample({ plan, fallback, batches, key, storedAmong: async () => new Map() })
  const paid = paidOf(records)
  return { count: paid.length, totalMinor: paid.reduce((sum, { amountMinor }) => sum + amountMinor, 0) }
}

/** The first rows with the ids that an import would give them. */
export async function readFirst(
  table: Table,
  plan: Plan,
  given: Pick<Given<unknown>, 'fallback' | 'storedSales'>,
): Promise<Sample> {
  const batches = [linesOf(table, plan, ROWS_COUNTED)]
  return readSample({ plan, fallback: given.fallback, batches, storedAmong: async (ids) => given.storedSales(ids) })
}

function linesOf({ rows }: Table, { delimiter }: Plan, most: number): readonly Line[] {
  return rows.slice(0, most).map(({ cells, line }) => ({
    ...{ cells, line, problem: null, raw: () => cells.join(delimiter) },
  }))
}
