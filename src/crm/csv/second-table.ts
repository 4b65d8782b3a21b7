// Where a table ends: another one below it has columns or a meaning of its own, so its rows are no sales of the first.
import { cleanCell } from '#crm/csv/cells.ts'
import { hitsOf } from '#crm/csv/header.ts'
import type { Plan } from '#crm/csv/plan.ts'
import { normalizeHeader } from '#crm/csv/words.ts'

const HITS_MIN = 2
const TITLE_LENGTH_MAX = 60
/** A title above rows that are no sales, though they may have the same columns. */
const TITLE =
  /^(?:возврат|отмен|аннулир|сторно|расход|выплат|изъят|инкасс|внесен|не ?оплач|refund|return|void|cancel|expense|payout|unpaid|chargeback)\p{L}*(?:[\s:.]|$)/iu
const DIGIT_FIRST = /^\s*["'=(]*[-+−]?\d/

/** `header`: the same names once more, as in files that were glued together. */
export type RowKind = 'row' | 'header' | 'other_table'

export function kindOfRow(cells: readonly string[], headerRows: readonly (readonly string[])[]): RowKind {
  // Nearly all rows have a sum or a date, and no name of a column begins with a digit.
  if (headerRows.length === 0 || cells.some((cell) => DIGIT_FIRST.test(cell))) return 'row'
  const filled = textsOf(cells)
  const [title = '', ...more] = filled
  if (more.length === 0) return title.length <= TITLE_LENGTH_MAX && TITLE.test(title) ? 'other_table' : 'row'
  const names = filled.map(normalizeHeader)
  if (isRepeated(names, headerRows)) return 'header'
  const hits = hitsOf(names)
  return hits >= HITS_MIN && hits * 3 >= names.length ? 'other_table' : 'row'
}

export function textsOf(cells: readonly string[]): string[] {
  return cells.map(cleanCell).filter((cell) => cell !== '')
}

function isRepeated(names: readonly string[], headerRows: readonly (readonly string[])[]): boolean {
  const key = (row: readonly string[]) => row.filter((name) => name !== '').join('\n')
  return headerRows.some((row) => key(row.map(normalizeHeader)) === key(names))
}

/** Whether a row is the header once more, as in files that were glued together; `date` is its cell of the date. */
export function createHeaderCheck({ header, headerRows, columns }: Plan) {
  const fold = (cell: string) => cell.toLowerCase()
  const rows = [header, ...headerRows].map((row) => row.map(fold))
  const at = columns.date?.[0] ?? -1
  return (raw: readonly string[], date: string): boolean => {
    const folded = fold(date)
    return rows.some(
      (row) => folded === (row[at] ?? '') && row.every((cell, column) => cell === fold(cleanCell(raw[column] ?? ''))),
    )
  }
}
