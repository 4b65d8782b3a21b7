// The CSV connector without its surroundings: bytes in, sales and rejected rows out, by the code that a run uses.
import type { CanonicalTransaction, MappedRecord } from '#crm/contract.ts'
import type { Doubt, FilePreview, Given } from '#crm/imports.ts'
import { readBatches } from '#crm/csv/batches.ts'
import { SAMPLE_BYTES } from '#crm/csv/plan.ts'
import { preview } from '#crm/csv/preview.ts'
import { doubtsOf, readFor } from '#crm/csv/reading.ts'
import { readSample } from '#crm/csv/sample.ts'
import { Settings } from '#crm/csv/settings.ts'
import { checkTable } from '#crm/csv/table.ts'
import { CrmError } from '#lib/crm-error.ts'

const MOSCOW = { timezone: 'Europe/Moscow', currency: 'RUB' }

export interface RejectedLine {
  readonly line: number
  readonly column: string | null
  readonly reason: string
  readonly raw: string
}

export interface ReadFile {
  readonly sales: readonly CanonicalTransaction[]
  readonly rejected: readonly RejectedLine[]
  readonly skipped: number
  readonly encoding: string | null
}

export function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content
}

/** Of an integration with nothing stored and the zone and currency of Moscow. */
export function givenFor(
  additionalConfig: Readonly<Record<string, unknown>> = {},
  more: Partial<Given<Settings>> = {},
): Given<Settings> {
  return {
    ...{ settings: Settings.parse(additionalConfig), formats: [], format: null, fallback: MOSCOW },
    ...{ storedSales: async () => new Map(), twins: async () => [], ...more },
  }
}

/** Answers, as a format that was asked for by its name. */
export function answering(...answers: readonly string[]): Partial<Given<Settings>> {
  return { format: { name: 'answers', header: [], settings: {}, answers } }
}

function headOf(content: string | Uint8Array) {
  const bytes = bytesOf(content)
  return { bytes: bytes.subarray(0, SAMPLE_BYTES), isWhole: bytes.byteLength <= SAMPLE_BYTES }
}

export async function previewFile(content: string | Uint8Array, given = givenFor()): Promise<FilePreview> {
  return preview(headOf(content), given)
}

/** What has to be answered before the file is imported. */
export async function askedOf(content: string | Uint8Array, given = givenFor()): Promise<readonly Doubt[]> {
  return doubtsOf(readFor(headOf(content), given), given)
}

/** Reads a whole file, open questions by their first answer. Throws CrmError as a run does. */
export async function readFile(
  content: string | Uint8Array,
  additionalConfig: Readonly<Record<string, unknown>> = {},
  rangeBytes?: number,
  given: Given<Settings> = givenFor(additionalConfig),
): Promise<ReadFile> {
  const [bytes, head] = [bytesOf(content), headOf(content)]
  const { table, plan } = readFor(head, given)
  checkTable(table, plan, !head.isWhole || table.rows.length > 0)
  const source = {
    bytes: bytes.byteLength,
    read: async (at: number, length: number) => bytes.subarray(at, at + length),
  }
  let { encoding } = plan
  const batches = (async function* () {
    for await (const batch of readBatches(source, plan, plan.from, rangeBytes)) {
      ;({ encoding } = batch)
      yield batch.lines
    }
  })()
  const { records, skipped } = await readSample({
    ...{ plan, fallback: given.fallback, batches, storedAmong: async (ids) => given.storedSales(ids) },
  })
  return { sales: records.flatMap(saleOf), rejected: records.flatMap(rejectedOf), skipped, encoding }
}

function saleOf(record: MappedRecord): CanonicalTransaction[] {
  return record.type === 'transaction' ? [record.transaction] : []
}

function rejectedOf(record: MappedRecord): RejectedLine[] {
  if (record.type !== 'unmapped' || !record.sourceLine) return []
  return [{ ...record.sourceLine, reason: record.reason, raw: String(record.raw) }]
}

/** Why a file is refused; `read` when it is not. */
export async function refusalOf(
  content: string | Uint8Array,
  additionalConfig: Readonly<Record<string, unknown>> = {},
): Promise<string | null> {
  try {
    await readFile(content, additionalConfig)
    return 'read'
  } catch (error) {
    if (!(error instanceof CrmError)) throw error
    return error.reason
  }
}

/** Windows-1251, which TextEncoder does not know. */
export function encode1251(text: string): Uint8Array<ArrayBuffer> {
  return encodeBy('windows-1251', text)
}

export function encodeBy(encoding: string, text: string): Uint8Array<ArrayBuffer> {
  if (encoding.startsWith('utf-16')) {
    const bytes = new Uint8Array(text.length * 2)
    const view = new DataView(bytes.buffer)
    for (let at = 0; at < text.length; at += 1) view.setUint16(at * 2, text.charCodeAt(at), encoding === 'utf-16le')
    return bytes
  }
  const decoder = new TextDecoder(encoding)
  const table = new Map(Array.from({ length: 256 }, (_, byte) => [decoder.decode(Uint8Array.of(byte)), byte]))
  return Uint8Array.from(text, (character) => {
    const byte = table.get(character)
    if (byte === undefined) throw new Error(`${encoding} has no ${character}`)
    return byte
  })
}
