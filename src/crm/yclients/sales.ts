// Sales without an appointment → canonical transactions: one for each sale document, from its operations, with the
// names, quantities and deposits of the document itself. Pure.
import type { Item, MappedRecord } from '#crm/contract.ts'
import { FieldError, mapGuarded, type Ruled } from '#crm/kit/mapping.ts'
import { toMinor } from '#lib/money.ts'
import { zonedToUtc } from '#lib/time.ts'
import type { AccountContext } from '#crm/yclients/cursor.ts'
import { toCustomer } from '#crm/yclients/customer.ts'
import { depositOf, sum } from '#crm/yclients/money.ts'
import { decide } from '#crm/yclients/rules.ts'
import type { Operation, SaleDocument, SoldLine } from '#crm/yclients/schema.ts'

const DEPOSIT = 11

/** `document` null: it cannot be read. Throws nothing: what cannot be mapped is `unmapped`. */
export function mapSale(
  documentId: string,
  operations: readonly Operation[],
  account: AccountContext,
  document: SaleDocument | null,
): MappedRecord {
  const raw = { document_id: documentId, operations, document }
  return mapGuarded(`sale:${documentId}`, raw, () => saleTransaction(documentId, operations, account, document))
}

function saleTransaction(
  documentId: string,
  operations: readonly Operation[],
  account: AccountContext,
  document: SaleDocument | null,
): Ruled {
  const { currency, timezone } = account
  // Sorted by instant, since the same moment is written in several forms.
  const sorted = operations
    .map((operation) => ({ ...operation, at: zonedToUtc(operation.date, timezone) }))
    .toSorted((a, b) => compare(a.at, b.at) || Number(a.id) - Number(b.id))
  const lines = linesOf(document?.items ?? [], groupByItem(sorted, currency), currency)
  const paid = sum(sorted.map(({ amount }) => toMinor(amount, currency)))
  const deposit = depositShare(document, paid, currency)
  return {
    externalId: `sale:${documentId}`,
    kind: 'sale',
    ...decide(deposit > 0 ? 'sale_paid_deposit' : 'sale_paid'),
    amountMinor: paid + deposit,
    currency,
    occurredAt: sorted[0]?.at ?? depositTime(document, timezone),
    customer: toCustomer(sorted.find(({ client }) => client?.id)?.client ?? null, account),
    items: lines,
    location: { externalId: account.companyId, name: account.title },
    // A document has no change time. The newest change of its operations would go back when one is removed.
    sourceUpdatedAt: null,
  }
}

/** What the deposit paid: as much as the operations leave open of the sum due, all of it where the sum is unknown. */
function depositShare(document: SaleDocument | null, paid: number, currency: string): number {
  if (!document) return 0
  const deposit = depositOf(document.loyalty_transactions, currency)
  const costs = document.items.map(({ cost_to_pay_total: cost }) => cost ?? null)
  if (costs.length === 0 || costs.includes(null)) return deposit
  const due = sum(costs.map((cost) => toMinor(cost ?? 0, currency)))
  return Math.min(deposit, Math.max(due - paid, 0))
}

/** A sale that the deposit paid alone has no operation that tells its time. */
function depositTime(document: SaleDocument | null, timezone: string): string {
  const times = (document?.loyalty_transactions ?? [])
    .filter(({ type_id: type }) => type === DEPOSIT)
    .map(({ created_at: at }) => zonedToUtc(at, timezone))
  const first = times.toSorted(compare)[0]
  if (first === undefined) throw new FieldError('date: no operation tells it')
  return first
}

interface PaidItem {
  readonly id: string
  readonly isGood: boolean
  readonly title: string
  readonly amountMinor: number
}

/** One for each sold item, whatever the number of its payments. Without an item the expense tells them apart. */
function groupByItem(operations: readonly Operation[], currency: string): readonly PaidItem[] {
  const items = new Map<string, PaidItem>()
  for (const operation of operations) {
    const { sold_item_id: soldId, sold_item_type: type, expense } = operation
    const id = soldId === '0' ? '' : soldId
    const key = id === '' ? `expense:${expense?.id ?? operation.expense_id}` : `${type}:${id}`
    const amountMinor = (items.get(key)?.amountMinor ?? 0) + toMinor(operation.amount, currency)
    items.set(key, { id, isGood: /good/.test(type), title: expense?.title || 'Продажа', amountMinor })
  }
  return [...items.values()]
}

/**
 * The document's lines. Its lines that no payment names are what the payments without an item are for; payments for
 * items that the document does not show are lines of their own.
 */
function linesOf(lines: readonly SoldLine[], paid: readonly PaidItem[], currency: string): Item[] {
  const paidFor = (line: SoldLine) =>
    paid.find(({ id, isGood }) => id === line.id && isGood === /good/.test(line.type)) ??
    paid.find(({ id }) => id === line.id)
  const named = lines.map((line) => ({ line, payment: paidFor(line) }))
  const rest = paid.filter((item) => !named.some(({ payment }) => payment === item))
  const open = named.filter(({ payment }) => payment === undefined)
  const soleRest = open.length === 1 ? sum(rest.map(({ amountMinor }) => amountMinor)) : null
  return [
    ...named.map(({ line, payment }) => ({
      externalId: line.id,
      name: line.title || payment?.title || 'Продажа',
      quantity: Math.abs(Number(line.amount ?? 1)),
      // What was paid for a line is never more than its total.
      amountMinor: Math.max(payment?.amountMinor ?? soleRest ?? 0, toMinor(line.cost_to_pay_total ?? 0, currency)),
    })),
    ...(open.length > 0 ? [] : rest).map(({ id, title, amountMinor }) => ({
      externalId: id || null,
      name: title,
      quantity: 1,
      amountMinor,
    })),
  ]
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
