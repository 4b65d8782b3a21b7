// The first bytes of a file → a table: encoding, separator, header, and the rows of the sample. Throws CrmError
// `malformed` for a file that is none.
import type { FileHead } from '#crm/files.ts'
import { cleanCell } from '#crm/csv/cells.ts'
import { readDate } from '#crm/csv/dates.ts'
import { findDialect } from '#crm/csv/dialect.ts'
import {
  bytesOf,
  CYRILLIC,
  decode,
  decodeDamaged,
  detectEncoding,
  encodingOf,
  markedEncoding,
} from '#crm/csv/encoding.ts'
import { isSum } from '#crm/csv/money.ts'
import { parseRecords } from '#crm/csv/parse.ts'
import type { FileOffset, Plan } from '#crm/csv/plan.ts'
import { checkContent, refuse } from '#crm/csv/refuse.ts'
import { Settings } from '#crm/csv/settings.ts'
import { EXPORT_HEADER } from '#lib/csv-cell.ts'
import { normalizePhone } from '#lib/phone.ts'

/** The bytes that decide delimiter, header and encoding. */
const HEAD_BYTES = 64 * 1024
const COLUMNS_MAX = 200

export interface SampleRow {
  /** Cleaned. */
  readonly cells: readonly string[]
  /** In the file, from 1. */
  readonly line: number
}

export interface Table {
  readonly encoding: string | null
  readonly delimiter: string
  readonly isPadded: boolean
  readonly width: number
  readonly header: readonly string[]
  /** The headers as they are shown and named in the settings. */
  readonly headers: readonly string[]
  readonly headerLine: number
  /** Rows of the sample without blank ones. */
  readonly rows: readonly SampleRow[]
  /** The first row below the header. */
  readonly from: FileOffset
  /** The byte at which the last complete row of the sample ends. */
  readonly to: number
  readonly isWhole: boolean
  /** The file is our own export: no settings are needed, and none apply. */
  readonly isOwnExport: boolean
}

export function readTable(head: FileHead, given: Settings): Table {
  checkContent(head)
  const { text, encoding, bom, isDamaged } = readHead(head, given)
  const isOwnExport = text.startsWith(EXPORT_HEADER.join(';'))
  const short = text.slice(0, HEAD_BYTES)
  const isAll = head.isWhole && short.length === text.length
  const dialect = findDialect(short, isOwnExport ? Settings.parse({}) : given, isAll)
  const { delimiter, isPadded, width } = dialect
  const below = text.slice(dialect.header.end)
  const { records, consumed } = parseRecords(below, { delimiter, isPadded, width }, head.isWhole)
  const rows = records
    .map(({ cells, line }) => ({ cells: cells.map(cleanCell), line: dialect.rowsLine + line + 1 }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''))
  const header = dialect.header.cells.slice(0, COLUMNS_MAX)
  const before = text.slice(0, dialect.header.end)
  if (isDamaged && before.includes('\ufffd')) refuse('not_utf8')
  const measure = (part: string) => bytesOf({ text: part, isRaw: false }, encoding ?? 'utf-8')
  const offset = bom + measure(before)
  // The bytes of damaged text cannot be counted, so the sample ends at the last line end.
  const to = isDamaged ? lastLineEnd(head.bytes) : offset + measure(below.slice(0, consumed))
  return {
    ...{ encoding, delimiter, isPadded, width, header, headers: shownHeaders(header), rows, isOwnExport },
    headerLine: dialect.header.line + 1,
    from: { offset, line: dialect.rowsLine + 1 },
    to: head.isWhole ? head.bytes.byteLength : to,
    isWhole: head.isWhole,
  }
}

function lastLineEnd(bytes: Uint8Array): number {
  return Math.max(bytes.lastIndexOf(10), bytes.lastIndexOf(13)) + 1
}

/** Throws CrmError for a file without a column for the date or the amount, or without rows. */
export function checkTable({ header, headers }: Table, { columns }: Plan, hasRows: boolean): void {
  // Of a file without a header the first row stands for it: the numbers of its columns name nobody.
  const names = headers.map((name, at) => (header.some(isDatum) ? numberOf(at) : name)).join(', ')
  for (const field of ['date', 'amount'] as const) {
    if (!columns[field]) refuse(`no_${field}_column`, { columns: names.slice(0, 500) })
  }
  if (!hasRows) refuse('no_rows')
}

/** The headers, or their numbers where the row tells of a sale. A sum alone may as well be a header. */
export function shownNames({ header, headers }: Table): readonly string[] {
  return header.some(isOfSale) ? headers.map((_, at) => numberOf(at)) : headers
}

/** A header as everybody may see it, whatever the row is. */
export function publicHeader({ header }: Plan, at: number): string | null {
  const cell = header[at]
  return cell !== undefined && isDatum(cell) ? numberOf(at) : (cell ?? null)
}

/** As the settings name a column by its place. */
function numberOf(at: number): string {
  return `#${at + 1}`
}

function isDatum(cell: string): boolean {
  return isOfSale(cell) || isSum(cell)
}

function isOfSale(cell: string): boolean {
  return readDate(cell, 'dmy') !== null || cell.includes('@') || normalizePhone(cell) !== null
}
interface Read {
  readonly text: string
  readonly encoding: string | null
  /** Bytes before the text. */
  readonly bom: number
  /** Some of it is not in that encoding. */
  readonly isDamaged: boolean
}

function readHead({ bytes, isWhole }: FileHead, settings: Settings): Read {
  const declared = markedEncoding(bytes) ?? (settings.encoding === undefined ? null : encodingOf(settings.encoding))
  const detected = declared ?? detectEncoding(bytes)
  const bom = bomOf(bytes, detected)
  const read = (encoding: string | null): Read => {
    const { text, isRaw } = decode(bytes.subarray(bom), encoding ?? 'utf-8', isWhole)
    return { text: isRaw ? decodeDamaged(text) : text, encoding, bom, isDamaged: isRaw }
  }
  if (declared !== null || detected !== CYRILLIC[0]) return read(detected)
  // One-byte Cyrillic: the encoding in which the header has known words.
  const readings = CYRILLIC.map(read)
  return readings.find(({ text }) => isKnown(text.slice(0, HEAD_BYTES), settings)) ?? read(detected)
}

function isKnown(text: string, settings: Settings): boolean {
  try {
    return findDialect(text, settings, false).hits >= 2
  } catch {
    return false
  }
}

function bomOf(bytes: Uint8Array, encoding: string | null): number {
  const [a, b, c] = bytes
  if (encoding === 'utf-8' && a === 0xef && b === 0xbb && c === 0xbf) return 3
  const isMarked = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)
  return isMarked && encoding?.startsWith('utf-16') === true ? 2 : 0
}

/** Makes headers unique: a second `Сумма` is `Сумма (2)`, an empty one is `#3`. */
function shownHeaders(header: readonly string[]): string[] {
  const countByName = new Map<string, number>()
  return header.map((text, column) => {
    const name = text.replaceAll(/\s+/g, ' ')
    if (name === '') return numberOf(column)
    const count = (countByName.get(name) ?? 0) + 1
    countByName.set(name, count)
    return count === 1 ? name : `${name} (${count})`
  })
}
