// What a service that has been shown everything must hold.
import { localDate } from '#lib/time.ts'
import { type Configuration, FORMS, REPORT } from '#sandbox/1c/wire.ts'
import { isPaid, type Line, type Receipt, type Shop } from '#sandbox/1c/shop.ts'

export interface LedgerEntry {
  readonly externalId: string
  readonly kind: 'sale' | 'refund'
  readonly status: 'paid' | 'unpaid' | 'cancelled'
  readonly amountMinor: number
  readonly currency: string
  readonly occurredAt: string
  readonly phone: string | null
  readonly customerId: string | null
  readonly card: string | null
  readonly items: readonly { readonly name: string; readonly quantity: number; readonly amountMinor: number }[]
}

export function setOf({ isRefund }: Receipt, configuration: Configuration): string {
  const { sales, refunds } = FORMS[configuration]
  return isRefund && refunds ? refunds : sales
}

export function ledgerOf(shop: Shop, configuration: Configuration, zone: string): LedgerEntry[] {
  return [...shop.receipts.values(), ...shop.vanished]
    .filter(({ shownPaidAt }) => shownPaidAt !== null)
    .map((receipt) => {
      const isKept = isRemovedWithShift(receipt, configuration, zone)
      // Nobody can know what was changed between the last look and the removal.
      const last = isKept ? (receipt.shown ?? receipt) : receipt
      return entry(last, configuration, receipt.vanishedAt !== null && !isKept)
    })
    .toSorted((a, b) => (a.externalId < b.externalId ? -1 : 1))
}

/** Receipts of past days are removed after their shift: that takes nothing back, unless their report says otherwise. */
function isRemovedWithShift(
  { at, vanishedAt, isDeletedByHand }: Receipt,
  configuration: Configuration,
  zone: string,
): boolean {
  const { archives, others } = FORMS[configuration]
  if (vanishedAt === null || !archives || (isDeletedByHand && others.includes(REPORT))) return false
  return localDate(at, zone) < localDate(vanishedAt, zone)
}

function entry(receipt: Receipt, configuration: Configuration, isGone: boolean): LedgerEntry {
  const { cards, namesPerson } = FORMS[configuration]
  const sign = receipt.isRefund ? -1 : 1
  const card = cards === null ? null : receipt.card
  const buyer = namesPerson && !receipt.person?.isNobody ? receipt.person : null
  const person = card?.owner ?? buyer
  const counterparty = person !== null && person === buyer ? person.counterparty : null
  const at = isPaid(receipt) && !isGone ? receipt.at : (receipt.shownPaidAt ?? receipt.at)
  return {
    externalId: `${setOf(receipt, configuration)}:${receipt.id}`,
    kind: receipt.isRefund ? 'refund' : 'sale',
    status: statusOf(receipt, isGone),
    amountMinor: sign * receipt.kopecks,
    currency: receipt.currency,
    occurredAt: at.toISOString(),
    phone: person?.phone || counterparty?.phone || null,
    customerId: person?.id ?? card?.id ?? null,
    card: card?.code ?? null,
    items: linesOf(receipt, configuration).map(({ good, quantity, kopecks }) => ({
      name: good.name,
      quantity,
      amountMinor: sign * kopecks,
    })),
  }
}

function statusOf(receipt: Receipt, isGone: boolean): LedgerEntry['status'] {
  if (isGone || receipt.marked || receipt.state === 'annulled') return 'cancelled'
  return isPaid(receipt) ? 'paid' : 'unpaid'
}

function linesOf({ lines, isEmptied, shown }: Receipt, configuration: Configuration): readonly Line[] {
  // What was first seen without lines never had any.
  const seen = isEmptied && shown?.isEmptied === true && shown.lines.length === 0 ? [] : lines
  // Services stand in a table of their own, after the goods.
  return configuration === 'bp' ? [...seen.slice(1), ...seen.slice(0, 1)] : seen
}
