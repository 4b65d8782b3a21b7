// Where cells begin and end in a text.

/** A quoted cell that is longer is a stray quote. */
const QUOTED_CHARACTERS_MAX = 64 * 1024
const QUOTED_LINES_MAX = 50
const BYTE_ORDER_MARK = '\ufeff'

export interface Layout {
  readonly delimiter: string
  readonly quote: string
  /** Cells may have spaces before an opening quote. */
  readonly isPadded: boolean
  /** Lines that are one quoted cell hold a line of cells. */
  readonly isWrapped: boolean
  /** The usual number of cells: helps to find a quote that was never closed. Null: not known yet. */
  readonly width: number | null
}

type Finder = (at: number) => number

export interface Scan extends Layout {
  readonly text: string
  readonly isLast: boolean
  // Each returns the next position from `at` on, or the length of the text.
  readonly quoteFrom: Finder
  readonly delimiterFrom: Finder
  readonly lineEndFrom: Finder
  /** The marks that were passed, over and over included: the work that was done. */
  readonly steps: () => number
}

export interface Cell {
  /** Its text; in quotes, with quotes doubled if `isDoubled`. */
  readonly from: number
  readonly to: number
  readonly isDoubled: boolean
  /** The position of a delimiter, a line end or the end of the text. */
  readonly end: number
  /** The number of line ends in it. */
  readonly lines: number
  /** It has quotes, and they are part of it. */
  readonly isStray: boolean
}

export function createScan(text: string, layout: Layout, isLast: boolean): Scan {
  const work = { steps: 0 }
  const find = (mark: string) => finder(text, mark, work)
  const [lineFeedFrom, returnFrom] = [find('\n'), find('\r')]
  return {
    ...layout,
    ...{ text, isLast, quoteFrom: find(layout.quote), delimiterFrom: find(layout.delimiter) },
    lineEndFrom: (at) => Math.min(lineFeedFrom(at), returnFrom(at)),
    steps: () => work.steps,
  }
}

/**
 * Keeps the positions that were found: reading looks ahead and comes back, and a search from the same place again and
 * again would make the time grow with the square of the text.
 */
function finder(text: string, mark: string, work: { steps: number }): Finder {
  const positions: number[] = []
  let index = 0
  // The mark is nowhere between these two.
  let [from, found] = [0, -1]
  return (at) => {
    work.steps += 1
    if (at >= from && at <= found) return found
    while (index > 0 && (positions[index - 1] ?? 0) >= at) {
      index -= 1
      work.steps += 1
    }
    while (index < positions.length && (positions[index] ?? 0) < at) {
      index += 1
      work.steps += 1
    }
    while (index === positions.length) {
      const next = text.indexOf(mark, (positions.at(-1) ?? -1) + 1)
      positions.push(next < 0 ? text.length : next)
      if ((positions[index] ?? 0) < at && next >= 0) index += 1
      work.steps += 1
    }
    found = positions[index] ?? text.length
    from = index === 0 ? 0 : (positions[index - 1] ?? 0) + 1
    return found
  }
}

/** `unknown`: more text is needed. */
export function readCell(scan: Scan, at: number): Cell | 'unknown' {
  const quoted = readInQuotes(scan, at)
  if (quoted === 'unknown') return quoted
  const end = quoted ? quoted.end : Math.min(scan.delimiterFrom(at), scan.lineEndFrom(at))
  if (end === scan.text.length && !scan.isLast) return 'unknown'
  if (quoted) return quoted
  return { from: at, to: end, isDoubled: false, end, lines: 0, isStray: scan.quoteFrom(at) < end }
}

export function valueOf({ text, quote }: Scan, { from, to, isDoubled }: Cell): string {
  const value = text.slice(from, to)
  return isDoubled ? value.replaceAll(quote + quote, quote) : value
}

/** Null: the cell is not quoted. */
function readInQuotes(scan: Scan, start: number): Cell | 'unknown' | null {
  const marked = scan.text[start] === BYTE_ORDER_MARK ? start + 1 : start
  const opening = scan.isPadded ? skipSpaces(scan, marked) : marked
  return scan.text[opening] === scan.quote ? findClosing(scan, opening, skipSpaces) : null
}

/** A line that is one quoted cell, perhaps with separators behind it. Null: it is none. */
export function readLineInQuotes(scan: Scan, start: number): Cell | 'unknown' | null {
  const opening = scan.text[start] === BYTE_ORDER_MARK ? start + 1 : start
  if (scan.text[opening] !== scan.quote) return null
  const cell = findClosing(scan, opening, skipSeparators)
  return cell === null || cell === 'unknown' || scan.text[cell.end] !== scan.delimiter ? cell : null
}

/** Null: the quote at `opening` does not open a quoted cell. */
function findClosing(scan: Scan, opening: number, skip: typeof skipSpaces): Cell | 'unknown' | null {
  const { text, delimiter, isLast, quote } = scan
  let lines = 0
  for (let from = opening + 1; ;) {
    const at = scan.quoteFrom(from)
    lines += countLines(scan, from, at)
    if (at - opening > QUOTED_CHARACTERS_MAX || lines > QUOTED_LINES_MAX) return null
    if (at === text.length) return isLast ? null : 'unknown'
    if (text[at + 1] === quote) {
      from = at + 2
      continue
    }
    const end = skip(scan, at + 1)
    if (end === text.length && !isLast) return 'unknown'
    const isClosing = end === text.length || text[end] === delimiter || text[end] === '\n' || text[end] === '\r'
    if (!isClosing) return null
    return { from: opening + 1, to: at, isDoubled: from !== opening + 1, end, lines, isStray: false }
  }
}

function skipSpaces({ text, delimiter }: Scan, from: number): number {
  if (delimiter === ' ') return from
  let at = from
  while (text[at] === ' ') at += 1
  return at
}

function skipSeparators({ text }: Scan, from: number): number {
  let at = from
  while (/[ ;,\t|]/.test(text[at] ?? '')) at += 1
  return at
}

function countLines(scan: Scan, from: number, to: number): number {
  let count = 0
  for (let at = scan.lineEndFrom(from); at < to; at = scan.lineEndFrom(at + 1)) {
    const isHalf = scan.text[at] === '\r' && scan.text[at + 1] === '\n'
    if (!isHalf) count += 1
    // More than that is not read.
    if (count > QUOTED_LINES_MAX) break
  }
  return count
}

/** Null: the text ends without a line end, or in half of one. */
export function afterLineEnd({ text, isLast }: Scan, at: number): number | null {
  if (at >= text.length) return isLast ? text.length : null
  if (text[at] !== '\r') return at + 1
  if (at + 1 === text.length && !isLast) return null
  return text[at + 1] === '\n' ? at + 2 : at + 1
}
