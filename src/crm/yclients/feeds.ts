// The two lists of a branch by date, page by page: which records a page shows whole, which need their sale document,
// and which have to be read alone.
import type { MappedRecord, StoredSale } from '#crm/contract.ts'
import { idIn } from '#crm/kit/mapping.ts'
import { addDays, zonedToUtc } from '#lib/time.ts'
import type { Query, Rows, YclientsClient } from '#crm/yclients/client.ts'
import type { Plan } from '#crm/yclients/cursor.ts'
import { type BranchContext, completeSale, completeVisit, knownSale, knownVisit } from '#crm/yclients/documents.ts'
import { isEmpty, readSaleRow } from '#crm/yclients/operations.ts'
import { mapSale } from '#crm/yclients/sales.ts'
import type { Operation, Visit } from '#crm/yclients/schema.ts'
import type { Session } from '#crm/contract.ts'
import type { Settings } from '#crm/yclients/settings.ts'
import { readVisit } from '#crm/yclients/visits.ts'
import type { WalkedPage } from '#crm/yclients/walk.ts'

/** The longest time over which a sale is assumed to be paid in parts. */
const PART_PAYMENT_DAYS = 365

export interface PullContext extends BranchContext {
  readonly session: Session<Settings>
  readonly client: YclientsClient
}

export interface Days {
  readonly from: string
  readonly to: string
}

/** A record whose sale document is still to be read. */
export interface Pending {
  readonly externalId: string
  readonly read: () => Promise<MappedRecord>
}

export interface Mapped {
  readonly records: readonly MappedRecord[]
  readonly pending: readonly Pending[]
  readonly skipped: number
  /** Vendor ids, without the prefix. */
  readonly shown: readonly string[]
  readonly toVerify: readonly string[]
}

export interface Shown {
  readonly days: Days
  readonly page: WalkedPage
  /** What the pages before this one have shown. */
  readonly before: ReadonlySet<string>
}

export interface Feed {
  readonly prefix: 'record:' | 'sale:'
  readonly read: (client: YclientsClient, query: Query) => Promise<Rows>
  readonly map: (context: PullContext, plan: Plan, shown: Shown) => Promise<Mapped>
}

export const VISITS: Feed = {
  prefix: 'record:',
  read: async (client, query) => client.records({ ...query, with_deleted: 1, include_finance_transactions: 1 }),
  map: async (context, plan, { page }) => mapVisits(context, plan, page.rows),
}

export const SALES: Feed = {
  prefix: 'sale:',
  read: async (client, query) => client.transactions(query),
  map: mapSales,
}

export async function mapVisits(context: PullContext, plan: Plan, rows: readonly unknown[]): Promise<Mapped> {
  const read = rows.filter((row) => !isEmpty(row)).map(readVisit)
  const unreadable = read.flatMap((visit) => ('type' in visit ? [visit] : []))
  const visits = read.flatMap((visit) => ('type' in visit ? [] : [visit]))
  const isKnown = (visit: Visit, stored?: StoredSale) => knownVisit(visit, context.account, stored)
  const stored = await storedFor(context, plan, visits.filter((visit) => !isKnown(visit)).map(visitId))
  const mapped = visits.map((visit) => ({ visit, record: isKnown(visit, stored.get(visitId(visit))) }))
  return {
    records: [...unreadable, ...mapped.flatMap(({ record }) => record ?? [])],
    pending: mapped.flatMap(({ visit, record }) =>
      record ? [] : [{ externalId: visitId(visit), read: async () => completeVisit(context, visit) }],
    ),
    skipped: rows.length - read.length,
    shown: rows.flatMap((row) => idIn(row) ?? []),
    toVerify: [],
  }
}

function visitId({ id }: Visit): string {
  return `record:${id}`
}

async function mapSales(context: PullContext, plan: Plan, { days, page, before }: Shown): Promise<Mapped> {
  const { unreadable, documents, skipped } = groupSales(page.rows)
  const shown = [...documents.keys()]
  const [incomplete, stored] = await Promise.all([
    incompleteSales(context, days, { page, shown, before }),
    storedFor(
      context,
      plan,
      shown.map((documentId) => `sale:${documentId}`),
    ),
  ])
  const whole = [...documents].filter(([documentId]) => !incomplete.has(documentId))
  const mapped = whole.map(([documentId, operations]) => {
    const alone = mapSale(documentId, operations, context.account, null)
    return { documentId, operations, record: knownSale(alone, stored.get(`sale:${documentId}`), plan.isWide) }
  })
  return {
    records: [...unreadable, ...mapped.flatMap(({ record }) => record ?? [])],
    pending: mapped.flatMap(({ documentId, operations, record }) =>
      record
        ? []
        : [{ externalId: `sale:${documentId}`, read: async () => completeSale(context, documentId, operations) }],
    ),
    skipped,
    shown,
    toVerify: [...incomplete].map((documentId) => `sale:${documentId}`),
  }
}

/** A sale that was read alone: one that is stored and unchanged needs no document either. */
export async function completeChanged(
  context: PullContext,
  plan: Plan,
  documentId: string,
  operations: readonly Operation[],
): Promise<MappedRecord> {
  const externalId = `sale:${documentId}`
  const stored = await storedFor(context, plan, [externalId])
  const alone = mapSale(documentId, operations, context.account, null)
  return knownSale(alone, stored.get(externalId), plan.isWide) ?? (await completeSale(context, documentId, operations))
}

/** What is stored of sales that may be unchanged; nothing where every document is read anyway. */
async function storedFor(
  { session }: PullContext,
  { readsAll }: Plan,
  externalIds: readonly string[],
): Promise<ReadonlyMap<string, StoredSale>> {
  return readsAll || externalIds.length === 0 ? new Map() : session.storedSales(externalIds)
}

interface GroupedSales {
  readonly unreadable: readonly MappedRecord[]
  /** Revenue operations by sale document, without duplicates. */
  readonly documents: ReadonlyMap<string, readonly Operation[]>
  readonly skipped: number
}

export function groupSales(rows: readonly unknown[]): GroupedSales {
  const unreadable: MappedRecord[] = []
  const documents = new Map<string, readonly Operation[]>()
  let skipped = 0
  for (const row of rows) {
    const operation = readSaleRow(row)
    if (operation === null) skipped += 1
    else if ('type' in operation) unreadable.push(operation)
    else {
      const documentId = String(operation.document_id)
      const others = (documents.get(documentId) ?? []).filter(({ id }) => id !== operation.id)
      documents.set(documentId, [...others, operation])
    }
  }
  return { unreadable, documents, skipped }
}

/**
 * Sales that one page does not show completely: they continue beyond its borders, were on an earlier page, began before
 * the window, or have an operation that cannot be read.
 */
async function incompleteSales(
  context: PullContext,
  days: Days,
  { page, shown, before }: Pick<Shown, 'page' | 'before'> & { readonly shown: readonly string[] },
): Promise<ReadonlySet<string>> {
  const unreadable = page.rows.filter((row) => 'type' in (readSaleRow(row) ?? {}))
  const atBorders = [page.number > 1 ? page.rows[0] : null, page.next ? page.rows.at(-1) : null]
  const borders = new Set([...atBorders, ...unreadable].map((row) => idIn(row, 'document_id')))
  const scope = { from: addDays(days.from, -PART_PAYMENT_DAYS), to: addDays(days.from, -1) }
  const begunBefore = new Set(shown.length > 0 ? await storedIds(context, 'sale:', scope, shown) : [])
  return new Set(shown.filter((id) => borders.has(id) || before.has(id) || begunBefore.has(`sale:${id}`)))
}

/** External ids of stored records of a window. A complete scan of it should show them all. */
export async function storedIds(
  { session, account }: PullContext,
  prefix: string,
  days: Days,
  ids?: readonly string[],
): Promise<readonly string[]> {
  const at = (local: string) => zonedToUtc(local, account.timezone)
  const period = { from: at(`${days.from} 00:00:00`), to: at(`${days.to} 23:59:59`) }
  const among = ids && { among: ids.map((id) => `${prefix}${id}`) }
  return session.storedIds({ prefix, ...period, locationId: account.companyId, ...among })
}
