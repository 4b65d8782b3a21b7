// Cells → UTF-8 CSV, in one buffer that is emptied again and again.

export interface CsvWriter {
  /** Writes line ends up to a line. */
  readonly toLine: (line: number) => void
  /** Columns from 0, rising within a line. An empty text writes nothing. */
  readonly cell: (column: number, text: string | Uint8Array) => void
  /** Makes the line as wide as the widest before it. */
  readonly endRow: () => void
  /** The end of the last line. */
  readonly end: () => void
  /** What has been written since the last call. */
  readonly take: () => Uint8Array | null
  readonly isEmpty: () => boolean
}

const BOM = Uint8Array.of(0xef, 0xbb, 0xbf)
const QUOTE = 0x22
const LINE_FEED = 10
/** A cell far to the right must not make every line long: shorter lines are read as well. */
const WIDTH_MAX = 300

export function createCsvWriter(delimiter: string): CsvWriter {
  const mark = new TextEncoder().encode(delimiter)
  const out = createOutput()
  let [line, column, width] = [1, 0, 0]
  let isEmpty = true
  const toColumn = (to: number) => {
    for (; column < to; column += 1) out.add(mark)
  }
  out.add(BOM)
  return {
    toLine: (to) => {
      out.fill(LINE_FEED, to - line)
      line = to
      column = 0
    },
    cell: (at, text) => {
      const bytes = typeof text === 'string' ? out.encoded(text) : text
      if (bytes.byteLength === 0) return
      isEmpty = false
      toColumn(at)
      width = Math.max(width, at + 1)
      if (bytes.includes(QUOTE) || includes(bytes, mark)) quote(out, bytes)
      else out.add(bytes)
    },
    endRow: () => toColumn(Math.min(width, WIDTH_MAX) - 1),
    end: () => out.fill(LINE_FEED, 1),
    take: out.take,
    isEmpty: () => isEmpty,
  }
}

function includes(bytes: Uint8Array, [first = 0]: Uint8Array): boolean {
  return bytes.includes(first)
}

function quote(out: Output, bytes: Uint8Array): void {
  out.fill(QUOTE, 1)
  for (let from = 0; from < bytes.byteLength;) {
    const at = bytes.indexOf(QUOTE, from)
    const to = at < 0 ? bytes.byteLength : at + 1
    out.add(bytes.subarray(from, to))
    if (at >= 0) out.fill(QUOTE, 1)
    from = to
  }
  out.fill(QUOTE, 1)
}

type Output = ReturnType<typeof createOutput>

function createOutput() {
  let buffer = new Uint8Array(64 * 1024)
  let scratch = new Uint8Array(1024)
  let used = 0
  const reserve = (bytes: number) => {
    if (used + bytes <= buffer.byteLength) return
    const larger = new Uint8Array(Math.max(buffer.byteLength * 2, used + bytes))
    larger.set(buffer.subarray(0, used))
    buffer = larger
  }
  const encoder = new TextEncoder()
  return {
    add: (bytes: Uint8Array) => {
      reserve(bytes.byteLength)
      buffer.set(bytes, used)
      used += bytes.byteLength
    },
    fill: (byte: number, count: number) => {
      reserve(count)
      buffer.fill(byte, used, used + count)
      used += count
    },
    /** Valid until the next call. */
    encoded: (text: string) => {
      if (scratch.byteLength < text.length * 3) scratch = new Uint8Array(text.length * 3)
      return scratch.subarray(0, encoder.encodeInto(text, scratch).written)
    },
    take: () => {
      if (used === 0) return null
      const taken = buffer.slice(0, used)
      used = 0
      return taken
    },
  }
}
