// The filters of lists and exports of transactions: each member of the query, and its SQL condition.
import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import { TRANSACTION_KINDS, TRANSACTION_STATUSES } from '#crm/contract.ts'
import type { Conditions } from '#db/filter.ts'
import { Moment } from '#businesses/period.ts'
import { normalizePhone } from '#lib/phone.ts'

/**
 * E.164. A `+` in a query string arrives as a space unless it was encoded. 15 digits and their separators fit into 40.
 */
const Phone = z
  .string()
  .max(40)
  .transform((text, context) => {
    const phone = normalizePhone(/^ \d/.test(text) ? `+${text.trim()}` : text)
    if (phone) return phone
    context.addIssue('is not a phone number')
    return z.NEVER
  })

/** Digits as people write and say the end of a phone. */
const PHONE_END = /^\+?[\d\s().-]+$/
const PHONE_END_MIN = 4
/** As many digits as a whole number has, with its calling code or the 8 that Russians dial. */
const PHONE_WHOLE = 11

const Search = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(100)
  .transform((text) => {
    const digits = PHONE_END.test(text) ? text.replaceAll(/\D/g, '') : ''
    if (digits.length < PHONE_END_MIN) return { name: text }
    const phone = digits.length >= PHONE_WHOLE ? normalizePhone(text) : null
    return { phoneEnd: phone ?? digits }
  })

export const TransactionFilter = z.strictObject({
  from: Moment.optional().meta({
    description: '`occurredAt` at or after this time, or from this day on, on the business’s calendar.',
  }),
  to: Moment.optional().meta({ description: '`occurredAt` before this time, or until the end of this day.' }),
  status: z.enum(TRANSACTION_STATUSES).optional().meta({ description: 'Only these.' }),
  kind: z.enum(TRANSACTION_KINDS).optional().meta({ description: 'Only sales, or only refunds.' }),
  customerPhone: Phone.optional().meta({ description: 'The customer’s phone, in any usual spelling.' }),
  externalId: z.string().max(200).optional().meta({ description: 'The id in the CRM, exactly.' }),
  locationId: z.string().max(200).optional().meta({ description: '`location.externalId` of the sale.' }),
  q: Search.optional().meta({
    description: 'A part of the customer’s name, or the last four digits or more of the phone.',
  }),
})
export type TransactionFilter = z.infer<typeof TransactionFilter>

/** `t` is a row of crm_transactions. */
export const CONDITIONS: Conditions<TransactionFilter> = {
  from: (from) => sql`t.occurred_at >= ${from}::timestamptz`,
  to: (to) => sql`t.occurred_at < ${to}::timestamptz`,
  status: (status) => sql`t.status = ${status}`,
  kind: (kind) => sql`t.kind = ${kind}`,
  // The index is by the phone from its end, which serves both.
  customerPhone: (phone) => sql`reverse(t.customer_phone) = ${reversed(phone)}`,
  externalId: (externalId) => sql`t.external_id = ${externalId}`,
  locationId: (locationId) => sql`t.location_external_id = ${locationId}`,
  q: ({ name, phoneEnd }) =>
    phoneEnd === undefined
      ? sql`strpos(${folded(sql`t.customer_name`)}, ${folded(sql`${name}`)}) > 0`
      : // Digits and a plus: no character of them means more to LIKE.
        sql`reverse(t.customer_phone) like ${`${reversed(phoneEnd)}%`}`,
}

/** People leave out the dots of ё. The collation knows the cases of all alphabets, whatever the database's own does. */
function folded(text: SQL): SQL {
  return sql`translate(lower(${text}::text collate "pg_c_utf8"), 'ё', 'е')`
}

function reversed(ascii: string): string {
  return Array.from(ascii).toReversed().join('')
}
