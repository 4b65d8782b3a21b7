import * as z from 'zod'
import { CRM_TYPES } from '#lib/crm-types.ts'
import { LANGUAGES } from '#lib/localized.ts'
import { SESSION_PERMISSIONS } from '#lib/session-permissions.ts'

/** The life of a session. As long as a person needs to find a key in a CRM, and no longer. */
export const SESSION_MINUTES = 30
/** A week, for a link that an owner reads in a letter. */
const LINK_MINUTES_MAX = 7 * 24 * 60
const URL_MAX = 2000

const permissions = z.array(z.enum(SESSION_PERMISSIONS)).min(1).max(SESSION_PERMISSIONS.length)
const crmTypes = z.array(z.enum(CRM_TYPES)).min(1).max(CRM_TYPES.length)

export const CreateConnectSession = z
  .strictObject({
    businessId: z.guid().optional().meta({ description: 'Needed by admins only; a tenant’s own by default.' }),
    integrationId: z.guid().optional().meta({
      description: 'Makes it a reconnect: new credentials for the stored account of this integration, nothing else.',
    }),
    crmTypes: crmTypes.optional().meta({ description: 'The CRMs that may be connected; all when left out.' }),
    permissions: permissions.default(['connect']).meta({
      description:
        '`connect`: read, connect, test and switch on, with masked samples. `view`: also see the sales. `import`: also import files.',
    }),
    returnUrl: z.string().max(URL_MAX).optional().meta({
      description: 'Where the person goes in the end: a page of an origin in CORS_ORIGINS.',
    }),
    origin: z.string().max(URL_MAX).optional().meta({
      description: 'The origin, of CORS_ORIGINS, whose page may frame ours and is told the outcome.',
    }),
    language: z.enum(LANGUAGES).optional().meta({ description: 'Of the page; by the browser when left out.' }),
    ttlMinutes: z.int().min(1).max(LINK_MINUTES_MAX).default(SESSION_MINUTES).meta({
      description: 'More than 30 only for a reconnect: until the link is used first. From then on it is 30 minutes.',
    }),
  })
  .meta({ id: 'CreateConnectSession', description: 'A right to give to one person.' })
export type CreateConnectSession = z.infer<typeof CreateConnectSession>

export const ConnectSession = z
  .strictObject({
    id: z.guid().meta({ description: 'The id of the session.' }),
    token: z.string().meta({ description: 'A Bearer token for the routes of its permissions. It is shown this once.' }),
    url: z.string().meta({ description: 'The page for the person, with the token in its fragment.' }),
    expiresAt: z.iso.datetime().meta({ description: 'When it ends by itself.' }),
  })
  .meta({ id: 'ConnectSession', description: 'A short-lived right of one person to one business.' })
export type ConnectSession = z.infer<typeof ConnectSession>

export const OpenConnectSession = z
  .strictObject({
    token: z.string().max(2000).meta({ description: 'The token in the fragment of the link.' }),
    browserSecret: z
      .string()
      .regex(/^[\w-]{43}$/)
      .meta({ description: '32 random bytes of this browser, as base64url. It repeats the call with the same ones.' }),
  })
  .meta({ id: 'OpenConnectSession', description: 'A link that a browser opens.' })
export type OpenConnectSession = z.infer<typeof OpenConnectSession>

export const OpenedConnectSession = z
  .strictObject({
    id: z.guid().meta({ description: 'The id of the session.' }),
    token: z.string().meta({ description: 'The token for this browser. That of the link is void now.' }),
    expiresAt: z.iso.datetime().meta({ description: 'When the session ends by itself.' }),
    business: z
      .strictObject({
        id: z.guid().meta({ description: 'The id of the business.' }),
        name: z.string().meta({ description: 'What to show before anything is given.' }),
        timezone: z.string().meta({ description: 'IANA name; days and times are shown in it.' }),
        currency: z.string().meta({ description: 'ISO 4217.' }),
      })
      .meta({ description: 'Whose CRM it is about.' }),
    integrationId: z.guid().nullable().meta({ description: 'Set: a reconnect of this integration.' }),
    permissions: permissions.meta({ description: 'What it was made for.' }),
    crmTypes: crmTypes.nullable().meta({ description: 'The CRMs that may be connected; null: all.' }),
    returnUrl: z.string().nullable().meta({ description: 'Where the person goes in the end.' }),
    origin: z.string().nullable().meta({ description: 'The page that is told the outcome.' }),
    language: z.enum(LANGUAGES).nullable().meta({ description: 'Null: as the browser has it.' }),
  })
  .meta({ id: 'OpenedConnectSession', description: 'What the page needs.' })
export type OpenedConnectSession = z.infer<typeof OpenedConnectSession>
