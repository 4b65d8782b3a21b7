// A file, read by ranges → rows in batches, each with the byte at which the next one begins. A range begins at a row
// and is read on its own, so a worker can stop after any batch and another can continue there.
import { bytesOf, decode, decodeDamaged, decodeRaw, detectEncoding } from '#crm/csv/encoding.ts'
import { bottomOf, skipLine } from '#crm/csv/line-ends.ts'
import type { FileOffset, Plan } from '#crm/csv/plan.ts'
import { type CsvRecord, parseRecords } from '#crm/csv/parse.ts'
import { createRowKinds, type RowKinds } from '#crm/csv/second-table.ts'
import { readRange, type Source } from '#crm/csv/source.ts'

const RANGE_BYTES = 256 * 1024
const BATCH_ROWS = 1000

export interface Line {
  /** Null: the line cannot be read, for the reason in `problem`. */
  readonly cells: readonly string[] | null
  readonly problem: 'not_utf8' | 'row_too_long' | 'second_table' | null
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

/** Throws FileGone. */
export async function* readBatches(
  source: Source,
  plan: Plan,
  from: FileOffset,
  rangeBytes = RANGE_BYTES,
): AsyncGenerator<Batch> {
  let { encoding } = plan
  const kindOf = createRowKinds(plan.headerRows)
  const bottom = await bottomOf(source, plan.skipBottom, encoding)
  // The lines below are none of the rows, so with the last row all of the file is read.
  const afterRows = (at: FileOffset) => (at.offset < bottom ? at : { ...at, offset: source.bytes })
  for (let fileOffset = from; fileOffset.offset < bottom;) {
    const { offset } = fileOffset
    const range = (await readRange(source, offset, rangeBytes)).subarray(0, bottom - offset)
    encoding ??= detectEncoding(range)
    const isLast = offset + range.byteLength >= bottom
    const piece: Piece = { ...decode(range, encoding ?? 'utf-8', isLast), encoding: encoding ?? 'utf-8', bottom }
    const { records } = parseRecords(piece.text, plan, isLast)
    if (records.length === 0) {
      const lines = [tooLong(piece, fileOffset)]
      fileOffset = afterRows(await skipLine(source, fileOffset, piece.encoding, rangeBytes))
      yield { lines, fileOffset, encoding }
      continue
    }
    for (const batch of batchesOf(piece, records, kindOf, fileOffset)) {
      fileOffset = afterRows(batch.fileOffset)
      yield { lines: batch.lines, fileOffset, encoding }
    }
  }
}

function tooLong({ text, isRaw }: Piece, { line }: FileOffset): Line {
  return { cells: null, problem: 'row_too_long', line, raw: () => (isRaw ? decodeDamaged(text) : text) }
}

interface Piece {
  readonly text: string
  readonly isRaw: boolean
  readonly encoding: string
  /** The byte at which the rows end. */
  readonly bottom: number
}

/** Batches of BATCH_ROWS rows; the last one has what is left of the piece. Blank lines are dropped. */
function* batchesOf(
  piece: Piece,
  records: readonly CsvRecord[],
  kindOf: RowKinds,
  from: FileOffset,
): Generator<Omit<Batch, 'encoding'>> {
  let { offset, isBelowTable = false } = from
  let lines: Line[] = []
  let start = 0
  for (const [index, record] of records.entries()) {
    const line = record.cells.length > 1 || record.cells[0] !== '' ? toLine(piece, record, from.line) : null
    isBelowTable ||= line?.cells != null && kindOf(line.cells) === 'other_table'
    if (line) lines.push(isBelowTable ? { ...line, cells: null, problem: line.problem ?? 'second_table' } : line)
    const next = records[index + 1]
    if (lines.length < BATCH_ROWS && next) continue
    const text = piece.text.slice(start, record.end)
    offset = Math.min(offset + bytesOf({ text, isRaw: piece.isRaw }, piece.encoding), piece.bottom)
    const nextLine = from.line + (next ? next.line : record.line + countLineEnds(piece.text, record))
    yield { lines, fileOffset: { offset, line: nextLine, ...(isBelowTable && { isBelowTable }) } }
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
