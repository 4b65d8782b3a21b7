// The parts of a ZIP archive, read by ranges. Its directory is read by zip.js. The parts are unpacked by the runtime
// itself: zip.js shares its decoders among all requests of an isolate, so one request could wait for another for ever.
// Nothing that the archive says of itself is believed: what comes out is counted, and its checksum compared.
import type { Entry } from '@zip.js/zip.js/lib/zip-core-reader.js'
import { CrmError } from '#lib/crm-error.ts'
import { refuse, workbookError } from '#lib/xlsx/refuse.ts'

export interface Source {
  readonly bytes: number
  /** Fewer bytes at the end of the file. */
  readonly read: (from: number, bytes: number) => Promise<Uint8Array>
}

export interface Archive {
  /** Whatever the case of the letters: 1C names a part `SharedStrings.xml` and refers to `sharedStrings.xml`. */
  readonly has: (path: string) => boolean
  /** The part's size as the archive declares it: no more bytes than that come out. */
  readonly sizeOf: (path: string) => number
  /** Throws CrmError `malformed` for a part that is missing, damaged, or unpacks to more than `bytesMax`. */
  readonly open: (path: string, bytesMax: number) => AsyncGenerator<Uint8Array>
}

/** A workbook with a thousand sheets, pictures and charts has fewer parts. */
const PARTS_MAX = 10_000
/** Only the archive's directory is ever read at once. */
const DIRECTORY_BYTES_MAX = 4 * 1024 * 1024
const RANGE_BYTES = 1024 * 1024
/** XML of the most repetitive sheets packs to a fiftieth; deflate can pack to a thousandth. */
const RATIO_MAX = 200
/** Below this a bomb is none. */
const RATIO_FREE_BYTES = 1024 * 1024
const LOCAL_HEADER_BYTES = 30
const STORED = 0
const DEFLATED = 8

/** Null: the archive has no directory that can be read. Throws what `source.read` throws. */
export async function openArchive(source: Source): Promise<Archive | null> {
  const directory = await readDirectory(source)
  if (!directory) return null
  const entries = Map.groupBy(directory, ({ filename }) => keyOf(filename))
  const entryOf = (path: string) => {
    const [entry, another] = entries.get(keyOf(path)) ?? []
    // Of two parts of one name, programs would disagree on which one counts.
    return entry && !another ? entry : refuse('workbook_damaged')
  }
  return {
    has: (path) => entries.has(keyOf(path)),
    sizeOf: (path) => entryOf(path).uncompressedSize,
    open: (path, bytesMax) => unpack(source, entryOf(path), bytesMax),
  }
}

function keyOf(path: string): string {
  return path.replaceAll('\\', '/').replace(/^\/+/, '').toLowerCase()
}

async function readDirectory(source: Source): Promise<Entry[] | null> {
  // Few isolates ever read a workbook, and it takes a tenth of what a start of the Worker may take.
  const { ZipReader } = await import('@zip.js/zip.js/lib/zip-core-reader.js')
  const { read, failure } = remembered(source)
  const reader = {
    size: source.bytes,
    readable: new ReadableStream(),
    readUint8Array: async (from: number, bytes: number) =>
      bytes > DIRECTORY_BYTES_MAX ? refuse('workbook_damaged') : read(from, bytes),
  }
  const entries: Entry[] = []
  try {
    for await (const entry of new ZipReader(reader).getEntriesGenerator()) {
      if (entries.push(entry) > PARTS_MAX) refuse('workbook_damaged')
    }
  } catch {
    const failed = failure()
    if (failed !== null) throw failed
    return null
  }
  return entries
}

/**
 * Keeps what reading the source threw, since streams and libraries wrap the errors that pass through them. An archive
 * may point anywhere; only what is in the file is asked for.
 */
function remembered(source: Source): { readonly read: Source['read']; readonly failure: () => unknown } {
  let failure: unknown = null
  return {
    failure: () => failure,
    read: async (from, most) => {
      const bytes = Math.min(most, source.bytes - from)
      if (!(from >= 0 && bytes > 0)) return new Uint8Array()
      try {
        return await source.read(from, bytes)
      } catch (error) {
        failure = error
        throw error
      }
    },
  }
}

function asDamage(cause: unknown): CrmError {
  return cause instanceof CrmError ? cause : workbookError('workbook_damaged', {}, cause)
}

async function* unpack(source: Source, entry: Entry, bytesMax: number): AsyncGenerator<Uint8Array> {
  const { compressedSize, uncompressedSize, compressionMethod } = entry
  if (entry.encrypted) refuse('encrypted')
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED) refuse('workbook_damaged')
  const isBomb = uncompressedSize > RATIO_FREE_BYTES && uncompressedSize > compressedSize * RATIO_MAX
  if (uncompressedSize > bytesMax || isBomb) refuse('workbook_too_large')
  const { read, failure } = remembered(source)
  const packed = streamOf(gzipOf({ ...source, read }, entry))
  const chunks = packed.pipeThrough(new DecompressionStream('gzip'))[Symbol.asyncIterator]()
  let bytes = 0
  try {
    for (;;) {
      const { done, value } = await nextOf(chunks, failure)
      if (done === true) break
      bytes += value.byteLength
      if (bytes > uncompressedSize) refuse('workbook_damaged')
      yield value
    }
  } finally {
    // A stream that broke throws its error again here.
    await chunks.return?.().catch(() => undefined)
  }
  if (bytes !== uncompressedSize) refuse('workbook_damaged')
}

function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: async (controller) => {
      const next = await chunks.next()
      if (next.done === true) controller.close()
      else controller.enqueue(next.value)
    },
    cancel: async () => void (await chunks.return(undefined)),
  })
}

async function nextOf(chunks: AsyncIterator<Uint8Array, unknown>, failure: () => unknown) {
  try {
    return await chunks.next()
  } catch (error) {
    throw failure() ?? asDamage(error)
  }
}

/** A part as a gzip file (RFC 1952), so that the runtime compares its size and checksum too. */
async function* gzipOf(source: Source, entry: Entry): AsyncGenerator<Uint8Array> {
  const { offset, compressedSize, compressionMethod, crc32 = 0, uncompressedSize } = entry
  const header = await source.read(offset, LOCAL_HEADER_BYTES)
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength)
  if (header.byteLength < LOCAL_HEADER_BYTES || view.getUint32(0, true) !== 0x04034b50) refuse('workbook_damaged')
  const start = offset + LOCAL_HEADER_BYTES + view.getUint16(26, true) + view.getUint16(28, true)
  yield Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255)
  for (let at = 0; at < compressedSize;) {
    const range = await source.read(start + at, Math.min(RANGE_BYTES, compressedSize - at))
    if (range.byteLength === 0) refuse('workbook_damaged')
    at += range.byteLength
    if (compressionMethod === DEFLATED) yield range
    else yield* storedBlocks(range)
  }
  if (compressionMethod === STORED) yield Uint8Array.of(1, 0, 0, 0xff, 0xff)
  const trailer = new DataView(new ArrayBuffer(8))
  trailer.setUint32(0, crc32, true)
  trailer.setUint32(4, uncompressedSize % 2 ** 32, true)
  yield new Uint8Array(trailer.buffer)
}

/** RFC 1951, 3.2.4. */
function* storedBlocks(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 0xffff) {
    const block = bytes.subarray(at, at + 0xffff)
    const { byteLength } = block
    yield Uint8Array.of(0, byteLength & 0xff, byteLength >> 8, ~byteLength & 0xff, (~byteLength >> 8) & 0xff)
    yield block
  }
}
