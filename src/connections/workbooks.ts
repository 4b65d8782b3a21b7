// Workbooks in the place of tables: a sheet is written as CSV once, when its file arrives, and everything after reads
// that CSV.
import type { Context } from '#context.ts'
import type { FileHead } from '#crm/files.ts'
import { CrmError } from '#lib/crm-error.ts'
import { type Chunks, readHead } from '#lib/read-body.ts'
import { isPacked, openSheet, type SheetOptions, type Source, WORKBOOK_BYTES_MAX } from '#lib/xlsx/index.ts'
import { fileKey, PART_BYTES, storeFile } from '#connections/file-store.ts'

const tooLarge = () => new CrmError('malformed', { reason: 'workbook_too_large', isFinal: true })

/**
 * Puts the sheet of a stored workbook in the place of its file and returns the bytes of the CSV. Any other file stays
 * as it is. Repeating it is harmless. Throws CrmError `malformed`; the file stays then, too.
 */
export async function toTable(
  { files, config }: Context,
  key: string,
  bytes: number,
  options: SheetOptions,
): Promise<number> {
  const source = storedSource(files, key, bytes)
  if (bytes === 0 || !isPacked(await source.read(0, 4))) return bytes
  const sheet = await openSheet(source, options)
  if (!sheet) return bytes
  // The workbook can be read until the last part of the CSV is in.
  const limit = { bytesMax: config.importBytesMax, refuse: tooLarge }
  const stored = await storeFile(files, key, sheet.chunks(), limit)
  return stored.bytes
}

export interface OpenedTable {
  readonly head: FileHead
  /** The whole table, the head included. */
  readonly all: AsyncIterable<Uint8Array>
  /** Removes what was stored to read a workbook. */
  readonly close: () => Promise<void>
}

interface Opening {
  readonly bytesMax: number
  readonly sheet: SheetOptions
}

/** Reads the head of a table, be it in a workbook or not. Throws CrmError `malformed`, and what `chunks` throw. */
export async function openTable(
  { files }: Context,
  integrationId: string,
  chunks: Chunks,
  opening: Opening,
): Promise<OpenedTable> {
  const { taken, ...head } = await readHead(chunks, opening.bytesMax)
  const all = (async function* () {
    yield* taken
    yield* { [Symbol.asyncIterator]: () => chunks }
  })()
  const plain = { head, all, close: async () => undefined }
  if (!isPacked(head.bytes)) return plain
  if (head.isWhole) return { ...plain, ...(await openWorkbook(memorySource(head.bytes), opening)) }
  // The directory of an archive is at its end.
  const key = fileKey(integrationId, crypto.randomUUID())
  const close = async () => files.delete(key)
  try {
    const { bytes } = await storeFile(files, key, all, { bytesMax: WORKBOOK_BYTES_MAX, refuse: tooLarge })
    const source = storedSource(files, key, bytes)
    return { head, all: rangesOf(source), ...(await openWorkbook(source, opening)), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Null: the archive holds no workbook, and is refused by its own name later. */
async function openWorkbook(source: Source, { bytesMax, sheet: options }: Opening) {
  const sheet = await openSheet(source, options)
  if (!sheet) return null
  const { name, others } = sheet
  const chunks = sheet.chunks()
  try {
    const { bytes, isWhole } = await readHead(chunks, bytesMax)
    return { head: { bytes, isWhole, sheets: { read: name, others } }, all: sheet.chunks() }
  } finally {
    await chunks.return(undefined)
  }
}

async function* rangesOf({ bytes, read }: Source): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes; at += PART_BYTES) yield await read(at, Math.min(PART_BYTES, bytes - at))
}

function storedSource(files: R2Bucket, key: string, bytes: number): Source {
  return {
    bytes,
    read: async (offset, length) => {
      const object = await files.get(key, { range: { offset, length } })
      if (!object) throw new CrmError('not_found', { reason: 'file_gone', isFinal: true })
      return new Uint8Array(await object.arrayBuffer())
    },
  }
}

function memorySource(file: Uint8Array): Source {
  return { bytes: file.byteLength, read: async (from, bytes) => file.subarray(from, from + bytes) }
}
