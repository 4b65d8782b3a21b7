import type { Customer } from '#crm/contract.ts'

/** A customer of whom nothing is known; connectors add what they know. */
export const NOBODY: Customer = { externalId: null, name: null, phone: null, email: null, card: null }

/** Null when nothing is known of the customer. */
export function customerOrNull(known: Partial<Customer>): Customer | null {
  const customer = { ...NOBODY, ...known }
  return Object.values(customer).some((value) => value !== null) ? customer : null
}
