import * as z from 'zod'
import { CREDENTIAL_NAMES } from '#crm/registry.ts'
import { CRM_TYPES } from '#lib/crm-types.ts'

const SECRET_MAX = 4096
const URL_MAX = 500

const secret = z.string().trim().min(1, 'must not be empty').max(SECRET_MAX).nullable().optional()
const apiUrl = z.string().max(URL_MAX).nullable()
const additionalConfig = z.record(z.string(), z.unknown()).nullable()
const syncIntervalMinutes = z.int().min(1).max(1440)

const Credentials = z
  .strictObject(Object.fromEntries([...CREDENTIAL_NAMES.keys()].map((name) => [name, secret])))
  .meta({
    id: 'Credentials',
    description:
      'Write-only. What is left out stays as it is; null removes it. `GET /v1/crm-types` says which of them a CRM wants.',
  })

export const CreateIntegration = z
  .strictObject({
    businessId: z.guid().optional().meta({ description: 'Needed by admins only; a tenant’s own by default.' }),
    crmType: z
      .string()
      .max(50)
      .meta({ examples: [CRM_TYPES[0]] }),
    apiUrl: apiUrl.optional(),
    additionalConfig: additionalConfig.optional(),
    credentials: Credentials.default({}),
    syncIntervalMinutes: syncIntervalMinutes.default(5),
  })
  .meta({ id: 'CreateIntegration' })
export type CreateIntegration = z.infer<typeof CreateIntegration>

export const UpdateIntegration = z
  .strictObject({
    apiUrl: apiUrl.optional(),
    additionalConfig: additionalConfig.optional(),
    credentials: Credentials.optional(),
    syncEnabled: z.boolean().optional(),
    syncIntervalMinutes: syncIntervalMinutes.optional(),
    registerWebhooks: z.boolean().optional().meta({
      description:
        'With `syncEnabled: true`: enter `webhookUrl` in the CRM’s own settings, beside what others have there. True when left out.',
    }),
  })
  .meta({ id: 'UpdateIntegration' })
export type UpdateIntegration = z.infer<typeof UpdateIntegration>

const instant = z.iso.datetime().nullable()
const count = z.int().nonnegative()

export const Integration = z
  .strictObject({
    id: z.guid(),
    businessId: z.guid(),
    crmType: z.enum(CRM_TYPES),
    apiUrl: z.string().nullable().meta({ description: 'What applies: the stored address, else the vendor’s own.' }),
    additionalConfig: z.record(z.string(), z.unknown()).nullable(),
    syncEnabled: z.boolean(),
    syncIntervalMinutes: z.int(),
    lastSyncAt: instant,
    lastSyncStatus: z.enum(['success', 'failed', 'in_progress']).nullable(),
    nextSyncAt: instant,
    totalSyncs: count,
    successfulSyncs: count,
    failedSyncs: count,
    lastError: z.string().nullable(),
    transactionsSynced: count,
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    connection: z.strictObject({ status: z.enum(['untested', 'ok', 'failed']), checkedAt: instant }),
    hasCredentials: z.boolean(),
    webhookUrl: z.string().nullable(),
    webhooks: z
      .strictObject({ status: z.enum(['live', 'silent', 'unknown']), lastAt: instant })
      .meta({ description: '`silent`: polling finds changes that no webhook has told of, so it polls more often.' }),
    webhookSetup: z
      .strictObject({
        registration: z.enum(['registered', 'absent', 'disabled', 'occupied', 'failed']).nullable(),
        steps: z.strictObject({ en: z.string(), ru: z.string() }).nullable(),
      })
      .nullable()
      .meta({
        description:
          'What the CRM’s own settings say of `webhookUrl` (null: it has no API for that), and what a person does where it is not `registered`. Null: this CRM sends no webhooks.',
      }),
  })
  .meta({ id: 'Integration' })
export type Integration = z.infer<typeof Integration>
