// Text → records. Takes any piece of a file that begins at a record, and returns how far complete records reach, so a
// file can be cut anywhere: the end of a piece never changes how a record is read. Row ends may be CR, LF and CRLF in
// one file. A quote opens only at the start of a cell; a stray or unclosed one damages only its own record.

/** A quoted cell that is longer is a stray quote. */
const QUOTED_CHARACTERS_MAX = 64 * 1024
const QUOTED_LINES_MAX = 50

export interface Layout {
  readonly delimiter: string
  /** Cells may have spaces before an opening quote. */
  readonly isPadded: boolean
  /** The usual number of cells: helps to find a quote that was never closed. Null: not known yet. */
  readonly width: number | null
}

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
}

/** `isLast`: the file ends with this text. */
export function parseRecords(text: string, layout: Layout, isLast: boolean, recordsMax = Infinity): Parsed {
  const scan = createScan(text, layout, isLast)
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
  return { records, consumed: at, lines: line }
}

type Finder = (at: number) => number

interface Scan extends Layout {
  readonly text: string
  readonly isLast: boolean
  // Each returns the next position from `at` on, or the length of the text.
  readonly quoteFrom: Finder
  readonly delimiterFrom: Finder
  readonly lineEndFrom: Finder
}

function createScan(text: string, layout: Layout, isLast: boolean): Scan {
  const [lineFeedFrom, returnFrom] = [finder(text, '\n'), finder(text, '\r')]
  return {
    ...layout,
    text,
    isLast,
    quoteFrom: finder(text, '"'),
    delimiterFrom: finder(text, layout.delimiter),
    lineEndFrom: (at) => Math.min(lineFeedFrom(at), returnFrom(at)),
  }
}

/** Remembers the position of the next mark, so that a rare one is not searched for again at every record. */
function finder(text: string, mark: string): Finder {
  let from = 0
  let found = -1
  return (at) => {
    if (at > found || at < from) {
      from = at
      const next = text.indexOf(mark, at)
      found = next < 0 ? text.length : next
    }
    return found
  }
}

interface Found {
  readonly cells: readonly string[]
  readonly end: number
  readonly lines: number
  /** It has a quote in an unquoted cell. */
  readonly isStray: boolean
}

/** Null: more text is needed. */
function readRecord(scan: Scan, start: number): Found | null {
  const { width, text, delimiter } = scan
  const found = readAsQuoted(scan, start)
  const isGood = found !== null && found.cells.length === width && !found.isStray
  if (!found || found.lines === 1 || width === null || isGood) return found
  // A record of several lines with another width or a stray quote may have an unclosed quote. It does when the first
  // line alone has the usual width, or when a good record follows one of its lines.
  const lineEnd = scan.lineEndFrom(start)
  if (text.slice(start, lineEnd).split(delimiter).length === width) return readPlain(scan, start, lineEnd)
  for (let at = lineEnd, lines = 1; at < found.end; lines += 1) {
    const end = afterLineEnd(scan, at)
    const next = end === null ? null : readAsQuoted(scan, end)
    if (end === null || !next) return null
    if (next.cells.length === width && !next.isStray) {
      return { cells: text.slice(start, at).split(delimiter), end, lines, isStray: true }
    }
    at = scan.lineEndFrom(end)
  }
  return found
}

function readAsQuoted(scan: Scan, start: number): Found | null {
  const lineEnd = scan.lineEndFrom(start)
  return scan.quoteFrom(start) >= lineEnd ? readPlain(scan, start, lineEnd) : readQuoted(scan, start)
}

function readPlain(scan: Scan, start: number, lineEnd: number): Found | null {
  const end = afterLineEnd(scan, lineEnd)
  if (end === null) return null
  return { cells: scan.text.slice(start, lineEnd).split(scan.delimiter), end, lines: 1, isStray: false }
}

/** Null: the text ends without a line end, or in half of one. */
function afterLineEnd({ text, isLast }: Scan, at: number): number | null {
  if (at >= text.length) return isLast ? text.length : null
  if (text[at] !== '\r') return at + 1
  if (at + 1 === text.length && !isLast) return null
  return text[at + 1] === '\n' ? at + 2 : at + 1
}

function readQuoted(scan: Scan, start: number): Found | null {
  const { text, delimiter, isLast } = scan
  const cells: string[] = []
  let [lines, isStray] = [1, false]
  for (let at = start; ;) {
    const cell = readCellInQuotes(scan, at)
    if (cell === 'unknown') return null
    // A cell without quotes, or one with stray quotes, which is kept as it is.
    const end = cell ? cell.end : Math.min(scan.delimiterFrom(at), scan.lineEndFrom(at))
    if (end === text.length && !isLast) return null
    const value = cell ? cell.value : text.slice(at, end)
    cells.push(value)
    if (cell) lines += cell.lines
    else isStray ||= value.includes('"')
    at = end + 1
    if (text[end] === delimiter) continue
    const next = afterLineEnd(scan, end)
    return next === null ? null : { cells, end: next, lines, isStray }
  }
}

interface Cell {
  readonly value: string
  /** The position of a delimiter, a line end or the end of the text. */
  readonly end: number
  /** The number of line ends in it. */
  readonly lines: number
}

/** Null: the cell is not quoted. `unknown`: more text is needed. */
function readCellInQuotes(scan: Scan, start: number): Cell | 'unknown' | null {
  const opening = scan.isPadded ? skipSpaces(scan, start) : start
  return scan.text[opening] === '"' ? findClosing(scan, opening) : null
}

/** Null: the quote at `opening` does not open a quoted cell. */
function findClosing(scan: Scan, opening: number): Cell | 'unknown' | null {
  const { text, delimiter, isLast } = scan
  let lines = 0
  for (let from = opening + 1; ;) {
    const quote = scan.quoteFrom(from)
    lines += countLines(scan, from, quote)
    if (quote - opening > QUOTED_CHARACTERS_MAX || lines > QUOTED_LINES_MAX) return null
    if (quote === text.length) return isLast ? null : 'unknown'
    if (text[quote + 1] === '"') {
      from = quote + 2
      continue
    }
    const end = skipSpaces(scan, quote + 1)
    if (end === text.length && !isLast) return 'unknown'
    const isClosing = end === text.length || text[end] === delimiter || text[end] === '\n' || text[end] === '\r'
    if (!isClosing) return null
    const value = text.slice(opening + 1, quote)
    return { value: from === opening + 1 ? value : value.replaceAll('""', '"'), end, lines }
  }
}

function skipSpaces({ text, delimiter }: Scan, from: number): number {
  if (delimiter === ' ') return from
  let at = from
  while (text[at] === ' ') at += 1
  return at
}

function countLines(scan: Scan, from: number, to: number): number {
  let count = 0
  for (let at = scan.lineEndFrom(from); at < to; at = scan.lineEndFrom(at + 1)) {
    const isHalf = scan.text[at] === '\r' && scan.text[at + 1] === '\n'
    if (!isHalf) count += 1
  }
  return count
}
