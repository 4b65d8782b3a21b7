// Some complete accounting days of the till: what was sold, what was returned, what has disappeared, and which of it
// the cloud has as an order.
import type { MappedRecord, Session } from '#crm/contract.ts'
import { keptForDay } from '#crm/kit/kept.ts'
import { attempt, type CrmError } from '#lib/crm-error.ts'
import { addDays, zonedToUtc } from '#lib/time.ts'
import { type Cloud, IDS_MAX, isTooMuch } from '#crm/iiko/cloud.ts'
import type { Columns, Restaurant } from '#crm/iiko/cursor.ts'
import { readOrders } from '#crm/iiko/read-orders.ts'
import type { WithReports } from '#crm/iiko/hall.ts'
import { mapOrder, type Rules } from '#crm/iiko/map.ts'
import { orNone } from '#crm/iiko/restaurants.ts'
import { PLANNED_DAYS } from '#crm/iiko/plan.ts'
import { mapReceipts, type MappedReceipts, PREFIX, type Reports } from '#crm/iiko/receipts.ts'
import {
  type Days,
  type Excluded,
  guestQuery,
  outletQuery,
  type Query,
  type Reporter,
  type Scope,
  soldQuery,
  unpaidQueries,
  usedColumns,
} from '#crm/iiko/report.ts'
import { GuestRow, OutletRow } from '#crm/iiko/schema.ts'
import { departmentsOf, type Settings } from '#crm/iiko/settings.ts'

export interface ScanContext {
  readonly session: Session<Settings>
  readonly cloud: Cloud
  readonly restaurants: readonly [Restaurant, ...Restaurant[]]
  readonly rules: Rules
  readonly withReports: WithReports
  /** Reports show restaurants that are not chosen. */
  readonly isPart: boolean
  /** Receipts before this day need not be shown. Null: all must. */
  readonly since: string | null
  /** The columns of the report, if they were read before. */
  readonly columns: ReadColumns | null
  /** The names of outlets that are known already, by their ids. */
  readonly outlets: ReadonlyMap<string, string>
}

type ReadColumns = Pick<Columns, 'readAt' | 'names'>

export interface Scanned {
  readonly records: readonly MappedRecord[]
  readonly skipped: number
  /** The names of outlets by their ids; empty where the settings map them, or where nothing was sold. */
  readonly outlets: ReadonlyMap<string, string>
  /** Some restaurants are chosen, and none of the outlets is known to be one. */
  readonly isUnmatched: boolean
}

/** Receipts closed on these days, and those that have disappeared. */
export async function scanDays(scan: ScanContext, days: Days): Promise<Scanned> {
  return mapDays(scan, days, await readDays(scan, days))
}

/** What the reports of a source show of some days. */
export interface Read extends Reports {
  readonly scope: Scope
  readonly columns: ReadColumns
  readonly outlets: ReadonlyMap<string, string>
  readonly departments: Readonly<Record<string, string>> | null
}

/** The accounting day before is read too, since a night belongs to it. */
export async function readDays(scan: ScanContext, days: Days): Promise<Read> {
  const period = { from: addDays(days.from, -1), to: days.to }
  return scan.withReports(async (reporter) => {
    const { startedAt, ...session } = scan.session
    const isOfRun = scan.columns !== null && Date.parse(scan.columns.readAt) >= startedAt.getTime()
    const read = async (known: ReadColumns | null) => {
      const names = async () => ({ names: usedColumns(await reporter.columns()) })
      const columns = known && isOfRun ? known : await keptForDay(session, known, names)
      return { ...(await readReports(scan, reporter, period, columns.names)), columns }
    }
    const { value, error } = await attempt(async () => read(scan.columns))
    if (value) return value
    // Reports of columns that are no more may be refused in one way or another.
    if (!scan.columns || !isOfReport(error)) throw error
    return read(null)
  })
}

/** Not of the key, the address, or the length of the period. */
function isOfReport(error: CrmError): boolean {
  return (error.kind === 'rejected' && !isTooMuch(error)) || error.reason === 'server_report_failed'
}

export async function mapDays(scan: ScanContext, days: Days, read: Read): Promise<Scanned> {
  const { scope, outlets, departments } = read
  const receipts = mapReceipts(read, { restaurants: scan.restaurants, departments, outlets })
  const [missing, sold] = await Promise.all([missingOf(scan, days, receipts), preferCloud(scan, receipts.records)])
  const records = [...sold, ...missing]
  const isUnmatched = outlets.size > 0 && scope.departments?.length === 0
  return { records, skipped: receipts.skipped, outlets, isUnmatched }
}

/** Which outlets of the reports count. */
export interface ChosenOutlets {
  readonly scope: Scope
  /** The names of all that are known, by their ids. */
  readonly names: ReadonlyMap<string, string>
  /** Those that count → restaurants. Null: all count. */
  readonly departments: Readonly<Record<string, string>> | null
  readonly readNames: () => Promise<ReadonlyMap<string, string>>
}

/** Throws CrmError. */
export async function chooseOutlets(
  scan: ScanContext,
  reporter: Reporter,
  days: Days,
  columns: readonly string[],
): Promise<ChosenOutlets> {
  const mapped = departmentsOf(scan.session.settings)
  const query = outletQuery({ days, columns, departments: null })
  const readNames = async () => toOutlets(query ? await reporter.report(query) : [])
  const names = !mapped && scan.isPart ? await readNames() : scan.outlets
  const departments = mapped ?? (scan.isPart ? matchOutlets(names, scan.restaurants) : null)
  const scope = { days, columns, departments: departments && Object.keys(departments) }
  return { scope, names, departments, readNames }
}

async function readReports(
  scan: ScanContext,
  reporter: Reporter,
  days: Days,
  columns: readonly string[],
): Promise<Omit<Read, 'columns'>> {
  const { settings } = scan.session
  const ask = async (query: Query | null) => (query ? reporter.report(query) : [])
  const { scope, names, departments, readNames } = await chooseOutlets(scan, reporter, days, columns)
  const sold = scope.departments?.length === 0 ? [] : await reporter.report(soldQuery(scope))
  if (sold.length === 0) return { scope, outlets: names, departments, sold, guests: [], unpaid: [] }
  const guests = await ask(guestQuery(scope))
  const unpaid: unknown[] = []
  for (const query of unpaidQueries(scope, excludedBy(scan))) unpaid.push(...(await reporter.report(query)))
  const isNamed = departmentsOf(settings) || outletsIn(guests).every((id) => names.has(id))
  return { scope, outlets: isNamed ? names : await readNames(), departments, sold, guests, unpaid }
}

/** The payments that count as no money. */
export function excludedBy({ session, rules }: ScanContext): Excluded {
  return { kinds: session.settings.excludedPaymentKinds, paymentTypes: rules.paymentTypes }
}

function outletsIn(guests: readonly unknown[]): string[] {
  return guests.flatMap((raw) => GuestRow.safeParse(raw).data?.['Department.Id'] ?? [])
}

function toOutlets(rows: readonly unknown[]): Map<string, string> {
  return new Map(
    rows.flatMap((raw): [string, string][] => {
      const row = OutletRow.safeParse(raw).data
      const id = row?.['Department.Id']
      return row && id != null ? [[id, row.Department]] : []
    }),
  )
}

/** The outlets that are chosen restaurants, by id or by name: sales of the others must not be stored. */
function matchOutlets(
  outlets: ReadonlyMap<string, string>,
  restaurants: readonly Restaurant[],
): Readonly<Record<string, string>> {
  const nameOf = (text: string | null) => (text ?? '').trim().toLowerCase()
  const matched = [...outlets].flatMap(([outletId, name]): [string, string][] => {
    const own = restaurants.find(({ id }) => id === outletId.toLowerCase())
    const restaurant = own ?? restaurants.find((one) => nameOf(one.name) !== '' && nameOf(one.name) === nameOf(name))
    return restaurant ? [[outletId.toLowerCase(), restaurant.id]] : []
  })
  return Object.fromEntries(matched)
}

/** Stored receipts of these days that the reports no longer show. A report without any receipt proves nothing. */
async function missingOf(
  { session, restaurants, since }: ScanContext,
  days: Days,
  { shown }: MappedReceipts,
): Promise<MappedRecord[]> {
  if (shown.size === 0) return []
  // With restaurants in several zones: the time that belongs to these days in all of them.
  const midnights = (day: string) =>
    restaurants.map(({ timezone }) => Date.parse(zonedToUtc(`${day}T00:00:00`, timezone)))
  const from = Math.max(...midnights(since !== null && since > days.from ? since : days.from))
  const to = Math.min(...midnights(addDays(days.to, 1))) - 1
  const period = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  if (from > to) return []
  const storedIds = await session.storedIds({ prefix: PREFIX, ...period })
  return storedIds.filter((id) => !shown.has(id)).map((externalId) => ({ type: 'missing', externalId }))
}

/**
 * Replaces a new receipt by the cloud's order, which has the customer: the till may be minutes ahead of the cloud. Only
 * while the cloud keeps orders; older ones are matched by the stored alias.
 */
async function preferCloud(
  { session, cloud, restaurants, rules }: ScanContext,
  receipts: readonly MappedRecord[],
): Promise<MappedRecord[]> {
  const since = session.clock.now().getTime() - PLANNED_DAYS * 86_400_000
  const recent = receipts.flatMap((record) => {
    const isSale = record.type === 'transaction' && record.alias !== undefined
    return isSale && Date.parse(record.transaction.occurredAt) >= since ? [record.alias ?? ''] : []
  })
  const stored = await session.aliases(recent)
  const unknown = recent.filter((alias) => !stored.has(alias)).map((alias) => alias.slice(alias.indexOf(':') + 1))
  const orders = new Map<string, MappedRecord>()
  const organizationIds = restaurants.map(({ id }) => id)
  for (let from = 0; from < unknown.length; from += IDS_MAX) {
    const some = unknown.slice(from, from + IDS_MAX)
    for (const row of (await orNone(async () => readOrders(cloud, organizationIds, 'posId', some))) ?? []) {
      const order = mapOrder(row, restaurants, rules)
      if (order.type === 'transaction' && order.alias !== undefined) orders.set(order.alias, order)
    }
  }
  return receipts.map((record) => (record.type === 'transaction' && orders.get(record.alias ?? '')) || record)
}
