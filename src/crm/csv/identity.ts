// The external id of a row's sale. With an id: the id, with the day where numbers begin again. Without one: a digest of
// the row's content and its number among equal rows, so that the same file in any order gives the same ids. What this
// needs to know of the whole file is noted by line; a row noted twice counts once.
import type { CanonicalTransaction, MappedRecord } from '#crm/contract.ts'
import type { Notes } from '#crm/files.ts'
import type { Plan } from '#crm/csv/plan.ts'
import { type Rejection, type Row, settle } from '#crm/csv/rows.ts'
import { sha256Hex } from '#crypto/digest.ts'

export interface SourceRow {
  readonly row: Row
  readonly line: number
  /** Its text, for the person who has to correct it. */
  readonly raw: () => string
}

/** Merges notes under each key (a UUID) and returns all notes of these keys. */
export type NoteDown = (notes: ReadonlyMap<string, Notes>) => Promise<ReadonlyMap<string, Notes>>

export interface Named {
  readonly source: SourceRow
  readonly externalId: string
}

export interface Rejected {
  readonly source: Pick<SourceRow, 'line' | 'raw'>
  readonly rejected: Rejection
}

/**
 * Rows with the ids of their sales. A receipt number that another sale of that day has is rejected, not overwritten.
 */
export async function nameRows(
  rows: readonly SourceRow[],
  plan: Plan,
  { note, keyOf }: { readonly note: NoteDown; readonly keyOf: KeyOf },
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
  return kind === 'refund' ? -Math.abs(sum) : sum
}

export function idOf({ id, day }: Pick<Row, 'id' | 'day'>, { idScope }: Plan): string {
  return idScope === 'day' ? `${id}@${day}` : String(id)
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
    const { occurredAt, currency, customer, comment } = row
    const key = await keyOf([occurredAt, signed(row), currency, customer, comment])
    return { source, externalId: null, key, part: '' }
  }
  const externalId = idOf(row, plan)
  if (isPlain(plan)) return { source, externalId, key: null, part: '' }
  return { source, externalId, key: await keyOf(externalId), part: `${row.occurredAt} ${signed(row)}` }
}

export type KeyOf = (value: unknown) => Promise<string>

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

/** Null: a minus that means that the row is not a sale. */
export function toRecord({ source, externalId }: Named, { negative }: Plan): MappedRecord | null {
  const { row } = source
  const settled = settle(row.sum, row.kind, negative)
  return settled && { type: 'transaction', transaction: transactionOf(externalId, row, settled) }
}

export function transactionOf(
  externalId: string,
  { occurredAt, status, currency, customer }: Pick<Row, 'occurredAt' | 'status' | 'currency' | 'customer'>,
  { kind, amountMinor }: Pick<CanonicalTransaction, 'kind' | 'amountMinor'>,
): CanonicalTransaction {
  return {
    ...{ externalId, kind, status, amountMinor, currency, occurredAt, customer },
    ...{ items: [], location: null, sourceUpdatedAt: null },
  }
}
