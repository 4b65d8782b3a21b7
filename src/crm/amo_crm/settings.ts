import * as z from 'zod'
import { adaptive, currency, initialDays, timeZone } from '#crm/kit/settings.ts'

const SOURCES = ['leads', 'purchases', 'invoices'] as const
/** The vendor's own codes of `BILL_STATUS`. */
export const INVOICE_STATUSES = ['created', 'paid', 'partially_paid', 'paid_in_advance'] as const
export type InvoiceStatus = (typeof INVOICE_STATUSES)[number]

export const Settings = z.strictObject({
  brand: z.enum(['amocrm', 'kommo']).default('amocrm'),
  sources: z.array(z.enum(SOURCES)).min(1).default(['leads']),
  pipelineIds: z.array(z.int().positive('expected the number of a pipeline')).min(1).optional(),
  paidStatusIds: z
    .record(z.string().regex(/^[1-9]\d{0,18}$/), z.array(z.int().positive()).min(1))
    .optional()
    .meta({
      description:
        'By the number of a pipeline: the numbers of all its stages at which a deal is a sale. Elsewhere it is the stage of won deals alone, 142.',
      examples: [{ 7001: [142, 7100] }],
    }),
  invoicePaidStatuses: z
    .array(z.enum(INVOICE_STATUSES).exclude(['created']))
    .min(1)
    .default(['paid']),
  timezone: timeZone().optional(),
  currency: currency.optional(),
  initialDays,
  adaptive,
})
export type Settings = z.infer<typeof Settings>
