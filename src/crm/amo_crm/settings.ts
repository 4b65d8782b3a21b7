import * as z from 'zod'
import { adaptive, currency, initialDays, timeZone } from '#crm/kit/settings.ts'

const SOURCES = ['leads', 'purchases', 'invoices'] as const
/** The vendor's own codes of `BILL_STATUS`. */
export const INVOICE_STATUSES = ['created', 'paid', 'partially_paid', 'paid_in_advance'] as const
export type InvoiceStatus = (typeof INVOICE_STATUSES)[number]

export const Settings = z.strictObject({
  brand: z.enum(['amocrm', 'kommo']).default('amocrm').meta({ title: 'amoCRM or Kommo' }),
  sources: z.array(z.enum(SOURCES)).min(1).default(['leads']).meta({
    title: 'What counts as a sale',
    description: 'Won deals (leads), customers’ purchases, paid invoices. Choose what the business keeps its money in.',
  }),
  pipelineIds: z.array(z.int().positive('expected the number of a pipeline')).min(1).optional().meta({
    title: 'Pipelines',
    description:
      'Deals won in these pipelines only: the numbers after /leads/pipeline/ in the address. All when left out.',
  }),
  paidStatusIds: z
    .record(z.string().regex(/^[1-9]\d{0,18}$/), z.array(z.int().positive()).min(1))
    .optional()
    .meta({
      title: 'Stages that count as paid',
      description:
        'By the number of a pipeline: the numbers of all its stages at which a deal is a sale. Elsewhere it is the stage of won deals alone, 142.',
      examples: [{ 7001: [142, 7100] }],
    }),
  invoicePaidStatuses: z
    .array(z.enum(INVOICE_STATUSES).exclude(['created']))
    .min(1)
    .default(['paid'])
    .meta({ title: 'Statuses of paid invoices' }),
  timezone: timeZone().optional(),
  currency: currency.optional(),
  initialDays,
  adaptive,
})
export type Settings = z.infer<typeof Settings>
