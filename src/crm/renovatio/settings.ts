import * as z from 'zod'
import { isCurrency } from '#lib/money.ts'
import { isTimeZone } from '#lib/time.ts'

const clinicId = z
  .union([z.string(), z.number()], 'expected the number of a clinic')
  .transform(String)
  .refine((id) => /^\d{1,12}$/.test(id), 'expected the number of a clinic, digits only')
const timezone = z.string().refine(isTimeZone, 'expected an IANA time zone such as Europe/Moscow')

export const Settings = z.strictObject({
  clinicIds: z
    .array(clinicId)
    .max(50, 'at most 50 clinics')
    .transform((ids) => [...new Set(ids)])
    .default([])
    .meta({ title: 'Clinic ids', description: 'Branches to count; empty: all. The connection test names them.' }),
  timezone: timezone.optional(),
  timezones: z
    .record(z.string().regex(/^\d{1,12}$/, 'expected the number of a clinic'), timezone)
    .default({})
    .meta({ title: 'Time zones of clinics', description: 'For branches in other time zones: clinic id → IANA zone.' }),
  currency: z.string().refine(isCurrency, 'expected an ISO 4217 code such as RUB').optional(),
  initialDays: z.int().min(1).max(3650).default(90),
})
export type Settings = z.infer<typeof Settings>
