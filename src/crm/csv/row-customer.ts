// The customer of a row.
import type { Customer } from '#crm/contract.ts'
import { customerOrNull } from '#crm/kit/customer.ts'
import type { Cells, Rejection } from '#crm/csv/row-cells.ts'
import { normalizePhone } from '#lib/phone.ts'

/** Excel's form of long numbers, which has lost digits. */
export const SCIENTIFIC = /^[-+]?\d+(?:[.,]\d+)?e\+?\d+$/i
/** RFC 5321, 4.5.3.1.3. */
const MAIL_LENGTH_MAX = 254
const MAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/

export function readCustomer({
  text,
  callingCode,
}: Pick<Cells, 'text' | 'callingCode'>): Customer | null | { readonly rejected: Rejection } {
  for (const field of ['phone', 'card'] as const) {
    if (SCIENTIFIC.test(text(field))) return { rejected: { reason: 'scientific', field } }
  }
  return customerOrNull({
    name: text('name').replaceAll(/\s+/g, ' ') || null,
    phone: normalizePhone(text('phone'), callingCode),
    email: isMail(text('email')) ? text('email') : null,
    card: text('card') || null,
  })
}

function isMail(text: string): boolean {
  return text.length <= MAIL_LENGTH_MAX && MAIL.test(text)
}
