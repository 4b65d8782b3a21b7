// The external id of a row's sale. With an id: the id, with the day where numbers begin again. Without one: a digest of
// the row's content and its number among equal rows, so that the same file in any order gives the same ids. What this
// needs to know of the whole file is noted by line; a row noted twice counts once.
import type { CanonicalTransaction, MappedRecord } from '#crm/contract.ts'
import type { Notes } from '#crm/files.ts'
import type { Plan } from '#crm/csv/plan.ts'
import type { Rejection } from '#crm/csv/row-cells.ts'
import { type Row, settle } from '#crm/csv/rows.ts'
import { decideRow } from '#crm/csv/rules.ts'
import { sha256Hex } from '#crypto/digest.ts'

export interface SourceRow {
  readonly row: Row
  readonly line: number
  /** Its text, for the person who has to correct it. */
  readonly raw: () => string
}

/** Merges notes under each key (a UUID) and returns all notes of these keys. */
export type NoteDown = (notes: ReadonlyMap<string, Notes>) => Promise<ReadonlyMap<string, Notes>>

export type KeyOf = (value: unknown) => Promise<string>

export interface Noting {
  readonly note: NoteDown
  /** A digest of a value, which is the key of notes. */
  readonly keyOf: KeyOf
}

export interface Named {
  readonly source: SourceRow
  readonly externalId: string
}

export interface Rejected {
  readonly source: Pick<SourceRow, 'line' | 'raw'>
  readonly rejected: Rejection
}

/** Rows with the ids of their sales. An id that another sale of the file has is rejected, not overwritten. */
export async function nameRows(
  rows: readonly SourceRow[],
  plan: Plan,
  { note, keyOf }: Noting,
): Promise<readonly (Named | Rejected)[]> {
  if (isPlain(plan) && rows.every(({ row }) => row.id !== null)) {
    return rows.map((source) => ({ source, externalId: idOf(source.row, plan) }))
  }
  const named = await Promise.all(rows.map(async (source) => toNote(source, plan, keyOf)))
  const noted = await note(merged(named))
  // Cached by key, since thousands of rows may be equal.
  const linesCache = new Map<string, Map<number, number>>()
  const numbersOf = (key: string) => {
    const known = linesCache.get(key)
    if (known) return known
    const lines = Object.keys(noted.get(key) ?? {})
      .map(Number)
      .toSorted((one, other) => one - other)
    const numbers = new Map(lines.map((line, index) => [line, index + 1]))
    linesCache.set(key, numbers)
    return numbers
  }
  return named.map(({ source, externalId, key, part }) => {
    const numbers = numbersOf(key ?? '')
    if (externalId === null) {
      return { source, externalId: `row:${(key ?? '').replaceAll('-', '')}:${numbers.get(source.line) ?? 0}` }
    }
    const [first] = numbers.keys()
    const isOthers = first !== undefined && noted.get(key ?? '')?.[String(first)] !== part
    return isOthers ? { source, rejected: { reason: 'id_repeats', field: 'id' } } : { source, externalId }
  })
}

/**
 * Whether ids need no notes: receipts of several rows are assembled elsewhere, and a unique id may come again with
 * changes.
 */
function isPlain({ idScope, isIdSure, rows }: Plan): boolean {
  return (idScope === 'global' && isIdSure) || rows !== 'sales'
}

/** A refund is another sale than the one it returns, whatever its sign in the file. */
function signed({ sum, kind }: Row): number {
  return kind === 'refund' ? -Math.abs(sum ?? 0) : (sum ?? 0)
}

export function idOf({ id, day, time }: Pick<Row, 'id' | 'day' | 'time'>, { idScope }: Plan): string {
  if (idScope === 'global') return String(id)
  return idScope === 'day' ? `${id}@${day}` : `${id}@${day}T${time}`
}

/** Whether the row is a refund that may share the id of its sale: fiscal documents have numbers of their own. */
export function mayShareId({ row }: SourceRow, plan: Plan): boolean {
  return row.id !== null && !plan.isFiscal && settle(row.sum ?? 0, row.kind, plan.negative)?.kind === 'refund'
}

interface ToNote {
  readonly source: SourceRow
  readonly externalId: string | null
  /** Null: there is nothing to note. */
  readonly key: string | null
  readonly part: string
}

async function toNote(source: SourceRow, plan: Plan, keyOf: KeyOf): Promise<ToNote> {
  const { row } = source
  if (row.id === null) {
    const { occurredAt, currency, customer } = row
    return { source, externalId: null, key: await keyOf([occurredAt, signed(row), currency, customer]), part: '' }
  }
  const externalId = idOf(row, plan)
  if (isPlain(plan)) return { source, externalId, key: null, part: '' }
  return { source, externalId, key: await keyOf(externalId), part: `${row.occurredAt} ${signed(row)}` }
}

/** A digest in the form of a UUID. */
export async function keyOf(value: unknown): Promise<string> {
  const hex = await sha256Hex(JSON.stringify(value))
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}

function merged(rows: readonly ToNote[]): ReadonlyMap<string, Notes> {
  const notes = new Map<string, Record<string, unknown>>()
  for (const { key, part, source } of rows) {
    if (key === null) continue
    const parts = notes.get(key) ?? {}
    parts[String(source.line)] = part
    notes.set(key, parts)
  }
  return notes
}

interface RowOfSale extends Pick<Row, 'occurredAt' | 'status' | 'currency' | 'customer' | 'location'> {
  readonly line: number
}

/** The sale, and what of it was given back. None: a minus that means that the row is not a sale. */
export function toRecords(
  externalId: string,
  row: RowOfSale & Pick<Row, 'sum' | 'kind' | 'refunded'>,
  { negative }: Plan,
): readonly MappedRecord[] {
  const settled = settle(row.sum ?? 0, row.kind, negative)
  if (!settled) return []
  const isAllBack = row.status === 'cancelled' && row.refunded >= Math.abs(settled.amountMinor)
  if (settled.kind === 'refund' || row.refunded === 0 || isAllBack) return [recordOf(externalId, row, settled)]
  const status = row.status === 'cancelled' ? 'paid' : row.status
  const back = { kind: 'refund', amountMinor: -row.refunded } as const
  const refund = recordOf(`${externalId}:refund`, { ...row, status }, back)
  return settled.amountMinor === 0 ? [refund] : [recordOf(externalId, { ...row, status }, settled), refund]
}

function recordOf(
  externalId: string,
  { occurredAt, status, currency, customer, location, line }: RowOfSale,
  { kind, amountMinor }: Pick<CanonicalTransaction, 'kind' | 'amountMinor'>,
): MappedRecord {
  const decision = decideRow({ kind, status })
  const transaction = {
    ...{ externalId, kind, status: decision.status, amountMinor, currency, occurredAt, customer, items: [] },
    location: location === null ? null : { externalId: null, name: location },
    sourceUpdatedAt: null,
  }
  return { type: 'transaction', transaction, rule: decision.rule, line }
}
