// Vendor records → canonical transactions (`CanonicalTransaction` in crm/contract.ts). Pure.
import type { CanonicalTransaction, Customer, Item, MappedRecord } from '#crm/contract.ts'
import { customerOrNull } from '#crm/kit/customer.ts'
import { idIn, mapGuarded, prefixed, readRecord, type Unmapped } from '#crm/kit/mapping.ts'
import { callingCodeOf } from '#lib/calling-code.ts'
import { toMinor } from '#lib/money.ts'
import { normalizePhone } from '#lib/phone.ts'
import { instantOf, localDateTime, zonedToUtc } from '#lib/time.ts'
import type { AccountContext } from '#crm/yclients/cursor.ts'
import { type Client, Operation, Visit } from '#crm/yclients/schema.ts'

const SERVICES = 5
const GOODS = 7
/** A deposit is not a sale; what is bought with it later is. */
const DEPOSIT = 10

export function mapVisit(raw: unknown, account: AccountContext): MappedRecord {
  const externalId = prefixed('record:', idIn(raw))
  const visit = readRecord(Visit, raw, externalId)
  return 'type' in visit ? visit : mapGuarded(externalId, raw, () => visitTransaction(visit, account))
}

function visitTransaction(visit: Visit, account: AccountContext): CanonicalTransaction {
  const isPaid = visit.attendance === 1 && visit.paid_full
  const isCancelled = visit.deleted || visit.attendance === -1
  const minor = (value: string | number | null | undefined) => toMinor(value ?? 0, account.currency)
  const items: Item[] = [
    ...visit.services.map((service) => ({
      externalId: service.id,
      name: service.title,
      quantity: Math.abs(Number(service.amount ?? 1)),
      amountMinor: minor(service.cost_to_pay ?? service.cost),
    })),
    ...visit.goods_transactions.map((good) => ({
      externalId: good.good_id ?? good.id,
      name: good.title,
      quantity: Math.abs(Number(good.amount ?? 1)),
      amountMinor: minor(good.cost),
    })),
  ]
  const payments = visit.finance_transactions
    ?.filter((operation) => !operation.deleted && expenseOf(operation) !== DEPOSIT)
    .map((operation) => minor(operation.amount))
    .filter((sum) => sum > 0)
  return {
    externalId: `record:${visit.id}`,
    kind: 'sale',
    status: isCancelled ? 'cancelled' : isPaid ? 'paid' : 'unpaid',
    amountMinor: total(payments ?? items.map((item) => item.amountMinor)),
    currency: account.currency,
    // The offset of `datetime` is sometimes wrong; the naive `date` is the salon's local time.
    occurredAt: zonedToUtc(visit.date, account.timezone),
    customer: toCustomer(visit.client, account),
    items,
    location: { externalId: account.companyId, name: account.title },
    sourceUpdatedAt: visit.last_change_date ? changeTime(visit.last_change_date, account.timezone) : null,
  }
}

/** A row of the list of cash movements, or the reason why it cannot be read. */
export function readOperation(raw: unknown): Operation | Unmapped {
  return readRecord(Operation, raw, prefixed('operation:', idIn(raw)))
}

/** Whether an operation is money for a sale without an appointment. */
export function isSaleRevenue(operation: Operation): boolean {
  if (operation.deleted || (operation.record_id ?? 0) > 0 || Number(operation.amount) <= 0) return false
  const expense = expenseOf(operation)
  if (expense === DEPOSIT) return false
  return expense === SERVICES || expense === GOODS || operation.sold_item_type !== ''
}

/** All revenue operations of one sale document → one transaction. */
export function mapSale(documentId: string, operations: readonly Operation[], account: AccountContext): MappedRecord {
  return mapGuarded(`sale:${documentId}`, { document_id: documentId, operations }, () => {
    // Sorted by instant, since the same moment is written in several forms.
    const sorted = operations
      .map((operation) => ({ ...operation, at: zonedToUtc(operation.date, account.timezone) }))
      .toSorted((a, b) => compare(a.at, b.at) || Number(a.id) - Number(b.id))
    const items = sorted.map((operation) => ({
      externalId: operation.sold_item_id || null,
      name: operation.expense?.title || 'Продажа',
      quantity: 1,
      amountMinor: toMinor(operation.amount, account.currency),
    }))
    return {
      externalId: `sale:${documentId}`,
      kind: 'sale',
      status: 'paid',
      amountMinor: total(items.map((item) => item.amountMinor)),
      currency: account.currency,
      occurredAt: sorted[0]?.at ?? '',
      customer: toCustomer(sorted.find((operation) => operation.client?.id)?.client ?? null, account),
      items,
      location: { externalId: account.companyId, name: account.title },
      // A document has no change time. The newest change of its operations would go back when one is removed.
      sourceUpdatedAt: null,
    }
  })
}

/**
 * The offset counts only when the branch's zone has it at that moment: some are wrong. In the hour that comes twice a
 * year only a correct offset shows which time is later.
 */
function changeTime(text: string, zone: string): string {
  const byOffset = instantOf(text, zone)
  const naive = text.trim().slice(0, 19).replace(' ', 'T')
  return localDateTime(new Date(byOffset), zone) === naive ? byOffset : zonedToUtc(text, zone)
}

function expenseOf(operation: Pick<Operation, 'expense' | 'expense_id'>): number | null {
  return operation.expense?.id ?? operation.expense_id
}

function toCustomer(client: Client | null, account: AccountContext): Customer | null {
  if (!client) return null
  const name =
    client.display_name.trim() ||
    [client.name, client.surname]
      .map((part) => part.trim())
      .filter(Boolean)
      .join(' ')
  return customerOrNull({
    externalId: client.id && client.id !== '0' ? client.id : null,
    name: name || null,
    phone: normalizePhone(client.phone, callingCodeOf(account)),
    email: client.email.trim() || null,
    card: client.card.trim() || null,
  })
}

function total(sums: readonly number[]): number {
  return sums.reduce((sum, part) => sum + part, 0)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
