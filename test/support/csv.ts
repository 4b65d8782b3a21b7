// The CSV connector without its surroundings: bytes in, sales and rejected rows out, by the code that a run uses.
import type { CanonicalTransaction, MappedRecord } from '#crm/contract.ts'
import type { Notes } from '#crm/files.ts'
import { readBatches } from '#crm/csv/batches.ts'
import { checkPlan, planFile, SAMPLE_BYTES } from '#crm/csv/plan.ts'
import { toPage } from '#crm/csv/pull.ts'
import { toReceipt } from '#crm/csv/receipts.ts'
import { createRowReader } from '#crm/csv/rows.ts'
import { Settings } from '#crm/csv/settings.ts'
import { CrmError } from '#lib/crm-error.ts'

export const MOSCOW = { timezone: 'Europe/Moscow', currency: 'RUB' }

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

/** Reads a whole file. Throws CrmError as a run does. */
export async function readFile(
  content: string | Uint8Array,
  additionalConfig: Readonly<Record<string, unknown>> = {},
  rangeBytes?: number,
): Promise<ReadFile> {
  const [bytes, settings] = [bytesOf(content), Settings.parse(additionalConfig)]
  const head = { bytes: bytes.subarray(0, SAMPLE_BYTES), isWhole: bytes.byteLength <= SAMPLE_BYTES }
  const planned = planFile(head, settings)
  checkPlan(planned, !head.isWhole || planned.rows.length > 0)
  const { plan, from } = planned
  const noted = new Map<string, Notes>()
  const note = async (notes: ReadonlyMap<string, Notes>) => {
    for (const [key, parts] of notes) noted.set(key, { ...noted.get(key), ...parts })
    return noted
  }
  const work = { plan, settings, reader: createRowReader(plan, settings, MOSCOW), note }
  const source = {
    bytes: bytes.byteLength,
    read: async (at: number, length: number) => bytes.subarray(at, at + length),
  }
  const records: MappedRecord[] = []
  let [skipped, encoding] = [0, plan.encoding]
  for await (const batch of readBatches(source, plan, from, rangeBytes)) {
    const page = await toPage(work, batch.lines)
    records.push(...page.records)
    skipped += page.skipped
    ;({ encoding } = batch)
  }
  if (plan.rows !== 'sales') {
    records.push(...[...noted.values()].flatMap((notes) => toReceipt(notes, plan, settings) ?? []))
  }
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
