import * as z from 'zod'
import { isCurrency } from '#lib/money.ts'
import { isTimeZone } from '#lib/time.ts'

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
  timezone: z.string().refine(isTimeZone, 'expected an IANA time zone such as Europe/Moscow').optional(),
  currency: z.string().refine(isCurrency, 'expected an ISO 4217 code such as RUB').optional(),
  initialDays: z.int().min(1).max(3650).default(90),
})
export type Settings = z.infer<typeof Settings>

export const BRANDS = {
  yclients: { apiUrl: 'https://api.yclients.com', accept: 'application/vnd.yclients.v2+json' },
  altegio: { apiUrl: 'https://api.alteg.io', accept: 'application/vnd.api.v2+json' },
} as const
