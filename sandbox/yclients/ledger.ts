// What a service that has been shown everything must hold of a sale.
import type { Document, Operation, Visit } from '#sandbox/yclients/books.ts'

export interface LedgerEntry {
  readonly externalId: string
  readonly status: 'paid' | 'unpaid' | 'cancelled'
  readonly amountMinor: number
  readonly occurredAt: string
  readonly phone: string | null
  readonly customerId: string | null
  readonly items: readonly { readonly externalId: string | null; readonly amountMinor: number }[]
}

const SALES: ReadonlySet<number> = new Set([5, 6, 7, 12])

export function isSale({ recordId, documentId, kopecks, expense }: Operation): boolean {
  return recordId === 0 && documentId > 0 && kopecks > 0 && SALES.has(expense.id)
}

export function sumOf(lines: readonly { readonly kopecks: number }[]): number {
  return lines.reduce((sum, { kopecks }) => sum + kopecks, 0)
}

export function isPaid(visit: Visit): boolean {
  return visit.attendance === 1 && visit.paidFull && !visit.deleted
}

export function visitEntry(visit: Visit, payments: readonly Operation[]): LedgerEntry {
  const isCancelled = visit.deleted || visit.attendance === -1
  const at = isPaid(visit) ? visit.at : (visit.shownPaidAt ?? visit.at)
  return {
    externalId: `record:${visit.id}`,
    status: isCancelled ? 'cancelled' : isPaid(visit) ? 'paid' : 'unpaid',
    amountMinor: sumOf(payments) + (isPaid(visit) ? visit.loyalty.deposit : 0),
    occurredAt: at.toISOString(),
    phone: visit.client?.phone ?? null,
    customerId: visit.client ? String(visit.client.id) : null,
    items: [...visit.services, ...visit.goods].map(({ id, kopecks }) => ({
      externalId: String(id),
      amountMinor: kopecks,
    })),
  }
}

/** Null when nothing of the sale is left. */
export function saleEntry(
  documentId: number,
  operations: readonly Operation[],
  document: Document | null,
): LedgerEntry | null {
  const first = operations.map(({ at }) => at.getTime()).toSorted((a, b) => a - b)[0]
  if (first === undefined) return null
  const client = operations.find((operation) => operation.client)?.client ?? null
  const lines = document?.lines ?? []
  const paidFor = (id: number) => sumOf(operations.filter(({ itemId }) => itemId === id))
  const others = [...new Set(operations.map(({ itemId }) => itemId))].filter(
    (itemId) => itemId > 0 && !lines.some(({ id }) => id === itemId),
  )
  return {
    externalId: `sale:${documentId}`,
    status: 'paid',
    amountMinor: sumOf(operations) + (document?.loyalty.deposit ?? 0),
    occurredAt: new Date(first).toISOString(),
    phone: client?.phone ?? null,
    customerId: client ? String(client.id) : null,
    items: [
      ...lines.map(({ id, kopecks }) => ({ externalId: String(id), amountMinor: Math.max(kopecks, paidFor(id)) })),
      ...others.map((id) => ({ externalId: String(id), amountMinor: paidFor(id) })),
    ],
  }
}
