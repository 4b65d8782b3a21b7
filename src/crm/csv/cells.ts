import { unguardCell } from '#lib/csv-cell.ts'

/** No date, sum, word or header is longer. What is longer is matched against no pattern. */
export const MATCHED_MAX = 200

/** As formulas of text, or in the quotes of word processors. */
const WRAPPED = /^(?:="([^"]*)"|[“”„]([^“”„]*)[“”])$/
/** A cell that needs no cleaning but of spaces at the end; an apostrophe may be that of an export. */
const PLAIN = /^[\p{L}\d+"][^\0\ufeff']*$/u

/** The text of a cell, without the wrapping of exporters, outer spaces, NUL, and dashes that stand for nothing. */
export function cleanCell(cell: string): string {
  if (cell === '' || PLAIN.test(cell)) return cell.trimEnd()
  const text = cell.replaceAll(/[\0\ufeff]/g, '').trim()
  const [, formula, quoted] = WRAPPED.exec(text) ?? []
  const bare = (formula ?? quoted)?.trim() ?? unguardCell(text)
  return /^[-–—]+$/.test(bare) ? '' : bare
}
