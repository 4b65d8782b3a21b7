// Where a table ends: another one below it has columns or a meaning of its own, so its rows are no sales of the first.
import { cleanCell } from '#crm/csv/cells.ts'
import { hitsOf } from '#crm/csv/header.ts'
import type { Plan } from '#crm/csv/plan.ts'
import { headerScore, normalizeHeader } from '#crm/csv/words.ts'

const HITS_MIN = 2
const CERTAIN = 0.85
const NAMES_LOOKED_AT = 500
const TITLE_LENGTH_MAX = 60
/** A title above rows that are no sales, though they may have the same columns. */
const TITLE =
  /^(?:возврат|отмен|аннулир|сторно|расход|выплат|изъят|инкасс|внесен|не ?оплач|refund|return|void|cancel|expense|payout|unpaid|chargeback)\p{L}*(?:[\s:.]|$)/iu
/** Headers of sales name a day or money; this spares most rows of text the search for all known words. */
const OF_SALES =
  /дат|час|врем|ден|період|период|сум|итог|всего|выруч|цен|стоим|оплат|dat|time|day|amount|total|sum|price|paid|fecha|hora|import|betrag|montant|kwota|částka|tutar/i
const DIGIT_FIRST = /^\s*["'=(]*[-+−]?\d/

/** `header`: the same names once more, as in files that were glued together. */
export type RowKind = 'row' | 'header' | 'other_table'

export type RowKinds = (cells: readonly string[]) => RowKind

export function createRowKinds(headerRows: readonly (readonly string[])[]): RowKinds {
  const own = new Set(headerRows.map(keyOf))
  return (cells) => {
    // Nearly all rows have a sum or a date, and no name of a column begins with a digit.
    if (own.size === 0 || cells.some((cell) => DIGIT_FIRST.test(cell))) return 'row'
    const filled = textsOf(cells)
    const [title = '', ...more] = filled
    if (more.length === 0) return title.length <= TITLE_LENGTH_MAX && TITLE.test(title) ? 'other_table' : 'row'
    if (own.has(keyOf(cells))) return 'header'
    if (!filled.some((name) => OF_SALES.test(name))) return 'row'
    const names = filled.slice(0, NAMES_LOOKED_AT).map(normalizeHeader)
    const hits = hitsOf(names)
    // No sale has a word for a date in the place of one.
    const isDated = names.some((name) => headerScore(name, 'date') >= CERTAIN)
    return (hits >= HITS_MIN || isDated) && hits * 3 >= names.length ? 'other_table' : 'row'
  }
}

function keyOf(row: readonly string[]): string {
  return textsOf(row).join('\n').toLowerCase()
}

export function textsOf(cells: readonly string[]): string[] {
  return cells.map(cleanCell).filter((cell) => cell !== '')
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
