// Parses the environment into a frozen Config, once per isolate. A wrong value stops the Worker with the variable's
// name and the expected form. The message never repeats a value, since many are secrets.
import * as z from 'zod'
import type { CrmType } from '#lib/crm-types.ts'
import type { MarketplaceApp } from '#crm/marketplace.ts'
import type { RegisteredApp } from '#crm/oauth.ts'
import { appProblems, appsOf, appVariables, localApps } from '#config-apps.ts'
import {
  localMarketplaces,
  marketplaceProblems,
  marketplacesOf,
  marketplaceVariables,
  vendorOrigins,
} from '#config-marketplaces.ts'
import { retentionVariables } from '#config-retention.ts'
import { isBase64Key, keyringProblem } from '#crypto/keyring-text.ts'
import { type EgressPolicy, zoneOf } from '#lib/egress-policy.ts'
import { once } from '#lib/once.ts'
import { Secret } from '#lib/secret.ts'

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly { readonly variable: string; readonly expected: string }[]

  constructor(problems: ConfigError['problems']) {
    super(`Wrong configuration. ${problems.map((p) => `${p.variable}: ${p.expected}.`).join(' ')}`)
    this.problems = problems
  }
}

const text = (expected: string) => z.string(expected).trim().min(1, expected)
const isOrigin = (value: string): boolean => URL.canParse(value) && new URL(value).origin === value
const origins = (expected: string) =>
  z
    .string()
    .default('')
    .transform((value) =>
      value
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean),
    )
    .refine((list) => list.every(isOrigin), expected)
const decimal = (expected: string, max: number) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, expected)
    .transform(Number)
    .refine((value) => value <= max, expected)

/** Below a megabyte real files would be refused, and R2 stores no file above 5 TiB: outside, the unit is mistyped. */
const BYTES = 'expected a whole number of bytes from 1000000 to 4000000000000'

const SCALE = 'expected a whole number from 1 to 1000'

const POSTGRES_URL = 'expected the URL of a PostgreSQL database, with user, password, host and database'
const KEYS = 'expected `id:key` pairs, comma-separated, each key 32 bytes in base64; the first one seals'
const ADDRESS_KEY = 'expected 32 bytes in base64'
const DEPLOYMENT = 'expected 1 to 64 of A–Z a–z 0–9 . _ -, another one for each deployment'
const SECRET = 'expected at least 32 bytes'
const JWKS = 'expected the https URL of a JWKS document'
const ALERT = 'expected the https URL that takes {"text": …} by POST'
const OPERATOR = 'expected at most 100 characters'
const LOGO = 'expected the https URL of a picture'
const CONTACT = 'expected at most 200 characters: an address, a number or words'
const LOOPBACK = 'expected comma-separated origins of the form http://127.0.0.1:port'

const identityVariables = () => ({
  ENVIRONMENT: z
    .enum(['production', 'development', 'test'], 'expected production, development or test')
    .default('production'),
  DATABASE_URL: text(POSTGRES_URL).refine((url) => /^postgres(ql)?:\/\/[^/]+\/.+/.test(url), POSTGRES_URL),
  NEON_FETCH_ENDPOINT: z.url({ error: 'expected the URL of a Neon-compatible endpoint' }).optional(),
  ENCRYPTION_KEYS: text(KEYS).refine((keys) => keyringProblem(keys) === null, {
    error: ({ input }) => `${KEYS}; ${keyringProblem(String(input))}`,
  }),
  ADDRESS_KEY: text(ADDRESS_KEY).refine(isBase64Key, ADDRESS_KEY),
  DEPLOYMENT_ID: z
    .string()
    .regex(/^[\w.-]{1,64}$/, DEPLOYMENT)
    .optional(),
  AUTH_JWKS_URL: z.url({ protocol: /^https?$/, error: JWKS }).optional(),
  AUTH_JWT_SECRET: z
    .string()
    .refine((secret) => new TextEncoder().encode(secret).length >= 32, SECRET)
    .optional(),
  AUTH_ISSUER: text('expected the `iss` of the access tokens'),
  AUTH_AUDIENCE: text('expected the `aud` of the access tokens'),
  METRICS_TOKEN: z
    .string()
    .refine((secret) => new TextEncoder().encode(secret).length >= 32, SECRET)
    .optional(),
  OPERATOR_NAME: z.string().trim().max(100, OPERATOR).optional(),
  OPERATOR_LOGO_URL: z.url({ protocol: /^https$/, error: LOGO }).optional(),
  SUPPORT_CONTACT: z.string().trim().max(200, CONTACT).optional(),
  PUBLIC_URL: z.string().refine(isOrigin, 'expected an origin such as https://api.example.com').optional(),
  CORS_ORIGINS: origins('expected comma-separated origins such as https://app.example.com'),
  EGRESS_ALLOW_ORIGINS: origins(LOOPBACK).refine(
    (list) => list.every((value) => /^http:\/\/127\.0\.0\.1:\d+$/.test(value)),
    LOOPBACK,
  ),
})

const workVariables = () => ({
  // The pause before the first retry. A few seconds would use up all three retries within one hiccup of a CRM; an hour
  // would leave sales outdated for a day.
  SYNC_RETRY_BASE_SECONDS: decimal('expected seconds from 0 to 3600, fractions allowed', 3600).default(30),
  ALERT_WEBHOOK_URL: z.url({ protocol: /^https?$/, error: ALERT }).optional(),
  IMPORT_BYTES_MAX: z
    .string()
    .regex(/^\d{1,13}$/, BYTES)
    .transform(Number)
    .refine((value) => value >= 1_000_000 && value <= 4_000_000_000_000, BYTES)
    // 1 GiB is several million rows, years of a shop. Without a limit one upload could fill the bucket.
    .default(2 ** 30),
  THROTTLE_WAIT_SCALE: decimal('expected a factor from 0 to 100', 100).default(1),
  RATE_LIMIT_SCALE: z
    .string()
    .regex(/^\d{1,4}$/, SCALE)
    .transform(Number)
    .refine((value) => value >= 1 && value <= 1000, SCALE)
    .optional(),
})

/** Built when it is first needed: a start of the Worker has 100 ms of CPU. */
const environment = once(() =>
  z.object({
    ...identityVariables(),
    ...appVariables(),
    ...marketplaceVariables(),
    ...retentionVariables(),
    ...workVariables(),
  }),
)
type Environment = z.infer<ReturnType<typeof environment>>

/** The names of all variables that `parseConfig` reads. */
export const workerVariables = (): readonly string[] => Object.keys(environment().shape)

export interface Config {
  readonly environment: 'production' | 'development' | 'test'
  readonly databaseUrl: string
  readonly neonEndpoint: string | null
  readonly encryptionKeys: string
  readonly addressKey: string
  /** The database belongs to the deployment with this id. */
  readonly deploymentId: string
  readonly auth: ({ readonly jwksUrl: string } | { readonly secret: Uint8Array }) & {
    readonly issuer: string
    readonly audience: string
  }
  /** Null: nobody may read the metrics. */
  readonly metricsToken: Secret | null
  /** Who runs the service, as the page shows it. */
  readonly operator: {
    readonly name: string | null
    readonly logoUrl: string | null
    readonly support: string | null
  }
  readonly publicUrl: string | null
  readonly corsOrigins: readonly string[]
  readonly egressAllowOrigins: readonly string[]
  /** The service's own zone: no tenant may have us call ourselves. */
  readonly egressDenyHosts: readonly string[]
  /** Where the operator is told of alarms. */
  readonly alertWebhookUrl: string | null
  readonly retryBaseSeconds: number
  readonly throttleWaitScale: number
  /** How many times the usual a subject may call. */
  readonly rateLimitScale: number
  /** The registrations of this service with vendors. */
  readonly apps: Partial<Record<CrmType, readonly RegisteredApp[]>>
  /** Its apps in marketplaces, by brand. */
  readonly marketplaces: Readonly<Record<string, MarketplaceApp>>
  /** The page of the product that finishes an installation; null: a plain page of ours. */
  readonly marketplaceReturnUrl: string | null
  /** The limit of one imported file. */
  readonly importBytesMax: number
  /** How long everything but transactions is kept. */
  readonly retentionDays: Readonly<
    Record<'runs' | 'changes' | 'quarantine' | 'webhooks' | 'webhookBodies' | 'audit' | 'events', number>
  >
}

const LOCAL_PAGE = /^http:\/\/(?:localhost|127\.0\.0\.1)(?::\d{1,5})?$/

/** For calls to any public host: what the operator allows and denies. */
export function outboundPolicy({ egressAllowOrigins, egressDenyHosts }: Config): EgressPolicy {
  return { allowOrigins: egressAllowOrigins, denyHosts: egressDenyHosts, hosts: null }
}

/** Pages of such an origin belong to the product; in development those of any local server do. */
export function isProductOrigin({ environment, corsOrigins }: Config, origin: string): boolean {
  return corsOrigins.includes(origin) || (environment === 'development' && LOCAL_PAGE.test(origin))
}

/** An address of the product's own, whatever stands behind the origin. */
export function isProductPage(config: Config, address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, origin, username, password } = new URL(address)
  // blob: has the origin of the page that made it.
  return /^https?:$/.test(protocol) && username === '' && password === '' && isProductOrigin(config, origin)
}

/** Accepts the Worker's bindings or process.env. Throws ConfigError that names every wrong variable at once. */
export function parseConfig(env: object): Config {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => typeof value === 'string' && value !== ''),
  )
  const parsed = environment().safeParse(present)
  const problems = parsed.success
    ? contradictions(parsed.data)
    : parsed.error.issues.map((issue) => ({ variable: issue.path.join('.'), expected: issue.message }))
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems)
  return Object.freeze(toConfig(parsed.data))
}

function contradictions(env: Environment): ConfigError['problems'] {
  const problems: { variable: string; expected: string }[] = []
  if ((env.AUTH_JWKS_URL === undefined) === (env.AUTH_JWT_SECRET === undefined)) {
    problems.push({ variable: 'AUTH_JWKS_URL, AUTH_JWT_SECRET', expected: 'expected exactly one of the two' })
  }
  problems.push(...appProblems(env))
  problems.push(...marketplaceProblems(env, env.ENVIRONMENT === 'production'))
  if (env.ENVIRONMENT === 'production') {
    if (env.DEPLOYMENT_ID === undefined) problems.push({ variable: 'DEPLOYMENT_ID', expected: DEPLOYMENT })
    if (env.PUBLIC_URL === undefined) {
      problems.push({ variable: 'PUBLIC_URL', expected: 'expected an origin such as https://api.example.com' })
    }
    const localOnly = {
      NEON_FETCH_ENDPOINT: env.NEON_FETCH_ENDPOINT !== undefined,
      EGRESS_ALLOW_ORIGINS: env.EGRESS_ALLOW_ORIGINS.length > 0,
      THROTTLE_WAIT_SCALE: env.THROTTLE_WAIT_SCALE !== 1,
      RATE_LIMIT_SCALE: (env.RATE_LIMIT_SCALE ?? 1) !== 1,
      AUTH_JWKS_URL: env.AUTH_JWKS_URL?.startsWith('http:') === true,
      ALERT_WEBHOOK_URL: env.ALERT_WEBHOOK_URL?.startsWith('http:') === true,
      ...localApps(env),
      ...localMarketplaces(env),
    }
    for (const [variable, isSet] of Object.entries(localOnly)) {
      if (isSet) problems.push({ variable, expected: 'this value is for local environments and refused in production' })
    }
  }
  return problems
}

function toConfig(env: Environment): Config {
  const keys = env.AUTH_JWKS_URL
    ? { jwksUrl: env.AUTH_JWKS_URL }
    : { secret: new TextEncoder().encode(env.AUTH_JWT_SECRET) }
  return {
    environment: env.ENVIRONMENT,
    databaseUrl: env.DATABASE_URL,
    neonEndpoint: env.NEON_FETCH_ENDPOINT ?? null,
    encryptionKeys: env.ENCRYPTION_KEYS,
    addressKey: env.ADDRESS_KEY,
    deploymentId: env.DEPLOYMENT_ID ?? 'local',
    auth: { ...keys, issuer: env.AUTH_ISSUER, audience: env.AUTH_AUDIENCE },
    metricsToken: env.METRICS_TOKEN === undefined ? null : new Secret(env.METRICS_TOKEN),
    operator: {
      name: env.OPERATOR_NAME ?? null,
      logoUrl: env.OPERATOR_LOGO_URL ?? null,
      support: env.SUPPORT_CONTACT ?? null,
    },
    publicUrl: env.PUBLIC_URL ?? null,
    corsOrigins: env.CORS_ORIGINS,
    egressAllowOrigins: [...new Set([...env.EGRESS_ALLOW_ORIGINS, ...vendorOrigins(env)])],
    egressDenyHosts: env.PUBLIC_URL === undefined ? [] : [zoneOf(env.PUBLIC_URL)],
    alertWebhookUrl: env.ALERT_WEBHOOK_URL ?? null,
    retryBaseSeconds: env.SYNC_RETRY_BASE_SECONDS,
    throttleWaitScale: env.THROTTLE_WAIT_SCALE,
    // A script or a load test on a developer's machine is no attack.
    rateLimitScale: env.RATE_LIMIT_SCALE ?? (env.ENVIRONMENT === 'production' ? 1 : 100),
    apps: appsOf(env),
    marketplaces: marketplacesOf(env),
    marketplaceReturnUrl: env.MARKETPLACE_RETURN_URL ?? null,
    importBytesMax: env.IMPORT_BYTES_MAX,
    retentionDays: {
      runs: env.RETENTION_RUNS_DAYS,
      changes: env.RETENTION_CHANGES_DAYS,
      quarantine: env.RETENTION_QUARANTINE_DAYS,
      webhooks: env.RETENTION_WEBHOOKS_DAYS,
      webhookBodies: env.RETENTION_WEBHOOK_BODIES_DAYS,
      audit: env.RETENTION_AUDIT_DAYS,
      events: env.RETENTION_EVENTS_DAYS,
    },
  }
}
