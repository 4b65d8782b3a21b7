// Finds the delimiter and the header: every plausible delimiter is tried on the first rows with the real parser. The
// right one gives rows of equal width with plausible cells, below known words.
import { cleanCell } from '#crm/csv/cells.ts'
import { readDate } from '#crm/csv/dates.ts'
import { isSum } from '#crm/csv/money.ts'
import { type CsvRecord, parseRecords } from '#crm/csv/parse.ts'
import { refuse } from '#crm/csv/refuse.ts'
import type { Settings } from '#crm/csv/settings.ts'
import { FIELDS, FISCAL, headerScore, LINES, normalizeHeader, TENDERS } from '#crm/csv/words.ts'

const DELIMITERS = [';', ',', '\t', '|'] as const
const ROWS_TRIED = 200
const HEADER_ROWS = 30
const HITS_MIN = 2
/** Excel's hint in the first line. */
const HINT = /^"?sep=(\\t|.)"?(?:\r\n|\r|\n|$)/i
const KNOWN = [...FISCAL, LINES, TENDERS]

export interface Dialect {
  readonly delimiter: string
  readonly isPadded: boolean
  readonly width: number
  /** The cells are cleaned; `end` is where the rows begin, `line` counts from 0. */
  readonly header: { readonly cells: readonly string[]; readonly end: number; readonly line: number }
  readonly rowsLine: number
  /** The number of known words in the header. */
  readonly hits: number
}

/** Throws CrmError `malformed`. */
export function findDialect(text: string, settings: Settings, isWhole: boolean): Dialect {
  const hint = HINT.exec(text)
  const hinted = hint?.[1] === String.raw`\t` ? '\t' : hint?.[1]
  const given = settings.delimiter ?? hinted
  const tried = (given === undefined ? DELIMITERS : [given]).map((delimiter) => {
    const skipped = hint === null ? 0 : hint[0].length
    return tryDelimiter({ text, skipped, isWhole }, delimiter, settings)
  })
  const [best] = tried.toSorted((a, b) => b.score - a.score)
  if (!best || best.score === 0) return refuse('no_table')
  return best
}

interface Sample {
  readonly text: string
  /** The length of the hint's line. */
  readonly skipped: number
  readonly isWhole: boolean
}

interface Tried extends Dialect {
  readonly score: number
}

function tryDelimiter({ text, skipped, isWhole }: Sample, delimiter: string, settings: Settings): Tried {
  const isPadded = countOf(text, `${delimiter} "`) > countOf(text, `${delimiter}"`)
  const body = text.slice(skipped)
  const lines = skipped > 0 ? 1 : 0
  const most = Math.max(ROWS_TRIED, settings.headerLine ?? 0)
  const { records } = parseRecords(body, { delimiter, isPadded, width: null }, isWhole, most)
  const rows = records.map((record) => ({ ...record, line: record.line + lines, cells: record.cells.map(cleanCell) }))
  const filled = rows.filter(({ cells }) => cells.some((cell) => cell !== ''))
  const width = modeOf(filled.map(({ cells }) => cells.length))
  const header = findHeader(rows, width, settings)
  const isRegular = filled.filter(({ cells }) => cells.length === width).length / filled.length
  const cells = filled.slice(1).flatMap((row) => row.cells)
  const isTyped = cells.length === 0 ? 1 : 0.1 + cells.filter(isPlausible).length / cells.length
  const score = width < 2 || !header ? 0 : isRegular * isTyped * Math.log2(width) * (1 + header.hits)
  const row = header?.row ?? { cells: [], end: 0, line: 0 }
  const next = rows[rows.findIndex(({ end }) => end === row.end) + 1]
  return {
    ...{ delimiter, isPadded, width, score, hits: header?.hits ?? 0 },
    header: { cells: row.cells, end: row.end + skipped, line: row.line },
    rowsLine: next?.line ?? row.line + 1,
  }
}

function countOf(text: string, part: string): number {
  return text.split(part).length - 1
}

function modeOf(values: readonly number[]): number {
  const counts = Map.groupBy(values, (value) => value)
  const [most] = [...counts].toSorted(([, a], [, b]) => b.length - a.length)
  return most?.[0] ?? 0
}

function isPlausible(cell: string): boolean {
  return cell === '' || isSum(cell) || readDate(cell, 'dmy') !== null || /^\+?[\d() -]{7,}$/.test(cell)
}

interface Header {
  readonly row: CsvRecord
  readonly hits: number
}

/**
 * The line that the settings name; else the row with the most headers that the settings name; else the first row with
 * known words or of the usual width.
 */
function findHeader(rows: readonly CsvRecord[], width: number, { headerLine, mapping }: Settings): Header | null {
  if (headerLine !== undefined) {
    const row = rows.find(({ line }) => line === headerLine - 1)
    return row ? { row, hits: hitsOf(row) } : null
  }
  const named = Object.entries(mapping).flatMap(([field, text]) =>
    field === 'idScope' || text == null ? [] : [text].flat(),
  )
  const first = rows.slice(0, HEADER_ROWS).map((row) => {
    const names = new Set(row.cells.map(normalizeHeader))
    const matches = named.filter((text) => names.has(normalizeHeader(text)) && normalizeHeader(text) !== '').length
    return { row, matches, hits: hitsOf(row) + matches }
  })
  const most = Math.max(...first.map(({ matches }) => matches))
  const likely = first.filter(({ matches, hits }) => matches === most && hits >= Math.min(HITS_MIN, width))
  const isUsual = ({ row }: Header) => row.cells.length === width
  return likely.find(isUsual) ?? likely[0] ?? first.find(isUsual) ?? null
}

function hitsOf({ cells }: CsvRecord): number {
  const names = cells.map(normalizeHeader)
  return names.filter(
    (name) => KNOWN.some((words) => words.test(name)) || FIELDS.some((field) => headerScore(name, field) > 0),
  ).length
}
