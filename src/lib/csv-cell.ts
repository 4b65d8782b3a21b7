// Cells of CSV files that are opened in spreadsheets.

/** The header of our own export. A file that begins with it is read as one, whatever the settings say. */
export const EXPORT_HEADER = [
  ...['id', 'date', 'amount', 'currency', 'kind', 'status', 'name', 'phone', 'email', 'card'],
  ...['customer id', 'location'],
]

/** The header of the file of rejected rows. */
export const REJECTED_HEADER = ['line', 'column', 'reason', 'raw'] as const

/**
 * What spreadsheets run: the characters with which a formula begins, full-width forms included, also behind spaces, a
 * byte order mark and quotes; and any control character, since some programs leave it out.
 */
const RUN = '"*(?:\\p{Cc}|\\s*[=+\\-@＝＋－＠])'
const DANGEROUS = new RegExp(`^(?:${RUN}|'+(?:['\\d]|${RUN}))`, 'u')
const MARKED = new RegExp(`^'(?=['\\d]|${RUN})`, 'u')
/**
 * A spreadsheet of another country cuts a line at other marks and knows no quote behind them, so that a cell begins
 * behind each of them.
 */
const MARKS = /([;,|\t\r\n])/
const NUMBER = /^[-+]?\d+(?:[.,]\d+)?$/
const PHONE = /^\+\d{7,}$/

/**
 * Puts an apostrophe before each part of a text that a spreadsheet would run. Numbers stay as they are, phone numbers
 * do not.
 */
export function guardCell(text: string): string {
  if (isSum(text)) return text
  const [first = '', ...rest] = text.split(MARKS)
  const guard = (part: string) => (DANGEROUS.test(part) && !isSum(part.replaceAll('"', '')) ? `'${part}` : part)
  return [
    DANGEROUS.test(text) ? `'${first}` : first,
    ...rest.map((part, at) => (at % 2 === 0 ? part : guard(part))),
  ].join('')
}

function isSum(text: string): boolean {
  return NUMBER.test(text) && !PHONE.test(text)
}

/** Removes the apostrophes of `guardCell`. */
export function unguardCell(text: string): string {
  if (!text.includes("'")) return text
  const [first = '', ...rest] = text.split(MARKS)
  const parts = rest.map((part, at) => (at % 2 === 0 ? part : part.replace(MARKED, '')))
  return [first, ...parts].join('').replace(MARKED, '')
}

/** A line with its end; cells are quoted where needed. */
export function csvLine(cells: readonly string[], delimiter: string): string {
  return `${cells.map((cell) => quoteCell(cell, delimiter)).join(delimiter)}\r\n`
}

function quoteCell(text: string, delimiter: string): string {
  const isPlain = !text.includes(delimiter) && !/["\r\n]|^\s|\s$/.test(text)
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`
}
