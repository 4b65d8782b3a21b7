// Some complete accounting days of iikoServer: what was sold, what was returned, what has disappeared, and which of it
// the cloud has as an order.
import type { MappedRecord, Session } from '#crm/contract.ts'
import { externalIdOf } from '#crm/kit/mapping.ts'
import { addDays, zonedToUtc } from '#lib/time.ts'
import { retryOnce } from '#crm/iiko/retry-once.ts'
import { type Cloud, IDS_MAX } from '#crm/iiko/cloud.ts'
import type { Restaurant } from '#crm/iiko/cursor.ts'
import { readOrders } from '#crm/iiko/fetch-one.ts'
import { mapOrder } from '#crm/iiko/map.ts'
import { orNone } from '#crm/iiko/restaurants.ts'
import { PLANNED_DAYS } from '#crm/iiko/plan.ts'
import { mapReceipts, PREFIX } from '#crm/iiko/receipts.ts'
import { type Days, guestQuery, soldQuery, unpaidQuery, usedColumns } from '#crm/iiko/report.ts'
import { type Query, withServer } from '#crm/iiko/server.ts'
import type { Settings } from '#crm/iiko/settings.ts'

export interface ScanContext {
  readonly session: Session<Settings>
  readonly cloud: Cloud
  readonly restaurants: readonly [Restaurant, ...Restaurant[]]
  /** The columns of the server's report, if they were read before. */
  readonly columns: readonly string[] | null
  readonly hasWorked: boolean
}

export interface Scanned {
  readonly records: readonly MappedRecord[]
  readonly columns: readonly string[]
}

/** Receipts closed on these days. The accounting day before is read too, since a night belongs to it. */
export async function scanDays(scan: ScanContext, days: Days): Promise<Scanned> {
  const { session, restaurants } = scan
  const departments = session.settings.server?.departments ?? null
  const reportDays = { from: addDays(days.from, -1), to: days.to }
  const { columns, reports } = await withServer(session, scan.hasWorked, async (server) => {
    const columns = scan.columns ?? usedColumns(await server.columns())
    const scope = { days: reportDays, columns, departments: departments && Object.keys(departments) }
    const sold = await server.report(soldQuery(scope))
    const ask = async (query: Query | null) => (query && sold.length > 0 ? server.report(query) : [])
    const guests = await ask(guestQuery(scope))
    const unpaid = await ask(unpaidQuery(scope, session.settings.excludedPaymentKinds))
    return { columns, reports: { sold, guests, unpaid } }
  })
  const receipts = mapReceipts(reports, { restaurants, departments })
  const missing = await missingOf(scan, days, receipts)
  return { records: [...(await preferCloud(scan, receipts)), ...missing], columns }
}

/** Stored receipts of these days that the server no longer shows. A report without any receipt proves nothing. */
async function missingOf(
  { session, restaurants }: ScanContext,
  days: Days,
  shown: readonly MappedRecord[],
): Promise<MappedRecord[]> {
  if (shown.length === 0) return []
  // With restaurants in several zones: the time that belongs to these days in all of them.
  const midnights = (day: string) =>
    restaurants.map(({ timezone }) => Date.parse(zonedToUtc(`${day}T00:00:00`, timezone)))
  const from = Math.max(...midnights(days.from))
  const to = Math.min(...midnights(addDays(days.to, 1))) - 1
  const period = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  const ids = new Set(shown.map(externalIdOf))
  const storedIds = await session.storedIds({ prefix: PREFIX, ...period })
  return storedIds.filter((id) => !ids.has(id)).map((externalId) => ({ type: 'missing', externalId }))
}

/**
 * Replaces a new receipt by the cloud's order, which has the customer: the till may be minutes ahead of the cloud. Only
 * while the cloud keeps orders; older ones are matched by the stored alias.
 */
async function preferCloud(
  { session, cloud, restaurants }: ScanContext,
  receipts: readonly MappedRecord[],
): Promise<MappedRecord[]> {
  const since = session.clock.now().getTime() - PLANNED_DAYS * 86_400_000
  const recent = receipts.flatMap((record) => {
    const isSale = record.type === 'transaction' && record.alias !== undefined
    return isSale && Date.parse(record.transaction.occurredAt) >= since ? [record.alias ?? ''] : []
  })
  const stored = await session.aliases(recent)
  const unknown = recent.filter((alias) => !stored.has(alias)).map((alias) => alias.slice(alias.indexOf(':') + 1))
  const orders = new Map<string, MappedRecord | null>()
  const organizationIds = restaurants.map(({ id }) => id)
  for (let from = 0; from < unknown.length; from += IDS_MAX) {
    const some = unknown.slice(from, from + IDS_MAX)
    for (const row of (await orNone(async () => readOrders(withRetry(cloud), organizationIds, 'posId', some))) ?? []) {
      const order = mapOrder(row, restaurants, session.settings)
      const alias = order?.type === 'transaction' ? order.alias : undefined
      if (alias !== undefined) orders.set(alias, order)
    }
  }
  return receipts.map((record) => (record.type === 'transaction' && orders.get(record.alias ?? '')) || record)
}

function withRetry(cloud: Cloud): Pick<Cloud, 'deliveries' | 'tableOrders'> {
  return {
    deliveries: async (...input) => retryOnce(async () => cloud.deliveries(...input)),
    tableOrders: async (...input) => retryOnce(async () => cloud.tableOrders(...input)),
  }
}
