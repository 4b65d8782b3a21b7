import type { Customer } from '#crm/contract.ts'
import { customerOrNull } from '#crm/kit/customer.ts'
import { callingCodeOf } from '#lib/calling-code.ts'
import { normalizePhone } from '#lib/phone.ts'
import type { AccountContext } from '#crm/yclients/cursor.ts'
import type { Client } from '#crm/yclients/schema.ts'

export function toCustomer(client: Client | null, account: AccountContext): Customer | null {
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
