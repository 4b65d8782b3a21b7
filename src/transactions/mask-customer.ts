import type { CanonicalTransaction } from '#crm/contract.ts'

const HIDDEN = '***'

/** Enough for an owner to recognize a sale of his own, and nothing to reach its customer by. */
export function maskCustomer(transaction: CanonicalTransaction): CanonicalTransaction {
  const { customer } = transaction
  if (!customer) return transaction
  const { externalId, name, phone, email, card } = customer
  return {
    ...transaction,
    customer: {
      externalId,
      name: name && `${String.fromCodePoint(name.codePointAt(0) ?? 0)}${HIDDEN}`,
      phone: phone && `${phone.slice(0, 2)}${HIDDEN}${phone.slice(-2)}`,
      email: email && HIDDEN,
      card: card && HIDDEN,
    },
  }
}
