import { toMinor } from '#lib/money.ts'
import type { LoyaltyOperation } from '#crm/yclients/schema.ts'

/** Paid from the client's own deposit: money that came before. Other loyalty operations are bonuses and vouchers. */
const DEPOSIT = 11

export function sum(sums: readonly number[]): number {
  return sums.reduce((total, part) => total + part, 0)
}

/** In minor units, each operation once. Throws MoneyError. */
export function depositOf(operations: readonly LoyaltyOperation[], currency: string): number {
  const deposits = operations.filter(({ type_id: type }) => type === DEPOSIT)
  const once = new Map(deposits.map((operation) => [operation.id, toMinor(operation.amount, currency)]))
  return Math.max(sum([...once.values()]), 0)
}
