// The only composition root. Code that does I/O takes a Context as its first parameter; pure code never sees it.
import { type Config, parseConfig } from '#config.ts'
import { importAddressKey } from '#crypto/address-key.ts'
import { importKeyring, type Keyring } from '#crypto/keyring.ts'
import { createDb, type Db } from '#db/client.ts'
import { type Clock, systemClock } from '#lib/clock.ts'
import { createIsolateLimit } from '#lib/isolate-limit.ts'
import { createLog, type Log } from '#lib/log.ts'
import type { Ask, BudgetEvent, Granted, Refused, SharedLimits } from '#lib/permits.ts'
import { type Quota, quotaOf } from '#lib/quotas.ts'
import type { Fetch } from '#lib/fetch.ts'

/** A queue message holds ids and the kind of what they name. `RawDelivery` is the exception. */
export type QueueMessage =
  | { readonly kind: 'runs'; readonly runIds: readonly string[] }
  /** The integration's inbox has a delivery that is due. */
  | { readonly kind: 'inbox'; readonly integrationId: string }
  /** Events wait for the endpoint. */
  | { readonly kind: 'endpoint'; readonly endpointId: string }
  /** The integration's connection is to be tested again. */
  | { readonly kind: 'retest'; readonly retestId: string; readonly integrationId: string }
  | RawDelivery

/**
 * A webhook that was acknowledged while the database did not answer. The consumer stores it from here, and the message
 * is sent again until it is stored.
 */
export interface RawDelivery {
  readonly kind: 'delivery'
  readonly crmType: string
  /** SHA-256 of the address's token, hex. */
  readonly tokenHash: string
  readonly dedupeKey: string
  readonly receivedAt: string
  readonly contentType: string | null
  /** See OptionalSecret in crm/webhook.ts. */
  readonly secret: 'shown' | 'absent' | null
  /** Base64. */
  readonly body: string
  readonly tries: number
}

/**
 * Each lane has a queue of its own, so that none waits behind another: live runs; what is worked on alone (bulk runs,
 * wide scans of the night, runs whose worker died, tests that an administrator orders); webhooks; endpoints for events.
 */
export type Lane = 'live' | 'bulk' | 'hooks' | 'events'
export type LaneQueue = Pick<Queue<QueueMessage>, 'sendBatch' | 'metrics'>

/** One vendor's limit, kept in one place for all isolates: it is far away and may not answer. */
export interface SharedBudget {
  lease(limits: SharedLimits, ask: Ask): Promise<Granted | Refused>
  report(limits: SharedLimits, event: BudgetEvent): Promise<void>
}

/** Who has something done, for the audit. Of a request it is its caller; a part of the service acts for itself. */
export interface Actor {
  /** The `sub` of the token, or the name of the part of the service. */
  readonly subject: string
  /** By what right: a scope of the token; `system`: nobody asked for it; `vendor`: the CRM said so. */
  readonly scope: string
  /** Null outside of requests. */
  readonly requestId: string | null
}

export interface Context {
  readonly config: Config
  /** The id of the deployed version; empty where it has none. */
  readonly version: string
  readonly db: Db
  /** Outbound HTTP. Connectors use it only through lib/egress.ts. */
  readonly fetch: Fetch
  readonly keyring: () => Promise<Keyring>
  readonly addressKey: () => Promise<CryptoKey>
  readonly clock: Clock
  /** Returns 0 ≤ x < 1, for jitter and never for secrets. */
  readonly random: () => number
  readonly log: Log
  readonly actor: Actor
  readonly queues: Readonly<Record<Lane, LaneQueue>>
  readonly files: R2Bucket
  /** What the build of the page says it begins with. */
  readonly readPageFiles: () => Promise<unknown>
  /** Limit the calls of one subject for one business. */
  readonly readLimit: RateLimit
  readonly writeLimit: RateLimit
  /** Limits the calls of one webhook address. */
  readonly webhookLimit: RateLimit
  readonly budgetOf: (name: string) => SharedBudget
}

/** Throws ConfigError when a variable is wrong. Keys are imported once, at first use. */
export function createContext(env: Env, overrides: Partial<Context> = {}): Context {
  const config = overrides.config ?? parseConfig(env)
  let keys: Promise<Keyring> | undefined
  let addressKey: Promise<CryptoKey> | undefined
  const outbound: Fetch = async (input, init) => fetch(input, init)
  const { clock = systemClock, random = Math.random } = overrides
  const { databaseUrl, neonEndpoint: endpoint } = config
  return {
    config,
    version: env.VERSION?.id ?? '',
    // The driver's settings are global, so a second instance would replace those of the first.
    db: overrides.db ?? createDb({ databaseUrl, endpoint, fetch: outbound, clock, random }),
    fetch: outbound,
    keyring: async () => (keys ??= importKeyring(config.encryptionKeys)),
    addressKey: async () => (addressKey ??= importAddressKey(config.addressKey)),
    clock,
    random,
    log: createLog({}),
    actor: { subject: 'service', scope: 'system', requestId: null },
    queues: { live: env.LIVE_QUEUE, bulk: env.BULK_QUEUE, hooks: env.HOOK_QUEUE, events: env.EVENT_QUEUE },
    files: env.FILES,
    readPageFiles: async () => (await env.ASSETS.fetch('https://assets.invalid/manifest.json')).json(),
    readLimit: limitOf('reads', config.rateLimitScale, env.READ_LIMIT),
    writeLimit: limitOf('writes', config.rateLimitScale, env.WRITE_LIMIT),
    webhookLimit: env.WEBHOOK_LIMIT,
    budgetOf: (name) => env.VENDOR_BUDGET.getByName(name),
    ...overrides,
  }
}

/** The limit of a binding is fixed, so another one, which only local environments have, is counted here. */
function limitOf(quota: Quota, scale: number, binding: RateLimit): RateLimit {
  return scale === 1 ? binding : createIsolateLimit(quotaOf(quota, scale))
}
