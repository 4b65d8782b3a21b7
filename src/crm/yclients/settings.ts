import * as z from 'zod'
import { adaptive, currency, initialDays, timeZone } from '#crm/kit/settings.ts'

const branchId = (missing: string) =>
  z
    .union([z.string(), z.number()], missing)
    .transform(String)
    .refine((id) => /^\d{1,12}$/.test(id), 'expected the number of the branch, digits only')

export const Settings = z
  .strictObject({
    companyId: branchId('is required: the number of the branch').optional().meta({
      title: 'Branch id',
      description: 'The number after /timetable/ in the address of the branch in YCLIENTS.',
    }),
    companyIds: z.array(branchId('expected the number of a branch')).min(1).max(200).optional().meta({
      title: 'Branch ids',
      description: 'Several branches of one business. Each is a location.',
    }),
    brand: z.enum(['yclients', 'altegio']).default('yclients'),
    timezone: timeZone().optional(),
    currency: currency.optional(),
    initialDays,
    adaptive,
  })
  .refine(({ companyId, companyIds }) => companyId !== undefined || companyIds !== undefined, {
    path: ['companyId'],
    error: 'is required: the number of the branch, or `companyIds` for several',
  })
  .meta({ anyOf: [{ required: ['companyId'] }, { required: ['companyIds'] }] })
export type Settings = z.infer<typeof Settings>

/** All branches of an integration, each once. */
export function branchesOf({ companyId, companyIds = [] }: Settings): readonly string[] {
  return [...new Set([...(companyId === undefined ? [] : [companyId]), ...companyIds])]
}

export const BRANDS = {
  yclients: { apiUrl: 'https://api.yclients.com', accept: 'application/vnd.yclients.v2+json' },
  altegio: { apiUrl: 'https://api.alteg.io', accept: 'application/vnd.api.v2+json' },
} as const
