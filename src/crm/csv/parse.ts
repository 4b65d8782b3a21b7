// Text → records. Takes any piece of a file that begins at a record, and returns how far complete records reach, so a
// file can be cut anywhere: the end of a piece never changes how a record is read. Row ends may be CR, LF and CRLF in
// one file. A quote opens only at the start of a cell; a stray or unclosed one damages only its own record.
import {
  afterLineEnd,
  createScan,
  type Layout,
  readCell,
  readLineInQuotes,
  type Scan as Cells,
  valueOf,
} from '#crm/csv/scan.ts'

export type { Layout } from '#crm/csv/scan.ts'

export interface CsvRecord {
  readonly cells: readonly string[]
  /** Where it begins, and where the next one begins. */
  readonly start: number
  readonly end: number
  /** The number of line ends before it in this piece. */
  readonly line: number
}

export interface Parsed {
  readonly records: readonly CsvRecord[]
  /** Characters and line ends of the complete records. */
  readonly consumed: number
  readonly lines: number
  /** The work that was done; grows with the text, whatever is in it. */
  readonly steps: number
}

/** `isLast`: the file ends with this text. */
export function parseRecords(text: string, layout: Layout, isLast: boolean, recordsMax = Infinity): Parsed {
  const scan: Scan = { ...createScan(text, layout, isLast), extents: new Map() }
  const records: CsvRecord[] = []
  let at = 0
  let line = 0
  while (at < text.length && records.length < recordsMax) {
    const found = readRecord(scan, at)
    if (!found) break
    records.push({ cells: found.cells, start: at, end: found.end, line })
    at = found.end
    line += found.lines
  }
  return { records, consumed: at, lines: line, steps: scan.steps() + scan.extents.size }
}

interface Extent {
  /** The number of cells. */
  readonly cells: number
  readonly end: number
  readonly lines: number
  /** It has a quote in an unquoted cell. */
  readonly isStray: boolean
}

interface Scan extends Cells {
  /** From the start of a cell to the end of its record; null: more text is needed. */
  readonly extents: Map<number, Extent | null>
}

interface Found {
  readonly cells: readonly string[]
  readonly end: number
  readonly lines: number
}

/** Null: more text is needed. */
function readRecord(scan: Scan, start: number): Found | null {
  const { width, text, delimiter } = scan
  const lineEnd = scan.lineEndFrom(start)
  if (scan.quoteFrom(start) >= lineEnd) return readPlain(scan, start, lineEnd)
  const wrapped = scan.isWrapped ? readWrapped(scan, start) : 'plain'
  if (wrapped !== 'plain') return wrapped
  const line = readQuoted(scan, start, width === null ? Infinity : 1)
  if (line !== 'longer') return line
  const found = extentOf(scan, start)
  if (!found || (found.cells === width && !found.isStray)) return found && readWhole(scan, start)
  // A record of several lines with another width or a stray quote may have an unclosed quote. It does when the first
  // line alone has the usual width, or when a good record follows one of its lines.
  if (text.slice(start, lineEnd).split(delimiter).length === width) return readPlain(scan, start, lineEnd)
  for (let at = lineEnd, lines = 1; at < found.end; lines += 1) {
    const end = afterLineEnd(scan, at)
    const next = end === null ? null : extentOf(scan, end)
    if (end === null || !next) return null
    if (next.cells === width && !next.isStray) return { cells: text.slice(start, at).split(delimiter), end, lines }
    at = scan.lineEndFrom(end)
  }
  return readWhole(scan, start)
}

function readPlain(scan: Scan, start: number, lineEnd: number): Found | null {
  const end = afterLineEnd(scan, lineEnd)
  if (end === null) return null
  return { cells: scan.text.slice(start, lineEnd).split(scan.delimiter), end, lines: 1 }
}

/** `plain`: the line is not one quoted cell that holds several. */
function readWrapped(scan: Scan, start: number): Found | 'plain' | null {
  const cell = readLineInQuotes(scan, start)
  if (cell === 'unknown') return null
  if (!cell) return 'plain'
  const end = afterLineEnd(scan, cell.end)
  if (end === null) return null
  const inner = parseRecords(valueOf(scan, cell), { ...scan, isWrapped: false, width: null }, true, 2)
  const [line, ...more] = inner.records
  return !line || line.cells.length < 2 || more.length > 0 ? 'plain' : { cells: line.cells, end, lines: 1 + cell.lines }
}

function readWhole(scan: Scan, start: number): Found | null {
  const found = readQuoted(scan, start, Infinity)
  return found === 'longer' ? null : found
}

/** `longer`: it has more lines than `linesMax`. */
function readQuoted(scan: Scan, start: number, linesMax: number): Found | 'longer' | null {
  const cells: string[] = []
  let lines = 1
  for (let at = start; ;) {
    const cell = readCell(scan, at)
    if (cell === 'unknown') return null
    lines += cell.lines
    if (lines > linesMax) return 'longer'
    cells.push(valueOf(scan, cell))
    at = cell.end + 1
    if (scan.text[cell.end] === scan.delimiter) continue
    const end = afterLineEnd(scan, cell.end)
    return end === null ? null : { cells, end, lines }
  }
}

/** The extent of the record that begins at `start`. Records that begin at different lines soon share their cells. */
function extentOf(scan: Scan, start: number): Extent | null {
  const { extents } = scan
  const passed: { readonly at: number; readonly lines: number; readonly isStray: boolean }[] = []
  let rest: Extent | null | undefined
  for (let at = start; rest === undefined;) {
    rest = extents.get(at)
    if (rest !== undefined) break
    const cell = readCell(scan, at)
    if (cell === 'unknown') {
      passed.push({ at, lines: 0, isStray: false })
      rest = null
      break
    }
    passed.push({ at, lines: cell.lines, isStray: cell.isStray })
    at = cell.end + 1
    if (scan.text[cell.end] === scan.delimiter) continue
    const end = afterLineEnd(scan, cell.end)
    rest = end === null ? null : { cells: 0, end, lines: 1, isStray: false }
  }
  for (const { at, lines, isStray } of passed.toReversed()) {
    rest = rest ? { ...rest, cells: rest.cells + 1, lines: rest.lines + lines, isStray: rest.isStray || isStray } : null
    extents.set(at, rest)
  }
  return rest ?? null
}
