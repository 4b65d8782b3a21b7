import * as z from 'zod'
import { currency, initialDays, timeZone } from '#crm/kit/settings.ts'

export const Settings = z.strictObject({
  companyId: z
    .union([z.string(), z.number()], 'is required: the number of the branch')
    .transform(String)
    .refine((id) => /^\d{1,12}$/.test(id), 'expected the number of the branch, digits only')
    .meta({
      title: 'Branch id',
      description: 'The number after /timetable/ in the address of the branch in YCLIENTS.',
    }),
  brand: z.enum(['yclients', 'altegio']).default('yclients'),
  timezone: timeZone().optional(),
  currency: currency.optional(),
  initialDays,
})
export type Settings = z.infer<typeof Settings>

export const BRANDS = {
  yclients: { apiUrl: 'https://api.yclients.com', accept: 'application/vnd.yclients.v2+json' },
  altegio: { apiUrl: 'https://api.alteg.io', accept: 'application/vnd.api.v2+json' },
} as const
