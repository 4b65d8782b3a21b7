// The sales of a sample beside what is stored of them.
import type { CanonicalTransaction, Customer, MappedRecord, Session, StoredSale } from '#crm/contract.ts'
import type { FilePreview } from '#crm/imports.ts'

/** Sales that were never paid are not stored, so they are not new. */
export async function countStored(
  records: readonly MappedRecord[],
  storedSales: Session<unknown>['storedSales'],
): Promise<FilePreview['stored']> {
  const sales = records.flatMap((record) => (record.type === 'transaction' ? [record.transaction] : []))
  const byId = new Map(sales.map((sale) => [sale.externalId, sale]))
  const stored = await storedSales([...byId.keys()])
  const counts = { new: 0, changed: 0, known: 0 }
  for (const sale of byId.values()) {
    const before = stored.get(sale.externalId)
    if (before) counts[isSame(before, sale) ? 'known' : 'changed'] += 1
    else if (sale.status === 'paid') counts.new += 1
  }
  return counts
}

function isSame(before: StoredSale, now: CanonicalTransaction): boolean {
  return (
    before.status === now.status &&
    before.amountMinor === now.amountMinor &&
    before.currency === now.currency &&
    Date.parse(before.occurredAt) === Date.parse(now.occurredAt) &&
    before.locationId === (now.location?.externalId ?? null) &&
    textOf(before.customer) === textOf(now.customer)
  )
}

function textOf(customer: Customer | null): string {
  return JSON.stringify(customer && [customer.externalId, customer.name, customer.phone, customer.email, customer.card])
}
