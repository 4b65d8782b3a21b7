// Rows of the sales reports → canonical transactions, one for each receipt. Pure.
import type { CanonicalTransaction, Customer, Item, MappedRecord } from '#crm/contract.ts'
import { customerOrNull } from '#crm/kit/customer.ts'
import { externalIdOf, gone, idIn, mapGuarded, prefixed, readRecord, type Ruled } from '#crm/kit/mapping.ts'
import { toMinor } from '#lib/money.ts'
import { normalizePhone } from '#lib/phone.ts'
import { zonedToUtc } from '#lib/time.ts'
import type { Restaurant } from '#crm/iiko/cursor.ts'
import { withAlias } from '#crm/iiko/map.ts'
import { decide } from '#crm/iiko/rules.ts'
import { GuestRow, SaleRow, UnpaidRow } from '#crm/iiko/schema.ts'

export const PREFIX = 'olap:'

export interface ReceiptContext {
  readonly restaurants: readonly [Restaurant, ...Restaurant[]]
  /** Outlets of the reports → restaurants of the cloud. */
  readonly departments: Readonly<Record<string, string>> | null
  /** The names of outlets by their ids, both as the reports have them. */
  readonly outlets: ReadonlyMap<string, string>
}

/** The rows of the reports of report.ts. */
export interface Reports {
  readonly sold: readonly unknown[]
  readonly guests: readonly unknown[]
  readonly unpaid: readonly unknown[]
}

interface Receipt {
  readonly id: string
  readonly rows: readonly SaleRow[]
  readonly guests: readonly GuestRow[]
  readonly unpaid: readonly UnpaidRow[]
}

export interface MappedReceipts {
  readonly records: readonly MappedRecord[]
  /** Rows and receipts that are no sale yet: they belong to no order, or it is still open. */
  readonly skipped: number
  /** All receipts that the reports show, as external ids. */
  readonly shown: ReadonlySet<string>
}

/** All receipts of some days. A receipt with an unreadable row goes to quarantine. */
export function mapReceipts({ sold, guests, unpaid }: Reports, context: ReceiptContext): MappedReceipts {
  const receipts = new Map<string, { rows: SaleRow[]; guests: GuestRow[]; unpaid: UnpaidRow[] }>()
  const broken = new Map<string, MappedRecord>()
  let skipped = 0
  for (const raw of sold) {
    const id = idIn(raw, 'UniqOrderId.Id')?.toLowerCase() ?? null
    const row = readRecord(SaleRow, raw, prefixed(PREFIX, id))
    if ('type' in row) broken.set(id ?? JSON.stringify(raw), row)
    else if (row['UniqOrderId.Id'] === null) skipped += 1
    else {
      const receipt = receipts.get(row['UniqOrderId.Id']) ?? { rows: [], guests: [], unpaid: [] }
      receipts.set(row['UniqOrderId.Id'], receipt)
      receipt.rows.push(row)
    }
  }
  for (const raw of guests) {
    const row = GuestRow.safeParse(raw).data
    if (row) receipts.get(row['UniqOrderId.Id'] ?? '')?.guests.push(row)
  }
  for (const raw of unpaid) {
    const row = UnpaidRow.safeParse(raw).data
    if (row) receipts.get(row['UniqOrderId.Id'] ?? '')?.unpaid.push(row)
  }
  const records = [...broken.values()]
  for (const [id, receipt] of receipts) {
    if (broken.has(id)) continue
    const mapped = mapReceipt({ id, ...receipt }, context)
    if (mapped.length === 0) skipped += 1
    records.push(...mapped)
  }
  const shown = [...receipts.keys(), ...broken.keys()].map((id) => PREFIX + id)
  return { records, skipped, shown: new Set([...shown, ...records.flatMap((record) => externalIdOf(record) ?? [])]) }
}

/** A return on the same receipt becomes a second record; most returns have their own receipt. */
function mapReceipt(receipt: Receipt, context: ReceiptContext): MappedRecord[] {
  const externalId = PREFIX + receipt.id
  const sale = receipt.rows.filter(({ Storned }) => Storned !== 'TRUE')
  // Returned lines count whether or not they are marked as removed.
  const returned = receipt.rows.filter(({ Storned }) => Storned === 'TRUE')
  const kept = sale.filter(isKept)
  const records: MappedRecord[] = []
  if (sale.length > 0 && kept.length === 0) records.push(gone(externalId, decide('receipt_deleted').rule))
  if (isClosed(kept)) {
    const sold = { ...receipt, rows: kept }
    const record = mapGuarded(externalId, receipt.rows, () =>
      transactionOf(sold, externalId, { context, isReturn: false }),
    )
    records.push(withAlias(record, receipt.id))
  }
  if (isClosed(returned)) {
    const id = sale.length > 0 ? `${externalId}:refund` : externalId
    const refund = { ...receipt, rows: returned }
    records.push(mapGuarded(id, receipt.rows, () => transactionOf(refund, id, { context, isReturn: true })))
  }
  return records
}

/** An order that is still open has no time yet. */
function isClosed(rows: readonly SaleRow[]): boolean {
  return rows.some(({ CloseTime }) => CloseTime !== '')
}

/** An empty flag means that the server lacks the column: the line is kept. */
export function isKept({
  OrderDeleted,
  DeletedWithWriteoff,
}: Pick<SaleRow, 'OrderDeleted' | 'DeletedWithWriteoff'>): boolean {
  return [OrderDeleted, DeletedWithWriteoff].every((flag) => flag === '' || flag === 'NOT_DELETED')
}

interface Terms {
  readonly context: ReceiptContext
  readonly isReturn: boolean
}

function transactionOf(receipt: Receipt, externalId: string, { context, isReturn }: Terms): Ruled {
  const restaurant = restaurantOf(receipt, context)
  const minor = (value: string | number | null | undefined) => toMinor(value ?? 0, restaurant.currency)
  const moneyOf = (row: SaleRow) => {
    const sum = minor(row.DishDiscountSumInt)
    // Some versions give the sum of a return only in its own column, without a sign.
    return isReturn ? -Math.abs(sum === 0 ? minor(row.DishReturnSum) : sum) : sum
  }
  const sum = receipt.rows.reduce((total, row) => total + moneyOf(row), 0)
  const excluded = receipt.unpaid.reduce((total, row) => total + Math.abs(minor(row.DishDiscountSumInt)), 0)
  const amountMinor = isReturn ? Math.min(sum + excluded, 0) : sum < 0 ? sum : Math.max(sum - excluded, 0)
  const [closedAt = ''] = receipt.rows.flatMap(({ CloseTime }) => (CloseTime === '' ? [] : [CloseTime])).toSorted()
  return {
    externalId,
    kind: isReturn || amountMinor < 0 ? 'refund' : 'sale',
    ...decide(isReturn ? 'receipt_returned' : excluded > 0 ? 'receipt_closed_in_part' : 'receipt_closed'),
    amountMinor,
    currency: restaurant.currency,
    occurredAt: zonedToUtc(closedAt, restaurant.timezone),
    customer: guestOf(receipt, restaurant),
    items: itemsOf(receipt.rows, moneyOf),
    location: locationOf(receipt, context),
    // Reports have no change time, so the engine's own counter decides which version is newer.
    sourceUpdatedAt: null,
  }
}

/** Sorted, since reports promise no order. */
function itemsOf(rows: readonly SaleRow[], moneyOf: (row: SaleRow) => number): Item[] {
  const items = rows.map((row) => ({
    externalId: row.DishId || null,
    name: row.DishName,
    quantity: Math.abs(Number(row.DishAmountInt ?? 1)),
    amountMinor: moneyOf(row),
  }))
  return items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

function departmentOf({ guests }: Receipt): string | null {
  return guests.map((guest) => guest['Department.Id']).find((id) => id !== null) ?? null
}

/** The restaurant whose zone and currency a receipt uses. */
function restaurantOf(receipt: Receipt, { restaurants, departments }: ReceiptContext): Restaurant {
  const organizationId = departments?.[departmentOf(receipt)?.toLowerCase() ?? '']
  return restaurants.find(({ id }) => id === organizationId) ?? restaurants[0]
}

function locationOf(receipt: Receipt, context: ReceiptContext): CanonicalTransaction['location'] {
  const department = departmentOf(receipt)
  const restaurant = restaurantOf(receipt, context)
  if (context.departments || department === null) return { externalId: restaurant.id, name: restaurant.name }
  return { externalId: department, name: context.outlets.get(department) ?? null }
}

/** Two people on one receipt are two: the first who paid is its customer. */
function guestOf({ guests }: Receipt, restaurant: Restaurant): Customer | null {
  const paying = guests.filter(({ DishDiscountSumInt }) => Number(DishDiscountSumInt ?? 0) !== 0)
  const [first, ...others] = [...paying, ...guests].flatMap((guest) => personOf(guest, restaurant) ?? [])
  return first ? others.reduce(joined, first) : null
}

function personOf(guest: GuestRow, { callingCode }: Restaurant): Customer | null {
  const card = guest['Bonus.CardNumber'] || guest['OrderDiscount.GuestCard'] || guest['Delivery.CustomerCardNumber']
  return customerOrNull({
    name: guest['Delivery.CustomerName'] || null,
    phone: normalizePhone(guest['Delivery.CustomerPhone'], callingCode ?? undefined),
    card: card || null,
  })
}

/** One person has several rows where a card was used for some of the dishes only. */
function joined(one: Customer, other: Customer): Customer {
  const differs = (field: 'name' | 'phone' | 'card') =>
    one[field] !== null && other[field] !== null && one[field] !== other[field]
  const isShared = (one.phone !== null && one.phone === other.phone) || (one.card !== null && one.card === other.card)
  if (!isShared || differs('name') || differs('phone') || differs('card')) return one
  return { ...one, name: one.name ?? other.name, phone: one.phone ?? other.phone, card: one.card ?? other.card }
}
