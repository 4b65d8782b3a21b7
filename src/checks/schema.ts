import * as z from 'zod'
import { TRANSACTION_KINDS, TRANSACTION_STATUSES } from '#crm/contract.ts'

const count = z.int().nonnegative()

const Sum = {
  count: count.meta({ description: 'How many.' }),
  amountMinor: z.int().meta({ description: 'Their sum in signed minor units.' }),
}

export const CheckedDay = z
  .strictObject({
    day: z.iso.date().meta({ description: 'The day, on the calendar of the location.' }),
    locationId: z.string().nullable().meta({ description: '`location.externalId` of the sales.' }),
    stored: z.strictObject(Sum).meta({ description: 'Paid sales and refunds here, as of `checkedAt`; else now.' }),
    crm: z.strictObject(Sum).nullable().meta({ description: 'Paid ones in the CRM; null: unchecked.' }),
    total: z
      .strictObject({
        count: count.nullable().meta({ description: 'How many; null where the CRM gives a sum alone.' }),
        amountMinor: z.int().meta({ description: 'In signed minor units.' }),
        source: z.string().meta({ description: 'Which of its reports that is.' }),
      })
      .nullable()
      .meta({ description: 'The CRM’s own total of the day; null where it has none.' }),
    missing: count.meta({ description: 'Sales that are paid in the CRM and are not here.' }),
    extra: count.meta({ description: 'Sales that are here, not cancelled, and not in the CRM.' }),
    different: count.meta({
      description: 'Sales that are another in the CRM. A customer’s card alone is no difference.',
    }),
    state: z
      .enum(['equal', 'different', 'unchecked'])
      .meta({ description: '`unchecked`: not compared yet, or not all of its sales could be compared.' }),
    checkedAt: z.iso.datetime().nullable().meta({ description: 'When it was last compared.' }),
  })
  .meta({ id: 'CheckedDay', description: 'A day of a location, here and in the CRM.' })
export type CheckedDay = z.infer<typeof CheckedDay>

export const SaleFacts = z
  .strictObject({
    kind: z.enum(TRANSACTION_KINDS).meta({ description: 'A refund gives money back.' }),
    status: z.enum(TRANSACTION_STATUSES).meta({ description: 'Its status.' }),
    amountMinor: z.int().meta({ description: 'Signed minor units.' }),
    currency: z.string().meta({ description: 'ISO 4217.' }),
    occurredAt: z.iso.datetime().meta({ description: 'When it happened.' }),
    locationId: z.string().nullable().meta({ description: '`location.externalId`.' }),
  })
  .meta({ id: 'SaleFacts', description: 'What a check compares of a sale, beside its customer and items.' })
export type SaleFacts = z.infer<typeof SaleFacts>

export const Difference = z
  .strictObject({
    kind: z.enum(['missing', 'extra', 'different']).meta({
      description: '`missing`: in the CRM and not here. `extra`: here and not in the CRM.',
    }),
    externalId: z.string().meta({ description: 'The id of the sale in the CRM.' }),
    locationId: z.string().nullable().meta({ description: 'Its location, in the CRM where it is there.' }),
    stored: SaleFacts.nullable().meta({ description: 'As it is here; null: it is not.' }),
    crm: SaleFacts.nullable().meta({ description: 'As the CRM has it; null: it does not.' }),
    fields: z
      .array(z.enum(['status', 'kind', 'amountMinor', 'currency', 'occurredAt', 'customer', 'location', 'items']))
      .meta({ description: 'What differs.' }),
  })
  .meta({ id: 'Difference', description: 'A sale that is not the same here and in the CRM.' })
export type Difference = z.infer<typeof Difference>
