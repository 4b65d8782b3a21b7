// The first bytes of a file → a table: encoding, separator, header, and the rows of the sample. Throws CrmError
// `malformed` for a file that is none.
import type { FileHead } from '#crm/files.ts'
import { cleanCell } from '#crm/csv/cells.ts'
import { type Dialect, findDialect } from '#crm/csv/dialect.ts'
import { bytesOf } from '#crm/csv/encoding.ts'
import { type Head, readHead } from '#crm/csv/head.ts'
import { datumOf } from '#crm/csv/header.ts'
import { bottomOfText } from '#crm/csv/line-ends.ts'
import { type CsvRecord, parseRecords } from '#crm/csv/parse.ts'
import type { Plan } from '#crm/csv/plan.ts'
import { checkContent, checkText, refuse } from '#crm/csv/refuse.ts'
import { createRowKinds, type RowKinds, textsOf } from '#crm/csv/second-table.ts'
import { OWN_EXPORT, type Settings } from '#crm/csv/settings.ts'
import { hasSplitSum } from '#crm/csv/split-sums.ts'
import { EXPORT_HEADER } from '#lib/csv-cell.ts'

const COLUMNS_MAX = 500
/** Some spreadsheets end every row in thousands of empty cells. */
const NAMELESS_MAX = 20
/** As a run reads. */
const PIECE_CHARACTERS = 256 * 1024
/** Of so many rows a fifth with split sums is no accident. */
const ROWS_CHECKED = 1000
const SPLIT_SHARE_MAX = 0.2
/** Rows between a title and the names below it. */
const TITLE_ROWS_MAX = 9

export interface SampleRow {
  /** Cleaned. */
  readonly cells: readonly string[]
  /** In the file, from 1. */
  readonly line: number
}

/** What of a plan is known with the table. */
export type TableLayout = Pick<
  Plan,
  'encoding' | 'delimiter' | 'quote' | 'isPadded' | 'isWrapped' | 'header' | 'headerRows' | 'skipBottom' | 'from'
> & { readonly width: number }

export interface Table extends TableLayout {
  /** False: the first row is data, and its columns have numbers in the place of names. */
  readonly hasHeader: boolean
  /** The headers as they are shown and named in the settings. */
  readonly headers: readonly string[]
  /** Of the first row where there is no header. */
  readonly headerLine: number
  /** The texts above the header, such as a period or a currency. */
  readonly preamble: readonly string[]
  /** Rows of the sample without blank ones, down to another table. */
  readonly rows: readonly SampleRow[]
  /** Another table below this one: its names, or only a title. */
  readonly secondTable: { readonly line: number; readonly headers: readonly string[] } | null
  /** The byte at which the last complete row of the sample ends. */
  readonly to: number
  readonly isWhole: boolean
  /** The file is our own export: no settings are needed, and none apply but the zone. */
  readonly isOwnExport: boolean
}

export function readTable(head: FileHead, given: Settings): Table {
  checkContent(head)
  const read = readHead(head, given)
  const { text, short, encoding } = read
  checkText(short)
  const isOwnExport = text.startsWith(EXPORT_HEADER.join(';'))
  const settings = isOwnExport ? OWN_EXPORT : given
  const dialect = findDialect(short, settings, head.isWhole && short.length === text.length)
  const { header, layout } = dialect
  const before = text.slice(0, dialect.end)
  if (read.isDamaged && before.includes('\ufffd')) refuse('not_utf8')
  const skipBottom = settings.skipBottom ?? 0
  const below = text.slice(dialect.end, head.isWhole ? bottomOfText(text, skipBottom) : text.length)
  const { records, consumed } = parsePieces(below, dialect, head.isWhole)
  const { rows, secondTable } = firstTable(records, dialect)
  checkSums(rows, dialect)
  const names = header.rows.length > 0 ? namesWithin(header.names) : header.names.slice(0, COLUMNS_MAX)
  const offset = read.bom + measure(before, read)
  // The bytes of damaged text cannot be counted, so the sample ends at the last line end.
  const to = read.isDamaged ? lastLineEnd(head.bytes) : offset + measure(below.slice(0, consumed), read)
  return {
    ...{ ...layout, encoding, header: names, skipBottom, isOwnExport, rows, secondTable },
    headerRows: header.rows.map((row) => row.slice(0, COLUMNS_MAX)),
    ...{ hasHeader: header.rows.length > 0, headers: shownHeaders(names), preamble: dialect.preamble },
    headerLine: header.line + 1,
    from: { offset, line: dialect.rowsLine + 1 },
    to: head.isWhole ? head.bytes.byteLength : to,
    isWhole: head.isWhole,
  }
}

/** In pieces as a run reads them; a row that is longer than one ends the sample. */
function parsePieces(text: string, { layout }: Dialect, isWhole: boolean) {
  const records: CsvRecord[] = []
  let [consumed, line] = [0, 0]
  while (consumed < text.length) {
    const isLast = consumed + PIECE_CHARACTERS >= text.length
    const piece = text.slice(consumed, consumed + PIECE_CHARACTERS)
    const parsed = parseRecords(piece, layout, isLast && isWhole)
    for (const record of parsed.records) records.push({ ...record, line: line + record.line })
    if (parsed.records.length === 0) break
    consumed += parsed.consumed
    line += parsed.lines
  }
  return { records, consumed }
}

function firstTable(records: readonly CsvRecord[], { rowsLine, header }: Dialect): Pick<Table, 'rows' | 'secondTable'> {
  const rows: SampleRow[] = []
  const kindOf = createRowKinds(header.rows)
  for (const [index, record] of records.entries()) {
    const kind = kindOf(record.cells)
    if (kind === 'other_table') return { rows, secondTable: secondTable(records.slice(index), rowsLine + 1, kindOf) }
    const cells = record.cells.map(cleanCell)
    if (kind === 'row' && cells.some((cell) => cell !== '')) rows.push({ cells, line: rowsLine + record.line + 1 })
  }
  return { rows, secondTable: null }
}

/** Below a title are the names of the other table, if it has its own. */
function secondTable(
  [title, ...below]: readonly CsvRecord[],
  firstLine: number,
  kindOf: RowKinds,
): Table['secondTable'] {
  const isNames = ({ cells }: CsvRecord) => textsOf(cells).length > 1 && kindOf(cells) !== 'row'
  const names = [title, ...below.slice(0, TITLE_ROWS_MAX)].find((record) => record && isNames(record)) ?? title
  return names ? { line: firstLine + names.line, headers: textsOf(names.cells) } : null
}

/** Refuses a file in which sums are torn apart. Single rows of this kind are rejected. */
function checkSums(rows: readonly SampleRow[], { layout, header }: Dialect): void {
  const some = rows.slice(0, ROWS_CHECKED)
  const split = some.filter(({ cells }) => hasSplitSum(cells, layout.delimiter, header.names.length))
  const [first] = split
  if (!first || split.length < some.length * SPLIT_SHARE_MAX) return
  refuse('decimal_commas', { line: String(first.line) })
}

function namesWithin(names: readonly string[]): string[] {
  const count = names.findLastIndex((name) => name !== '') + 1
  if (count > COLUMNS_MAX) refuse('too_many_columns', { count: String(count), most: String(COLUMNS_MAX) })
  return names.slice(0, Math.min(COLUMNS_MAX, count + NAMELESS_MAX))
}

function measure(text: string, { encoding }: Head): number {
  return bytesOf({ text, isRaw: false }, encoding ?? 'utf-8')
}

function lastLineEnd(bytes: Uint8Array): number {
  return Math.max(bytes.lastIndexOf(10), bytes.lastIndexOf(13)) + 1
}

/** Throws CrmError for a file without a column for the date or the amount, or without rows. */
export function checkTable(table: Table, { columns }: Plan, hasRows: boolean): void {
  const { headers, hasHeader, headerLine } = table
  if (!hasHeader && (!columns.date || !columns.amount)) refuse('no_header', { line: String(headerLine) })
  for (const field of ['date', 'amount'] as const) {
    if (!columns[field]) refuse(`no_${field}_column`, { columns: headers.join(', ').slice(0, 500) })
  }
  if (!hasRows) refuse('no_rows')
}

/** A header as everybody may see it, whatever the row is. */
export function publicHeader({ header }: Plan, at: number): string | null {
  const cell = header[at]
  return cell === undefined || cell === '' || datumOf(cell) !== null ? numberOf(at) : cell
}

/** As the settings name a column by its place. */
function numberOf(at: number): string {
  return `#${at + 1}`
}

/** Makes headers unique: a second `Сумма` is `Сумма (2)`, an empty one is `#3`. */
function shownHeaders(header: readonly string[]): string[] {
  const countByName = new Map<string, number>()
  return header.map((text, column) => {
    const name = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()
    if (name === '') return numberOf(column)
    const count = (countByName.get(name) ?? 0) + 1
    countByName.set(name, count)
    return count === 1 ? name : `${name} (${count})`
  })
}
