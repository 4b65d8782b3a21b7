import * as z from 'zod'
import { type CanonicalTransaction, TRANSACTION_KINDS, TRANSACTION_STATUSES } from '#crm/contract.ts'
import { isoInstant, isoInstantOrNull, safeInteger } from '#db/columns.ts'

const text = z.string().nullable()

export const Transaction = z
  .strictObject({
    id: z.guid().meta({ description: 'Our id. It never changes.' }),
    businessId: z.guid().meta({ description: 'Whose sale it is.' }),
    integrationId: z.guid().meta({ description: 'Where it comes from.' }),
    externalId: z.string().meta({ description: 'Its id in the CRM, unique within the integration.' }),
    kind: z.enum(TRANSACTION_KINDS).meta({ description: 'A refund gives money back.' }),
    status: z
      .enum(TRANSACTION_STATUSES)
      .meta({ description: 'A sale enters when it was first seen `paid`, and follows the CRM from then on.' }),
    amountMinor: z.int().meta({ description: 'Signed minor units: kopecks for RUB.' }),
    currency: z.string().meta({ description: 'ISO 4217.' }),
    occurredAt: z.iso.datetime().meta({ description: 'When it happened.' }),
    customer: z
      .strictObject({
        externalId: text.meta({ description: 'Their id in the CRM.' }),
        name: text.meta({ description: 'Their name as the CRM has it.' }),
        phone: text.meta({ description: 'E.164, such as +79000000001.' }),
        email: text.meta({ description: 'Their e-mail address.' }),
        card: text.meta({ description: 'The number of their discount or loyalty card.' }),
      })
      .nullable()
      .meta({ description: 'Who bought; null where the CRM says nothing of them.' }),
    items: z
      .array(
        z.strictObject({
          externalId: text.meta({ description: 'The id of the product or service in the CRM.' }),
          name: z.string().meta({ description: 'Its name.' }),
          quantity: z.number().meta({ description: 'How much of it; may be a fraction.' }),
          amountMinor: z.int().meta({ description: 'The sum of the line, in minor units.' }),
        }),
      )
      .meta({ description: 'What was sold; empty where the CRM does not say.' }),
    location: z
      .strictObject({
        externalId: text.meta({ description: 'Its id in the CRM.' }),
        name: text.meta({ description: 'Its name.' }),
      })
      .nullable()
      .meta({ description: 'The branch, restaurant, shop or clinic where it was sold.' }),
    sourceUpdatedAt: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'When the CRM last changed it, by its own clock; null where it does not say.' }),
    changeSeq: z.int().meta({ description: 'Rises by commit order within an integration; see the change feed.' }),
    createdAt: z.iso.datetime().meta({ description: 'When we stored it first.' }),
    updatedAt: z.iso.datetime().meta({ description: 'When we last stored a change of it.' }),
  })
  .meta({ id: 'Transaction', description: 'One sale or refund, as the CRM has it now.' })
export type Transaction = z.infer<typeof Transaction>

/**
 * A transaction as a sync would store it. Values that exist only after storing are null; their types are wider, since
 * some generators drop a member that can only be null.
 */
export const SampleTransaction = Transaction.extend({
  id: z.guid().nullable().meta({ description: 'Null: it is not stored.' }),
  changeSeq: z.int().nullable().meta({ description: 'Null: it is not stored.' }),
  createdAt: z.iso.datetime().nullable().meta({ description: 'Null: it is not stored.' }),
  updatedAt: z.iso.datetime().nullable().meta({ description: 'Null: it is not stored.' }),
}).meta({ id: 'SampleTransaction', description: 'One sale or refund as a sync would store it.' })
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
