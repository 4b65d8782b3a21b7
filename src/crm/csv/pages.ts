// A batch of rows → a page of sales and rejected rows. What can only be told at the end of the file is noted.
import type { MappedRecord } from '#crm/contract.ts'
import { unmapped } from '#crm/kit/mapping.ts'
import type { Line } from '#crm/csv/batches.ts'
import {
  idOf,
  mayShareId,
  nameRows,
  type Named,
  type Noting,
  type Rejected,
  type SourceRow,
  toRecords,
} from '#crm/csv/identity.ts'
import type { Plan } from '#crm/csv/plan.ts'
import { noteReceipts, noteRefunds, noteRejected } from '#crm/csv/receipts.ts'
import type { RowReader } from '#crm/csv/rows.ts'
import { publicHeader } from '#crm/csv/table.ts'
import { type Field, isTotals } from '#crm/csv/words.ts'

export interface ReadContext extends Noting {
  readonly plan: Plan
  readonly reader: RowReader
}

/** The cells that the lines of a receipt may leave out, of the last line that has them. */
export type Above = readonly string[] | null

export interface RowsPage {
  readonly records: readonly MappedRecord[]
  readonly skipped: number
  readonly above: Above
  /** Refunds were noted. */
  readonly hasRefunds: boolean
}

export async function toPage(context: ReadContext, lines: readonly Line[], from: Above): Promise<RowsPage> {
  const { plan, reader, note, keyOf } = context
  const source: SourceRow[] = []
  const rejected: Rejected[] = []
  let [skipped, above] = [0, from]
  const broken: string[] = []
  const isByReceipt = plan.rows !== 'sales'
  for (const { cells, problem, line, raw } of lines) {
    const whole = cells !== null && isByReceipt ? completed(cells, above, plan) : cells
    if (whole !== null && isByReceipt) above = sharedOf(whole, plan) ?? above
    const result = whole === null ? { rejected: { reason: problem ?? 'not_utf8', field: null } } : reader.read(whole)
    if (result === 'blank') continue
    if (result === 'skip') skipped += 1
    else if ('rejected' in result) {
      rejected.push({ source: { line, raw }, rejected: result.rejected })
      const of = reader.idOf(whole ?? [])
      if (of.id !== null) broken.push(idOf(of, plan))
    } else source.push({ row: result.row, line, raw })
  }
  const [later, now] = isByReceipt ? [[], source] : partition(source, (row) => mayShareId(row, plan))
  const named = await nameRows(now, plan, context)
  const good = named.flatMap((row) => ('rejected' in row ? [] : [row]))
  const [parts, sales] = partition(good, ({ source: { row } }) => isByReceipt && row.id !== null)
  const refunds = later.map((one): Named => ({ source: one, externalId: idOf(one.row, plan) }))
  if (parts.length > 0) await note(await noteReceipts(parts, plan, keyOf))
  if (isByReceipt && broken.length > 0) await note(await noteRejected(broken, keyOf))
  if (refunds.length > 0) await note(await noteRefunds(refunds, keyOf))
  const records = sales.map(({ externalId, source: { row, line } }) => toRecords(externalId, { ...row, line }, plan))
  const rejectedRows = [...rejected, ...named.flatMap((row) => ('rejected' in row ? [row] : []))]
  return {
    records: [...records.flat(), ...rejectedRows.map((row) => toRejected(row, plan))],
    skipped: skipped + records.filter((record) => record.length === 0).length,
    ...{ above, hasRefunds: refunds.length > 0 },
  }
}

function partition<T>(all: readonly T[], fits: (one: T) => boolean): readonly [T[], T[]] {
  const [yes, no]: [T[], T[]] = [[], []]
  for (const one of all) (fits(one) ? yes : no).push(one)
  return [yes, no]
}

const SHARED: readonly Field[] = ['id', 'date', 'time', 'zone', 'till', 'kind', 'status', 'currency']

const cellsOf = (cells: readonly string[], { columns }: Plan, field: Field) =>
  (columns[field] ?? []).map((at) => cells[at]?.trim() ?? '')

/** Null: the line has no id and date of its own. */
function sharedOf(cells: readonly string[], plan: Plan): Above {
  const isFull = (['id', 'date'] as const).every((field) => cellsOf(cells, plan, field).some((cell) => cell !== ''))
  if (!isFull) return null
  const shared: string[] = []
  for (const at of SHARED.flatMap((field) => plan.columns[field] ?? [])) shared[at] = cells[at] ?? ''
  return Array.from({ length: shared.length }, (_, at) => shared[at] ?? '')
}

/** A line without a date, or without a sum, belongs to the receipt above it, if it names no other one. */
function completed(cells: readonly string[], above: Above, plan: Plan): readonly string[] {
  if (above === null || cells.every((cell) => cell.trim() === '') || cells.some((cell) => isTotals(cell.trim()))) {
    return cells
  }
  const own = cellsOf(cells, plan, 'id')
  const isNamedOtherwise = own.some((cell, index) => cell !== '' && cell !== cellsOf(above, plan, 'id')[index])
  const isSet = (field: Field) => cellsOf(cells, plan, field).some((cell) => cell !== '')
  const isOwnRow = isSet('date') && (isSet('amount') || own.every((cell) => cell === ''))
  // A sum without any word may be the total of a table.
  const hasWords = cells.some((cell, at) => /\p{L}/u.test(cell) && plan.columns.amount?.includes(at) !== true)
  if (isNamedOtherwise || isOwnRow || (!isSet('date') && !hasWords)) return cells
  return cells.map((cell, at) => (cell.trim() === '' ? (above[at] ?? cell) : cell))
}

function toRejected({ source: { line, raw }, rejected: { reason, field } }: Rejected, plan: Plan): MappedRecord {
  const at = field === null ? undefined : plan.columns[field]?.[0]
  const column = at === undefined ? null : publicHeader(plan, at)
  return { ...unmapped(null, reason, raw()), sourceLine: { line, column } }
}
