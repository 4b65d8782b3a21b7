// The filters of lists and exports of transactions: each member of the query, and its SQL condition.
import { sql } from 'drizzle-orm'
import * as z from 'zod'
import { TRANSACTION_KINDS, TRANSACTION_STATUSES } from '#crm/contract.ts'
import type { Conditions } from '#db/filter.ts'
import { Instant } from '#lib/instant.ts'
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

export const TransactionFilter = z.strictObject({
  from: Instant.optional().meta({ description: '`occurredAt` at or after this.' }),
  to: Instant.optional().meta({ description: '`occurredAt` before this.' }),
  status: z.enum(TRANSACTION_STATUSES).optional().meta({ description: 'Only these.' }),
  kind: z.enum(TRANSACTION_KINDS).optional().meta({ description: 'Only sales, or only refunds.' }),
  customerPhone: Phone.optional().meta({ description: 'The customer’s phone, in any usual spelling.' }),
  externalId: z.string().max(200).optional().meta({ description: 'The id in the CRM, exactly.' }),
})
export type TransactionFilter = z.infer<typeof TransactionFilter>

/** `t` is a row of crm_transactions. */
export const CONDITIONS: Conditions<TransactionFilter> = {
  from: (from) => sql`t.occurred_at >= ${from}::timestamptz`,
  to: (to) => sql`t.occurred_at < ${to}::timestamptz`,
  status: (status) => sql`t.status = ${status}`,
  kind: (kind) => sql`t.kind = ${kind}`,
  customerPhone: (phone) => sql`t.customer_phone = ${phone}`,
  externalId: (externalId) => sql`t.external_id = ${externalId}`,
}
