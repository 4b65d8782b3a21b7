// How to read a file: made from its first bytes, stored in the cursor, the same for the preview, the check of an upload
// and the run. Throws CrmError `malformed` for a file that is not a table of sales.
import * as z from 'zod'
import type { FileHead } from '#crm/files.ts'
import { cleanCell } from '#crm/csv/cells.ts'
import { type Columns, findColumns } from '#crm/csv/columns.ts'
import { dateOrderOf, readDate } from '#crm/csv/dates.ts'
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
import { decimalMarkOf, readSum } from '#crm/csv/money.ts'
import { parseRecords } from '#crm/csv/parse.ts'
import { checkContent, refuse } from '#crm/csv/refuse.ts'
import { Settings } from '#crm/csv/settings.ts'
import { FIELDS } from '#crm/csv/words.ts'
import { EXPORT_HEADER } from '#lib/csv-cell.ts'
import { normalizePhone } from '#lib/phone.ts'

/** The bytes that decide delimiter, header and encoding, and whether an upload is refused. */
export const HEAD_BYTES = 64 * 1024
/** The bytes that decide decimal marks and the order of dates. */
export const SAMPLE_BYTES = 1_000_000
const COLUMNS_MAX = 200

const at = z.int().nonnegative()

export const Plan = z.strictObject({
  /** Null: only ASCII so far. */
  encoding: z.string().nullable(),
  delimiter: z.string(),
  isPadded: z.boolean(),
  /** The usual number of cells in a row. */
  width: z.int().nullable(),
  header: z.array(z.string()),
  columns: z.partialRecord(z.enum(FIELDS), z.array(at)),
  idScope: z.enum(['global', 'day']),
  isIdSure: z.boolean().default(true),
  rows: z.enum(['sales', 'lines', 'distinct', 'whole']),
  /** One for each column of the amount. */
  decimals: z.array(z.enum(['.', ',']).nullable()),
  dateOrder: z.enum(['dmy', 'mdy']),
})
export type Plan = z.infer<typeof Plan>

export interface Planned {
  readonly plan: Plan
  readonly found: Columns
  /** The headers as they are shown and named in the settings. */
  readonly headers: readonly string[]
  readonly headerLine: number
  /** Rows of the sample, cleaned. */
  readonly rows: readonly (readonly string[])[]
  readonly isDateOrderSure: boolean
  /** The first row below the header. */
  readonly from: { readonly offset: number; readonly line: number }
  /** The byte at which the last complete row of the sample ends. */
  readonly to: number
}

export function planFile(head: FileHead, given: Settings): Planned {
  checkContent(head)
  const { text, encoding, bom, isDamaged } = readHead(head, given)
  const settings = text.startsWith(EXPORT_HEADER.join(';')) ? Settings.parse({}) : given
  const short = text.slice(0, HEAD_BYTES)
  const dialect = findDialect(short, settings, head.isWhole && short.length === text.length)
  const layout = { delimiter: dialect.delimiter, isPadded: dialect.isPadded, width: null }
  const below = text.slice(dialect.header.end)
  const { records, consumed } = parseRecords(below, { ...layout, width: dialect.width }, head.isWhole)
  const rows = records.map(({ cells }) => cells.map(cleanCell)).filter((cells) => cells.some((cell) => cell !== ''))
  const header = dialect.header.cells.slice(0, COLUMNS_MAX)
  const headers = shownHeaders(header)
  const found = findColumns({ headers, rows }, settings)
  const cellsOf = (column: number) => rows.flatMap((row) => (row[column] ? [row[column]] : []))
  const dates = dateOrderOf(found.fields.date?.at.flatMap(cellsOf) ?? [])
  const columns = Object.fromEntries(Object.entries(found.fields).map(([field, column]) => [field, [...column.at]]))
  const plan: Plan = {
    ...{ encoding, delimiter: dialect.delimiter, isPadded: dialect.isPadded, width: dialect.width, header, columns },
    ...{
      idScope: found.idScope,
      isIdSure: found.isIdSure,
      rows: found.rows,
      dateOrder: settings.dateOrder ?? dates.order,
    },
    decimals: (found.fields.amount?.at ?? []).map((column) => settings.decimal ?? decimalMarkOf(cellsOf(column))),
  }
  const before = text.slice(0, dialect.header.end)
  if (isDamaged && before.includes('\ufffd')) refuse('not_utf8')
  const measure = (part: string) => bytesOf({ text: part, isRaw: false }, encoding ?? 'utf-8')
  const offset = bom + measure(before)
  // The bytes of damaged text cannot be counted, so the sample ends at the last line end.
  const to = isDamaged ? lastLineEnd(head.bytes) : offset + measure(below.slice(0, consumed))
  return {
    ...{ plan, found, headers, rows, headerLine: dialect.header.line + 1 },
    isDateOrderSure: settings.dateOrder !== undefined || dates.isSure,
    from: { offset, line: dialect.rowsLine + 1 },
    to: head.isWhole ? head.bytes.byteLength : to,
  }
}

function lastLineEnd(bytes: Uint8Array): number {
  return Math.max(bytes.lastIndexOf(10), bytes.lastIndexOf(13)) + 1
}

/** Throws CrmError for a file without a column for the date or the amount, or without rows. */
export function checkPlan({ plan, headers }: Planned, hasRows: boolean): void {
  for (const field of ['date', 'amount'] as const) {
    if (!plan.columns[field]) refuse(`no_${field}_column`, { columns: namesOf(plan, headers).slice(0, 500) })
  }
  if (!hasRows) refuse('no_rows')
}

/** Of a file without a header the first row stands for it: the numbers of its columns name nobody. */
function namesOf({ header }: Plan, headers: readonly string[]): string {
  return headers.map((name, at) => (header.some(isDatum) ? numberOf(at) : name)).join(', ')
}

/** The headers, or their numbers where the row tells of a sale. A sum alone may as well be a header. */
export function shownNames({ plan: { header }, headers }: Planned): readonly string[] {
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
  return isOfSale(cell) || typeof readSum(cell, ',') === 'string'
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
