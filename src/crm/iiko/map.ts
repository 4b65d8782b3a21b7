// Orders of iiko's cloud → canonical transactions (`CanonicalTransaction` in crm/contract.ts). Pure.
import type { Customer, Item, MappedRecord, NoRecord } from '#crm/contract.ts'
import { customerOrNull } from '#crm/kit/customer.ts'
import { FieldError, idIn, mapGuarded, readRecord, type Ruled, unmapped } from '#crm/kit/mapping.ts'
import type { Decision } from '#crm/rules.ts'
import { toMinor } from '#lib/money.ts'
import { normalizePhone } from '#lib/phone.ts'
import { zonedToUtc } from '#lib/time.ts'
import type { Restaurant } from '#crm/iiko/cursor.ts'
import { decide, none } from '#crm/iiko/rules.ts'
import { type Line, type Modifier, type Order, OrderInfo, type Payment } from '#crm/iiko/schema.ts'
import type { Settings } from '#crm/iiko/settings.ts'

export interface Rules extends Pick<Settings, 'paidStatuses' | 'excludedPaymentKinds'> {
  /** Kinds of payment by the id of the type, in lower case; what an order itself says counts for others. */
  readonly paymentTypes: Readonly<Record<string, string>>
}

/** The alias of a sale that both the cloud and iikoServer show. */
function aliasOf(posId: string): string {
  return `pos:${posId.toLowerCase()}`
}

/** None: an order whose creation has failed or is not finished. It is not a sale. */
export function mapOrder(raw: unknown, restaurants: readonly Restaurant[], rules: Rules): MappedRecord | NoRecord {
  const info = readRecord(OrderInfo, raw, idIn(raw))
  if ('type' in info) return info
  const { id, order, posId, creationStatus, organizationId } = info
  if (creationStatus !== '' && creationStatus !== 'Success')
    return none('order_not_created', { creation: creationStatus })
  if (!order) return none('order_empty')
  const restaurant = restaurants.find((one) => one.id === organizationId.toLowerCase()) ?? restaurants[0]
  if (!restaurant) return unmapped(id, 'of a restaurant that is not connected', raw)
  return withAlias(
    mapGuarded(id, raw, () => transactionOf(info, order, { restaurant, rules })),
    posId,
  )
}

export function withAlias(record: MappedRecord, posId: string | null | undefined): MappedRecord {
  return record.type === 'transaction' && posId != null ? { ...record, alias: aliasOf(posId) } : record
}

interface Terms {
  readonly restaurant: Restaurant
  readonly rules: Rules
}

function transactionOf(info: OrderInfo, order: Order, { restaurant, rules }: Terms): Ruled {
  const minor = (value: string | number | null | undefined) => toMinor(value ?? 0, restaurant.currency)
  const sum = minor(order.sum)
  const excluded = order.payments
    .filter((payment) => isExcluded(payment, rules))
    .reduce((total, payment) => total + minor(payment.sum), 0)
  const amountMinor = sum < 0 ? sum : Math.max(sum - excluded, 0)
  const changedAt = changeTime(info)
  const local = order.whenClosed || order.whenDelivered || order.whenCreated
  if (local === '' && changedAt === null) throw new FieldError('no time at all')
  return {
    externalId: info.id,
    kind: amountMinor < 0 ? 'refund' : 'sale',
    ...decideOrder(order, rules, excluded > 0),
    amountMinor,
    currency: restaurant.currency,
    // Local time of the terminal, unlike `timestamp`.
    occurredAt: local === '' ? (changedAt ?? '') : zonedToUtc(local, restaurant.timezone),
    customer: toCustomer(order, restaurant),
    items: order.items.filter(isKept).flatMap((line) => toItems(line, minor)),
    location: { externalId: restaurant.id, name: restaurant.name },
    sourceUpdatedAt: changedAt,
  }
}

/** A preliminary payment stands beside the real one. */
function isExcluded({ paymentType, isPreliminary }: Payment, { excludedPaymentKinds, paymentTypes }: Rules): boolean {
  const kind = paymentTypes[paymentType?.id?.toLowerCase() ?? ''] ?? paymentType?.kind ?? ''
  return isPreliminary !== true && excludedPaymentKinds.some((one) => one.toLowerCase() === kind.toLowerCase())
}

/** `isPart`: some of it was paid with what does not count as money. */
function decideOrder(order: Order, { paidStatuses }: Rules, isPart: boolean): Decision {
  const { status } = order
  if (status === 'Cancelled') return decide('order_cancelled')
  if (status === 'Deleted' || order.isDeleted === true) return decide('order_deleted')
  // A moved order continues as another one with its own id.
  if (order.movedToDeliveryId != null) return decide('order_moved', { order: order.movedToDeliveryId })
  if (!paidStatuses.some((one) => one === status)) return decide('order_open', { status })
  return decide(isPart ? 'order_paid_in_part' : 'order_paid', { status })
}

/** Milliseconds since 1970; some versions give seconds. */
function changeTime({ timestamp }: OrderInfo): string | null {
  const value = Number(timestamp ?? 0)
  if (value <= 0) return null
  const date = new Date(value < 1e12 ? value * 1000 : value)
  if (Number.isNaN(date.getTime())) throw new FieldError('no time of change')
  return date.toISOString()
}

type ToMinor = (value: string | number | null | undefined) => number

function isKept({ deleted }: { readonly deleted?: unknown }): boolean {
  return deleted == null
}

/** A line, and its modifiers behind it. */
function toItems(line: Line, minor: ToMinor): Item[] {
  const parts = line.primaryComponent ? [line.primaryComponent, line.secondaryComponent] : [{ ...line, modifiers: [] }]
  const product = line.service ?? line.product ?? line.primaryComponent?.product
  const names = parts.map((part) => part?.product?.name ?? '').filter(Boolean)
  const item = {
    externalId: product?.id ?? null,
    name: names.join(' / ') || product?.name || line.type,
    quantity: Number(line.amount ?? 1),
    amountMinor: parts.reduce((total, part) => total + minor(part?.resultSum ?? part?.cost), 0),
  }
  const modifiers = [line.modifiers, ...parts.map((part) => part?.modifiers ?? []), line.commonModifiers].flat()
  return [item, ...modifiers.flatMap((modifier) => toModifierItems(modifier, minor))]
}

/** A modifier may have its own. */
function toModifierItems({ product, amount, price, resultSum, ...modifier }: Modifier, minor: ToMinor): Item[] {
  if (!isKept(modifier)) return []
  const quantity = Number(amount ?? 1)
  const item = {
    externalId: product?.id ?? null,
    name: product?.name || 'Modifier',
    quantity,
    amountMinor: resultSum == null ? Math.round(minor(price) * quantity) : minor(resultSum),
  }
  return [item, ...modifier.modifiers.flatMap((inner) => toModifierItems(inner, minor))]
}

/** A one-time customer has no id; for a guest of an aggregator only the order's phone is known. */
function toCustomer({ customer, phone }: Order, { callingCode }: Restaurant): Customer | null {
  return customerOrNull({
    externalId: customer?.id ?? null,
    name: [customer?.name, customer?.surname].filter(Boolean).join(' ') || null,
    phone: normalizePhone(phone, callingCode ?? undefined),
  })
}
