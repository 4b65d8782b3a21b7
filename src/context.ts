// The one composition root. Everything that does I/O takes a Context as its first parameter; pure code never sees it.
import { type Config, parseConfig } from '#config.ts'
import { importKeyring, type Keyring } from '#crypto/keyring.ts'
import { createDb, type Db } from '#db/client.ts'
import { type Clock, systemClock } from '#lib/clock.ts'
import { createLog, type Log } from '#lib/log.ts'
import type { Fetch } from '#lib/fetch.ts'

/** What travels through the queue: an id and what kind of thing it names, nothing else. */
export type QueueMessage =
  | { readonly kind: 'run'; readonly runId: string }
  /** An integration's inbox has something that is due. */
  | { readonly kind: 'inbox'; readonly integrationId: string }
  | RawDelivery

/**
 * The one exception: a webhook that was acknowledged while the database did not answer. It is stored from here, and the
 * message goes round until it is.
 */
export interface RawDelivery {
  readonly kind: 'delivery'
  readonly crmType: string
  /** SHA-256 of the address's token, hex. */
  readonly tokenHash: string
  readonly dedupeKey: string
  readonly receivedAt: string
  readonly contentType: string | null
  /** Base64. */
  readonly body: string
  readonly tries: number
}

export interface Context {
  readonly config: Config
  readonly db: Db
  /** Outbound HTTP of connectors, always behind lib/egress. */
  readonly fetch: Fetch
  readonly keyring: () => Promise<Keyring>
  readonly clock: Clock
  /** 0 ≤ x < 1; for backoff jitter, never for secrets. */
  readonly random: () => number
  readonly log: Log
  readonly queue: Pick<Queue<QueueMessage>, 'sendBatch' | 'metrics'>
  readonly files: R2Bucket
  /** How often one webhook address may be called. */
  readonly webhookLimit: RateLimit
}

/** Throws ConfigError when a variable is wrong. The keyring is imported once, at first use or by `keyring()`. */
export function createContext(env: Env, overrides: Partial<Context> = {}): Context {
  const config = overrides.config ?? parseConfig(env)
  let keys: Promise<Keyring> | undefined
  const outbound: Fetch = async (input, init) => fetch(input, init)
  return {
    config,
    // The driver's settings are global, so a second instance would undo the first one's.
    db: overrides.db ?? createDb({ databaseUrl: config.databaseUrl, endpoint: config.neonEndpoint, fetch: outbound }),
    fetch: outbound,
    keyring: async () => (keys ??= importKeyring(config.encryptionKeys)),
    clock: systemClock,
    random: Math.random,
    log: createLog({}),
    queue: env.QUEUE,
    files: env.FILES,
    webhookLimit: env.WEBHOOK_LIMIT,
    ...overrides,
  }
}
