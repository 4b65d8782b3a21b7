import * as z from 'zod'
import { type CanonicalTransaction, TRANSACTION_KINDS, TRANSACTION_STATUSES } from '#crm/contract.ts'
import { isoInstant, isoInstantOrNull, safeInteger } from '#db/columns.ts'

const text = z.string().nullable()

export const Transaction = z
  .strictObject({
    id: z.guid(),
    businessId: z.guid(),
    integrationId: z.guid(),
    externalId: z.string(),
    kind: z.enum(TRANSACTION_KINDS),
    status: z.enum(TRANSACTION_STATUSES),
    amountMinor: z.int().meta({ description: 'Signed minor units: kopecks for RUB.' }),
    currency: z.string(),
    occurredAt: z.iso.datetime(),
    customer: z.strictObject({ externalId: text, name: text, phone: text, email: text, card: text }).nullable(),
    items: z.array(z.strictObject({ externalId: text, name: z.string(), quantity: z.number(), amountMinor: z.int() })),
    location: z.strictObject({ externalId: text, name: text }).nullable(),
    sourceUpdatedAt: z.iso.datetime().nullable(),
    changeSeq: z.int().meta({ description: 'Rises by commit order within an integration; see the change feed.' }),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Transaction' })
export type Transaction = z.infer<typeof Transaction>

/** A transaction as a sync would store it. Values that exist only after storing are null. */
export const SampleTransaction = Transaction.extend({
  id: z.null(),
  changeSeq: z.null(),
  createdAt: z.null(),
  updatedAt: z.null(),
}).meta({ id: 'SampleTransaction' })
export type SampleTransaction = z.infer<typeof SampleTransaction>

/** A `crm_transactions` row as raw SQL returns it. */
export interface TransactionRow extends Record<string, unknown> {
  id: string
  business_id: string
  integration_id: string
  external_id: string
  kind: Transaction['kind']
  status: Transaction['status']
  amount_minor: string
  currency: string
  occurred_at: string
  customer_external_id: string | null
  customer_name: string | null
  customer_phone: string | null
  customer_email: string | null
  customer_card: string | null
  items: Transaction['items']
  location_external_id: string | null
  location_name: string | null
  source_updated_at: string | null
  change_seq: string
  created_at: string
  updated_at: string
}

export function presentTransaction(row: TransactionRow): Transaction {
  const customer = {
    externalId: row.customer_external_id,
    name: row.customer_name,
    phone: row.customer_phone,
    email: row.customer_email,
    card: row.customer_card,
  }
  const location = { externalId: row.location_external_id, name: row.location_name }
  return {
    id: row.id,
    businessId: row.business_id,
    integrationId: row.integration_id,
    externalId: row.external_id,
    kind: row.kind,
    status: row.status,
    amountMinor: safeInteger(row.amount_minor),
    currency: row.currency,
    occurredAt: isoInstant(row.occurred_at),
    customer: orNull(customer),
    items: row.items,
    location: orNull(location),
    sourceUpdatedAt: isoInstantOrNull(row.source_updated_at),
    changeSeq: safeInteger(row.change_seq),
    createdAt: isoInstant(row.created_at),
    updatedAt: isoInstant(row.updated_at),
  }
}

/** Null when every part is null. */
export function orNull<T extends object>(parts: T): T | null {
  return Object.values(parts).some((part) => part !== null) ? parts : null
}

export function presentSample(
  transaction: CanonicalTransaction,
  { id, businessId }: { readonly id: string; readonly businessId: string },
): SampleTransaction {
  const unstored = { id: null, changeSeq: null, createdAt: null, updatedAt: null }
  const items = transaction.items.map((item) => ({ ...item }))
  return { ...transaction, ...unstored, items, businessId, integrationId: id }
}
