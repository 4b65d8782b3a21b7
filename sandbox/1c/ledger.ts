// What a service that has been shown everything must hold.
import { type Configuration, FORMS } from '#sandbox/1c/wire.ts'
import type { Receipt, Shop } from '#sandbox/1c/shop.ts'

export interface LedgerEntry {
  readonly externalId: string
  readonly kind: 'sale' | 'refund'
  readonly status: 'paid' | 'unpaid' | 'cancelled'
  readonly amountMinor: number
  readonly occurredAt: string
  readonly phone: string | null
  readonly customerId: string | null
  readonly card: string | null
  readonly items: readonly { readonly name: string; readonly quantity: number; readonly amountMinor: number }[]
}

export function isPaid({ posted, marked }: Receipt): boolean {
  return posted && !marked
}

export function setOf({ isRefund }: Receipt, configuration: Configuration): string {
  const { sales, refunds } = FORMS[configuration]
  return isRefund && refunds ? refunds : sales
}

export function ledgerOf(shop: Shop, configuration: Configuration): LedgerEntry[] {
  return [...shop.receipts.values(), ...shop.vanished]
    .filter(({ shownPaidAt }) => shownPaidAt !== null)
    .map((receipt) => entry(receipt, configuration, shop.vanished.has(receipt)))
    .toSorted((a, b) => (a.externalId < b.externalId ? -1 : 1))
}

function entry(receipt: Receipt, configuration: Configuration, isGone: boolean): LedgerEntry {
  const { cards, namesPerson } = FORMS[configuration]
  const sign = receipt.isRefund ? -1 : 1
  const card = cards === null ? null : receipt.card
  const person = card?.owner ?? (namesPerson ? receipt.person : null)
  // Services stand in a table of their own, after the goods.
  const lines = configuration === 'bp' ? [...receipt.lines.slice(1), ...receipt.lines.slice(0, 1)] : receipt.lines
  const at = isPaid(receipt) && !isGone ? receipt.at : (receipt.shownPaidAt ?? receipt.at)
  return {
    externalId: `${setOf(receipt, configuration)}:${receipt.id}`,
    kind: receipt.isRefund ? 'refund' : 'sale',
    status: isGone || receipt.marked ? 'cancelled' : receipt.posted ? 'paid' : 'unpaid',
    amountMinor: sign * receipt.kopecks,
    occurredAt: at.toISOString(),
    phone: person?.phone || null,
    customerId: person?.id ?? card?.id ?? null,
    card: card?.code ?? null,
    items: lines.map(({ good, quantity, kopecks }) => ({ name: good.name, quantity, amountMinor: sign * kopecks })),
  }
}
