// Turns a connector's records into rows for the write statement. Pure except for hashing. Whatever Postgres would
// refuse is filtered out here: one bad record must not fail its page.
import type { MappedRecord } from '#crm/contract.ts'
import { sha256Hex } from '#crypto/digest.ts'
import { maskPersonal } from '#lib/mask.ts'

/**
 * Characters. Vendors' ids are numbers or UUIDs with a prefix. An index entry takes about 2,700 bytes at most, and an
 * id of 200 characters stays below that in any script.
 */
const EXTERNAL_ID_MAX = 200
/** Characters. Real names and reasons are far shorter; one vendor text must not make a row of megabytes. */
const TEXT_MAX = 500
/** Characters of a row of a file that is given back. The widest tables have some thousands. */
const ROW_MAX = 10_000
/** Items of one sale. Receipts have tens; many thousands in one record would make every read of it slow. */
const ITEMS_MAX = 1000

/** The names are the columns. */
export interface PageRow {
  readonly external_id: string
  readonly gone: boolean
  readonly missing: boolean
  readonly kind: string | null
  readonly status: string | null
  readonly amount_minor: number | null
  readonly currency: string | null
  readonly occurred_at: string | null
  readonly customer_external_id: string | null
  readonly customer_name: string | null
  readonly customer_phone: string | null
  readonly customer_email: string | null
  readonly customer_card: string | null
  readonly items: readonly unknown[] | null
  readonly location_external_id: string | null
  readonly location_name: string | null
  readonly source_updated_at: string | null
  readonly alias: string | null
  /** The line of a file at which it begins. */
  readonly source_line: number | null
}

interface QuarantineRow {
  readonly record_key: string
  readonly external_id: string | null
  readonly reason: string
  readonly raw: unknown
  /** The line of a file's row, which is kept with its run. Null: the record goes to quarantine. */
  readonly line: number | null
  readonly column_name: string | null
}

export interface PageRows {
  readonly rows: readonly PageRow[]
  readonly quarantine: readonly QuarantineRow[]
}

/**
 * Fewer than five odd records are what every CRM has; five at once that are the greater part of a page are a changed
 * format.
 */
const UNREADABLE_MIN = 5

/**
 * At least five unreadable records, and more than half of a page: the vendor has changed its format. Rows of a file do
 * not count, since a person wrote it and gets each back with its reason. Keys in `knownBad` do not count either, since
 * every overlap shows those records again, nor does what a scan did not show.
 */
export function isUnknownFormat(pages: readonly PageRows[], knownBad: ReadonlySet<string> = new Set()): boolean {
  const isNew = ({ line, record_key: key }: QuarantineRow) => line === null && !knownBad.has(key)
  const unreadable = pages.reduce((sum, page) => sum + page.quarantine.filter(isNew).length, 0)
  return unreadable >= UNREADABLE_MIN && unreadable > pages.reduce((sum, page) => sum + readableOf(page), 0)
}

export function readableOf({ rows }: PageRows): number {
  return rows.filter(({ missing }) => !missing).length
}

export async function toPageRows(records: readonly MappedRecord[]): Promise<PageRows> {
  const rows: PageRow[] = []
  const quarantine: QuarantineRow[] = []
  for (const record of records) {
    const reason = record.type === 'unmapped' ? record.reason : unstorableReason(record)
    if (record.type === 'unmapped' && record.sourceLine) {
      quarantine.push(toRejectedRow(record, record.sourceLine))
    } else if (record.type === 'unmapped' || reason !== null) {
      quarantine.push(await toQuarantineRow(record, reason ?? 'unreadable'))
    } else {
      rows.push(record.type === 'transaction' ? toRow(record) : absentRow(record))
    }
  }
  return { rows, quarantine }
}

/**
 * Why a mapped record cannot be stored, or null. Mappers should not produce such records; Postgres would refuse them.
 */
function unstorableReason(record: Exclude<MappedRecord, { type: 'unmapped' }>): string | null {
  const externalId = record.type === 'transaction' ? record.transaction.externalId : record.externalId
  if (externalId === '' || externalId.length > EXTERNAL_ID_MAX) return 'the id is empty or too long'
  if (record.type !== 'transaction') return null
  const { amountMinor, currency, occurredAt, sourceUpdatedAt, items } = record.transaction
  if (!Number.isSafeInteger(amountMinor)) return 'the amount is not a whole number of minor units'
  if (!/^[A-Z]{3}$/.test(currency)) return 'the currency is not an ISO 4217 code'
  if (!isInstant(occurredAt)) return 'the time of the sale is not a time'
  if (sourceUpdatedAt !== null && !isInstant(sourceUpdatedAt)) return 'the time of the last change is not a time'
  if (items.length > ITEMS_MAX) return `there are more than ${ITEMS_MAX} items`
  if (items.some((item) => !Number.isFinite(item.quantity) || !Number.isSafeInteger(item.amountMinor))) {
    return 'an item has no valid quantity or amount'
  }
  return null
}

function isInstant(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) && !Number.isNaN(Date.parse(text))
}

function toRejectedRow(
  { reason, raw }: Extract<MappedRecord, { type: 'unmapped' }>,
  { line, column }: { readonly line: number; readonly column: string | null },
): QuarantineRow {
  // A part of a row could be taken for a whole one when it is sent back.
  const text = typeof raw === 'string' && raw.length <= ROW_MAX ? raw : null
  return { record_key: '', external_id: null, reason, raw: text, line, column_name: column?.slice(0, TEXT_MAX) ?? null }
}

async function toQuarantineRow(record: MappedRecord, reason: string): Promise<QuarantineRow> {
  const raw = record.type === 'unmapped' ? record.raw : record
  const externalId = record.type === 'transaction' ? record.transaction.externalId : record.externalId
  const fits = externalId !== null && externalId !== '' && externalId.length <= EXTERNAL_ID_MAX
  return {
    record_key: fits ? externalId : `sha256:${await sha256Hex(JSON.stringify(raw) ?? '')}`,
    external_id: fits ? externalId : null,
    reason: reason.slice(0, TEXT_MAX),
    raw: maskPersonal(raw),
    line: null,
    column_name: null,
  }
}

function absentRow(record: Extract<MappedRecord, { type: 'gone' | 'missing' }>): PageRow {
  return {
    external_id: storable(record.externalId),
    gone: record.type === 'gone',
    missing: record.type === 'missing',
    kind: null,
    status: null,
    amount_minor: null,
    currency: null,
    occurred_at: null,
    customer_external_id: null,
    customer_name: null,
    customer_phone: null,
    customer_email: null,
    customer_card: null,
    items: null,
    location_external_id: null,
    location_name: null,
    source_updated_at: record.type === 'gone' ? record.sourceUpdatedAt : null,
    alias: null,
    source_line: null,
  }
}

function toRow({ transaction, alias, line }: Extract<MappedRecord, { type: 'transaction' }>): PageRow {
  const { customer, location } = transaction
  return {
    external_id: storable(transaction.externalId),
    gone: false,
    missing: false,
    kind: transaction.kind,
    status: transaction.status,
    amount_minor: transaction.amountMinor,
    currency: transaction.currency,
    occurred_at: transaction.occurredAt,
    customer_external_id: cut(customer?.externalId),
    customer_name: cut(customer?.name),
    customer_phone: cut(customer?.phone),
    customer_email: cut(customer?.email),
    customer_card: cut(customer?.card),
    items: transaction.items,
    location_external_id: cut(location?.externalId),
    location_name: cut(location?.name),
    source_updated_at: transaction.sourceUpdatedAt,
    alias: cut(alias),
    source_line: line ?? null,
  }
}

function cut(text: string | null | undefined): string | null {
  return text ? storable(text.slice(0, TEXT_MAX)) : null
}

/** Without what Postgres refuses: NUL and half surrogate pairs, which some vendors' texts contain. */
function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed()
}

/** JSON of which every text is storable. */
export function toPostgresJson(value: unknown): string {
  const text = JSON.stringify(value)
  if (!/\\u(?:0000|d[89a-f])/i.test(text)) return text
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? storable(part) : part))
}
