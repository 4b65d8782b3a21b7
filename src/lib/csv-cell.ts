// Cells of CSV files that are opened in spreadsheets.

/** Of our own export. A file that begins so is read by it, whatever the settings say of other files. */
export const EXPORT_HEADER = [
  ...['id', 'date', 'amount', 'currency', 'kind', 'status', 'name', 'phone', 'email', 'card'],
  ...['customer id', 'location'],
]

/** A spreadsheet runs what begins like this; full-width forms too. */
const RUN = '=+\\-@\\t\\r＝＋－＠'
const DANGEROUS = new RegExp(`^(?:[${RUN}]|'+['${RUN}\\d])`)
const MARKED = new RegExp(`^'(?=['${RUN}\\d])`)
const NUMBER = /^[-+]?\d+(?:[.,]\d+)?$/
const PHONE = /^\+\d{7,}$/

/** A text that no spreadsheet runs, by an apostrophe before it. Sums are left alone; a phone is no sum. */
export function guardCell(text: string): string {
  const isSum = NUMBER.test(text) && !PHONE.test(text)
  return !isSum && DANGEROUS.test(text) ? `'${text}` : text
}

/** Takes the apostrophe off again. */
export function unguardCell(text: string): string {
  return text.replace(MARKED, '')
}

/** Cells as a line with its end, quoted where they have to be. */
export function csvLine(cells: readonly string[], delimiter: string): string {
  return `${cells.map((cell) => quoteCell(cell, delimiter)).join(delimiter)}\r\n`
}

function quoteCell(text: string, delimiter: string): string {
  const isPlain = !text.includes(delimiter) && !/["\r\n]|^\s|\s$/.test(text)
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`
}
