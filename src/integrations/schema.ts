import * as z from 'zod'
import { CREDENTIAL_NAMES } from '#crm/registry.ts'
import { CRM_TYPES } from '#lib/crm-types.ts'

/** Characters. The longest credentials known are JWTs of about a thousand; a limit keeps rows and sessions small. */
const SECRET_MAX = 4096
/** The length of the column `api_url`. */
const URL_MAX = 500
/** The settings of two hundred restaurants, several times over. */
const CONFIG_BYTES_MAX = 16 * 1024
const LIST_MEMBERS_MAX = 200
const CONFIG_DEPTH_MAX = 16

const secret = z
  .string()
  .refine((text) => text.trim() !== '', 'must not be empty')
  .max(SECRET_MAX)
  .nullable()
  .optional()
const apiUrl = z.string().max(URL_MAX).nullable()
const additionalConfig = z
  .record(z.string(), z.unknown())
  .refine(isSmall, 'must take at most 16 KB of JSON, with lists of at most 200 members')
  .nullable()
const syncIntervalMinutes = z.int().min(1).max(1440)

/** Asked level by level: what is nested a million times must not overflow the stack. */
function isSmall(config: unknown): boolean {
  let level: readonly unknown[] = [config]
  for (let depth = 0; level.length > 0; depth += 1) {
    const lists = level.filter(Array.isArray)
    if (depth > CONFIG_DEPTH_MAX || lists.some(({ length }) => length > LIST_MEMBERS_MAX)) return false
    level = level.flatMap(membersOf)
  }
  return new TextEncoder().encode(JSON.stringify(config)).length <= CONFIG_BYTES_MAX
}

function membersOf(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : []
}

const Credentials = z
  .strictObject(Object.fromEntries([...CREDENTIAL_NAMES.keys()].map((name) => [name, secret])))
  .meta({
    id: 'Credentials',
    description:
      'Write-only. An omitted one stays unchanged; null removes it. `GET /v1/crm-types` says which ones a CRM needs.',
  })

export const CreateIntegration = z
  .strictObject({
    businessId: z
      .guid()
      .optional()
      .meta({ description: 'Only admins need it. The default is the caller’s own business.' }),
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
        'With `syncEnabled: true`: enters `webhookUrl` in the CRM’s own settings and keeps the entries of others. Default: true.',
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
    apiUrl: z.string().nullable().meta({ description: 'The address in use: the stored one, else the vendor’s own.' }),
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
    webhookUrl: z.string().nullable().meta({ description: 'Null without `integrations:write`, as are `steps`.' }),
    webhooks: z
      .strictObject({ status: z.enum(['live', 'silent', 'unknown']), lastAt: instant })
      .meta({ description: '`silent`: polling finds changes that no webhook reported, so it polls more often.' }),
    webhookSetup: z
      .strictObject({
        registration: z.enum(['registered', 'absent', 'disabled', 'occupied', 'failed']).nullable(),
        steps: z.strictObject({ en: z.string(), ru: z.string() }).nullable(),
      })
      .nullable()
      .meta({
        description:
          'The state of `webhookUrl` in the CRM’s own settings (null: the CRM has no API for it), and the steps for a person when it is not `registered`. Null: this CRM sends no webhooks.',
      }),
  })
  .meta({ id: 'Integration' })
export type Integration = z.infer<typeof Integration>
