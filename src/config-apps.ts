// The part of the environment about the registrations of the service with vendors.
import * as z from 'zod'
import type { RegisteredApp } from '#crm/oauth.ts'
import type { CrmType } from '#lib/crm-types.ts'
import { Secret } from '#lib/secret.ts'

/** Two registrations of one vendor, side by side. */
const CONSENTS = [
  { prefix: 'AMO_CRM', brand: 'amocrm' },
  { prefix: 'KOMMO', brand: 'kommo' },
] as const
type Consent = (typeof CONSENTS)[number]

const REDIRECT = 'expected the https URL of /v1/oauth/amo_crm/callback of this service'
const CONSENT = 'expected the URL of the vendor’s consent page'

export const appVariables = () => ({
  AMO_CRM_CLIENT_ID: z.string().optional(),
  AMO_CRM_CLIENT_SECRET: z.string().optional(),
  AMO_CRM_REDIRECT_URI: z.url({ protocol: /^https?$/, error: REDIRECT }).optional(),
  AMO_CRM_CONSENT_URL: z.url({ protocol: /^https?$/, error: CONSENT }).default('https://www.amocrm.ru/oauth'),
  KOMMO_CLIENT_ID: z.string().optional(),
  KOMMO_CLIENT_SECRET: z.string().optional(),
  KOMMO_REDIRECT_URI: z.url({ protocol: /^https?$/, error: REDIRECT }).optional(),
  KOMMO_CONSENT_URL: z.url({ protocol: /^https?$/, error: CONSENT }).default('https://www.kommo.com/oauth'),
  IIKO_APP_ID: z.string().optional(),
  IIKO_APP_SECRET: z.string().optional(),
})

type Variables = z.infer<z.ZodObject<ReturnType<typeof appVariables>>>

export function appProblems(env: Variables): readonly { variable: string; expected: string }[] {
  const halves = CONSENTS.filter(({ prefix }) => {
    const parts = [env[`${prefix}_CLIENT_ID`], env[`${prefix}_CLIENT_SECRET`], env[`${prefix}_REDIRECT_URI`]]
    return parts.includes(undefined) && parts.some((value) => value !== undefined)
  })
  const isIikoHalf = (env.IIKO_APP_ID === undefined) !== (env.IIKO_APP_SECRET === undefined)
  return [
    ...halves.map(({ prefix }) => ({
      variable: `${prefix}_CLIENT_ID, ${prefix}_CLIENT_SECRET, ${prefix}_REDIRECT_URI`,
      expected: 'expected all three or none',
    })),
    ...(isIikoHalf ? [{ variable: 'IIKO_APP_ID, IIKO_APP_SECRET', expected: 'expected both or neither' }] : []),
  ]
}

/** Which variables have a value that is for local environments only. */
export function localApps(env: Variables): Readonly<Record<string, boolean>> {
  const names = CONSENTS.flatMap(({ prefix }) => [`${prefix}_REDIRECT_URI`, `${prefix}_CONSENT_URL`] as const)
  return Object.fromEntries(names.map((name) => [name, env[name]?.startsWith('http:') === true]))
}

export function appsOf(env: Variables): Partial<Record<CrmType, readonly RegisteredApp[]>> {
  const { IIKO_APP_ID: id, IIKO_APP_SECRET: secret } = env
  const isRegistered = id !== undefined && secret !== undefined
  return {
    amo_crm: CONSENTS.flatMap((consent) => consentApp(env, consent)),
    ...(isRegistered && { iiko: [{ id, secret: new Secret(secret), brand: null }] }),
  }
}

function consentApp(env: Variables, { prefix, brand }: Consent): readonly RegisteredApp[] {
  const [id, secret] = [env[`${prefix}_CLIENT_ID`], env[`${prefix}_CLIENT_SECRET`]]
  const [redirectUri, consentUrl] = [env[`${prefix}_REDIRECT_URI`], env[`${prefix}_CONSENT_URL`]]
  if (id === undefined || secret === undefined || redirectUri === undefined) return []
  return [{ id, secret: new Secret(secret), brand, oauth: { redirectUri, consentUrl } }]
}
