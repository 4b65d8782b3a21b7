// A file, read by ranges → rows in batches, each with the byte at which the next one begins. A range begins at a row
// and is read on its own, so a worker can stop after any batch and another can continue there.
import { bytesOf, decode, decodeDamaged, decodeRaw, detectEncoding } from '#crm/csv/encoding.ts'
import type { FileOffset, Plan } from '#crm/csv/plan.ts'
import { type CsvRecord, type Layout, parseRecords } from '#crm/csv/parse.ts'

const RANGE_BYTES = 256 * 1024
const BATCH_ROWS = 1000

/** Null: the file is gone. */
export type ReadRange = (from: number, bytes: number) => Promise<Uint8Array | null>

export interface Line {
  /** Null: the line cannot be read, for the reason in `problem`. */
  readonly cells: readonly string[] | null
  readonly problem: 'not_utf8' | 'row_too_long' | null
  readonly line: number
  /** Its text, for the person who has to correct it. */
  readonly raw: () => string
}

export interface Batch {
  readonly lines: readonly Line[]
  /** Where the next batch begins. */
  readonly fileOffset: FileOffset
  /** Null while all characters were ASCII. */
  readonly encoding: string | null
}

export interface Source {
  readonly bytes: number
  readonly read: ReadRange
}

export class FileGone extends Error {
  override readonly name = 'FileGone'
}

/** Throws FileGone. */
export async function* readBatches(
  { bytes, read }: Source,
  plan: Plan,
  from: FileOffset,
  rangeBytes = RANGE_BYTES,
): AsyncGenerator<Batch> {
  const layout: Layout = plan
  let { encoding } = plan
  for (let fileOffset = from; fileOffset.offset < bytes;) {
    const range = await read(fileOffset.offset, rangeBytes)
    if (range === null || range.byteLength === 0) throw new FileGone()
    encoding ??= detectEncoding(range)
    const isLast = fileOffset.offset + range.byteLength >= bytes
    const piece = decode(range, encoding ?? 'utf-8', isLast)
    const { records } = parseRecords(piece.text, layout, isLast)
    if (records.length === 0) {
      const next = await skipLine({ bytes, read }, fileOffset, encoding ?? 'utf-8', rangeBytes)
      const start = piece.isRaw ? decodeDamaged(piece.text.slice(0, 500)) : piece.text.slice(0, 500)
      yield {
        lines: [{ cells: null, problem: 'row_too_long', line: fileOffset.line, raw: () => start }],
        fileOffset: next,
        encoding,
      }
      fileOffset = next
      continue
    }
    for (const batch of batchesOf({ ...piece, encoding: encoding ?? 'utf-8', bytes }, records, fileOffset)) {
      yield { ...batch, encoding }
      fileOffset = batch.fileOffset
    }
  }
}

interface Piece {
  readonly text: string
  readonly isRaw: boolean
  readonly encoding: string
  /** Bytes of the whole file. */
  readonly bytes: number
}

/** Batches of BATCH_ROWS rows; the last one has what is left of the piece. Blank lines are dropped. */
function* batchesOf(piece: Piece, records: readonly CsvRecord[], from: FileOffset): Generator<Omit<Batch, 'encoding'>> {
  let { offset } = from
  let lines: Line[] = []
  let start = 0
  for (const [index, record] of records.entries()) {
    if (record.cells.length > 1 || record.cells[0] !== '') lines.push(toLine(piece, record, from.line))
    const next = records[index + 1]
    if (lines.length < BATCH_ROWS && next) continue
    const text = piece.text.slice(start, record.end)
    offset = Math.min(offset + bytesOf({ text, isRaw: piece.isRaw }, piece.encoding), piece.bytes)
    const line = from.line + (next ? next.line : record.line + countLineEnds(piece.text, record))
    yield { lines, fileOffset: { offset, line } }
    lines = []
    start = record.end
  }
}

/** The line ends that belong to a record. */
function countLineEnds(text: string, { start, end }: CsvRecord): number {
  return text.slice(start, end).match(/\r\n|\r|\n/g)?.length ?? 0
}

/** Where a record ends without its line ends. */
function endOfText(text: string, start: number, end: number): number {
  let at = end
  while (at > start && (text[at - 1] === '\n' || text[at - 1] === '\r')) at -= 1
  return at
}

function toLine({ text, isRaw }: Piece, { cells, start, end, line }: CsvRecord, firstLine: number): Line {
  const raw = () => text.slice(start, endOfText(text, start, end))
  const at = firstLine + line
  if (!isRaw) return { cells, problem: null, line: at, raw }
  const decoded = cells.map(decodeRaw)
  const whole = decoded.flatMap((cell) => (cell === null ? [] : [cell]))
  const isWhole = whole.length === cells.length
  return {
    cells: isWhole ? whole : null,
    problem: isWhole ? null : 'not_utf8',
    line: at,
    raw: () => decodeDamaged(raw()),
  }
}

/** The offset after a line that is too long; its text is dropped. */
async function skipLine(
  { bytes, read }: Source,
  from: FileOffset,
  encoding: string,
  rangeBytes: number,
): Promise<FileOffset> {
  const width = encoding.startsWith('utf-16') ? 2 : 1
  const line = from.line + 1
  for (let { offset } = from; offset < bytes;) {
    const range = await read(offset, rangeBytes)
    if (range === null || range.byteLength === 0) throw new FileGone()
    const codeAt = (at: number) => {
      const [a = 0, b = 0] = [range[at], range[at + 1]]
      if (width === 1) return a
      return encoding === 'utf-16le' ? a + b * 256 : a * 256 + b
    }
    for (let at = 0; at < range.byteLength; at += width) {
      const code = codeAt(at)
      if (code !== 10 && code !== 13) continue
      const isPair = code === 13 && codeAt(at + width) === 10
      return { offset: Math.min(offset + at + (isPair ? 2 : 1) * width, bytes), line }
    }
    offset += range.byteLength
  }
  return { offset: bytes, line }
}
