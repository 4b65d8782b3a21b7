import * as z from 'zod'
import { currency, initialDays, timeZone } from '#crm/kit/settings.ts'

const SOURCES = ['leads', 'purchases', 'invoices'] as const

export const Settings = z.strictObject({
  sources: z.array(z.enum(SOURCES)).min(1).default(['leads']).meta({
    title: 'What counts as a sale',
    description: 'Won deals (leads), customers’ purchases, paid invoices. Choose what the business keeps its money in.',
  }),
  pipelineIds: z.array(z.int().positive('expected the number of a pipeline')).min(1).optional().meta({
    title: 'Pipelines',
    description:
      'Deals won in these pipelines only: the numbers after /leads/pipeline/ in the address. All when left out.',
  }),
  timezone: timeZone().optional(),
  currency: currency.optional(),
  initialDays,
})
export type Settings = z.infer<typeof Settings>
