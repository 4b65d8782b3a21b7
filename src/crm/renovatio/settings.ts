import * as z from 'zod'
import { adaptive, currency, initialDays, timeZone } from '#crm/kit/settings.ts'

const clinicId = z
  .union([z.string(), z.number()], 'expected the number of a clinic')
  .transform(String)
  .refine((id) => /^\d{1,12}$/.test(id), 'expected the number of a clinic, digits only')

export const Settings = z.strictObject({
  clinicIds: z
    .array(clinicId)
    .max(50, 'at most 50 clinics')
    .transform((ids) => [...new Set(ids)])
    .default([])
    .meta({ title: 'Clinic ids', description: 'Branches to count; empty: all. The connection test names them.' }),
  timezone: timeZone().optional(),
  timezones: z
    .record(z.string().regex(/^\d{1,12}$/, 'expected the number of a clinic'), timeZone())
    .default({})
    .meta({ title: 'Time zones of clinics', description: 'For branches in other time zones: clinic id → IANA zone.' }),
  currency: currency.optional(),
  initialDays,
  adaptive,
})
export type Settings = z.infer<typeof Settings>
