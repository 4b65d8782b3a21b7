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
  .meta({ description: 'A key or password that the owner copies out of the CRM.' })
const apiUrl = z
  .string()
  .max(URL_MAX)
  .nullable()
  .meta({ description: 'The address of the CRM’s API; null or left out: the vendor’s own.' })
export const AdditionalConfig = z
  .record(z.string(), z.unknown())
  .refine(isSmall, 'must take at most 16 KB of JSON, with lists of at most 200 members')
  .nullable()
  .meta({ description: 'Settings of this CRM, by `additionalConfigSchema` of `GET /v1/crm-types`.' })
const syncIntervalMinutes = z.int().min(1).max(1440).meta({ description: 'How often the CRM is asked for changes.' })

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
      .meta({ description: 'The CRM to connect.', enum: [...CRM_TYPES] }),
    apiUrl: apiUrl.optional(),
    additionalConfig: AdditionalConfig.optional(),
    credentials: Credentials.default({}).meta({ description: 'What the owner entered.' }),
    syncIntervalMinutes: syncIntervalMinutes
      .default(5)
      .meta({ description: 'How often the CRM is asked for changes; 5 when left out.' }),
  })
  .meta({ id: 'CreateIntegration', description: 'A connection to a CRM.' })
export type CreateIntegration = z.infer<typeof CreateIntegration>

export const UpdateIntegration = z
  .strictObject({
    apiUrl: apiUrl.optional(),
    additionalConfig: AdditionalConfig.optional(),
    credentials: Credentials.optional().meta({ description: 'What the owner entered anew.' }),
    syncEnabled: z.boolean().optional().meta({ description: 'Whether changes are pulled by schedule.' }),
    syncIntervalMinutes: syncIntervalMinutes.optional(),
    registerWebhooks: z.boolean().optional().meta({
      description:
        'With `syncEnabled: true`: enters `webhookUrl` in the CRM’s own settings and keeps the entries of others. Default: true.',
    }),
  })
  .meta({ id: 'UpdateIntegration', description: 'What changes. What is left out stays.' })
export type UpdateIntegration = z.infer<typeof UpdateIntegration>

const instant = z.iso.datetime().nullable()
const count = z.int().nonnegative()

export const Location = z.strictObject({
  externalId: z.string().meta({ description: 'Its id in the CRM, as in `location` of a transaction.' }),
  name: z.string().meta({ description: 'Its name there.' }),
  timezone: z.string().nullable().meta({ description: 'Its time zone where it is known.' }),
})

export const Integration = z
  .strictObject({
    id: z.guid().meta({ description: 'The id of the integration.' }),
    businessId: z.guid().meta({ description: 'Whose it is.' }),
    crmType: z.enum(CRM_TYPES).meta({ description: 'Which CRM is connected.' }),
    apiUrl: z.string().nullable().meta({ description: 'The address in use: the stored one, else the vendor’s own.' }),
    additionalConfig: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: 'The settings of this CRM as they were given.' }),
    syncEnabled: z.boolean().meta({ description: 'Whether changes are pulled by schedule.' }),
    syncIntervalMinutes: z.int().meta({ description: 'How often the CRM is asked for changes.' }),
    lastSyncAt: instant.meta({ description: 'When the last sync ended.' }),
    lastSyncStatus: z
      .enum(['success', 'failed', 'in_progress'])
      .nullable()
      .meta({ description: 'How the last sync ended; null before the first.' }),
    nextSyncAt: instant.meta({ description: 'When the next sync is due; null while none is planned.' }),
    totalSyncs: count.meta({ description: 'Syncs that have ended.' }),
    successfulSyncs: count.meta({ description: 'Those that succeeded.' }),
    failedSyncs: count.meta({ description: 'Those that failed.' }),
    lastError: z
      .string()
      .nullable()
      .meta({ description: 'Why the last sync failed and what to do, for a person; null after a success.' }),
    lastErrorCode: z.string().nullable().meta({
      description: 'What `lastError` says, for programs: the kind, and after a dot the cause where it is known.',
    }),
    transactionsSynced: count.meta({ description: 'Sales and refunds that were stored or changed so far.' }),
    createdAt: z.iso.datetime().meta({ description: 'When it was created.' }),
    updatedAt: z.iso.datetime().meta({ description: 'When it last changed.' }),
    connection: z
      .strictObject({
        status: z.enum(['untested', 'ok', 'failed']).meta({ description: 'Of the settings as they are now.' }),
        checkedAt: instant.meta({ description: 'When they were last tested.' }),
        account: z
          .strictObject({
            externalId: z.string().meta({ description: 'Its id in the CRM.' }),
            name: z.string().meta({ description: 'Its name there.' }),
          })
          .nullable()
          .meta({ description: 'The account at the CRM, as the last passed test found it.' }),
      })
      .meta({ description: 'What the last connection test found.' }),
    stoppedBy: z.enum(['person', 'vendor', 'uninstall', 'freeze']).nullable().meta({
      description: 'Who switched sync off. Null: it is on, was never on, or waits for a test of new settings.',
    }),
    freshness: z
      .strictObject({
        asOf: instant.meta({ description: 'When the last complete pull began; null before the first one.' }),
        targetMinutes: z.int().positive().meta({ description: 'How old `asOf` may become while sync is on.' }),
        isLate: z.boolean().meta({ description: '`asOf` is older. False while sync is off.' }),
      })
      .meta({ description: 'Everything that the CRM showed before `asOf` is here.' }),
    locations: z
      .array(Location)
      .meta({ description: 'The branches that the last passed test found; empty where the CRM has none.' }),
    hasCredentials: z.boolean().meta({ description: 'Whether credentials are stored. They are never shown.' }),
    webhookUrl: z.string().nullable().meta({ description: 'Null without `integrations:write`, as are `steps`.' }),
    webhooks: z
      .strictObject({
        status: z.enum(['live', 'silent', 'unknown']).meta({ description: 'Whether the CRM reports its changes.' }),
        lastAt: instant.meta({ description: 'When the last webhook came.' }),
      })
      .meta({ description: '`silent`: polling finds changes that no webhook reported, so it polls more often.' }),
    webhookSetup: z
      .strictObject({
        registration: z
          .enum(['registered', 'absent', 'disabled', 'occupied', 'failed'])
          .nullable()
          .meta({ description: 'The state of `webhookUrl` in the CRM’s own settings; null: not known.' }),
        steps: z
          .strictObject({
            en: z.string().meta({ description: 'In English.' }),
            ru: z.string().meta({ description: 'In Russian.' }),
          })
          .nullable()
          .meta({ description: 'How a person enters `webhookUrl` in the CRM; null where it is `registered`.' }),
      })
      .nullable()
      .meta({
        description:
          'The state of `webhookUrl` in the CRM’s own settings (null: the CRM has no API for it), and the steps for a person when it is not `registered`. Null: this CRM sends no webhooks.',
      }),
  })
  .meta({ id: 'Integration', description: 'The connection of a business to its CRM, without its credentials.' })
export type Integration = z.infer<typeof Integration>
