// Refreshes a pair of single-use tokens without losing the connection: record the intent, call, swap, read again, use.
// A new pair is used only after it was stored and read again. When the outcome of a call is unknown, the fence stays
// until it expires, and the same token is sent again: the vendor accepts it until the new pair is first used. Only a
// refusal of the stored pair proves that a grant is revoked.
import type { Context } from '#context.ts'
import type { CrmType } from '#lib/crm-types.ts'
import { connectorOf } from '#crm/registry.ts'
import { CrmError, type CrmErrorKind } from '#lib/crm-error.ts'
import type { Secret } from '#lib/secret.ts'
import { appFor, registeredApp } from '#connections/app.ts'
import { vendorHttp } from '#connections/vendor-http.ts'
import {
  type Attempt,
  type Grant,
  type GrantOwner,
  markRevoked,
  readGrant,
  releaseFence,
  shortenFence,
  storePair,
  type Swap,
  takeFence,
} from '#connections/grant.ts'

export interface Granted extends GrantOwner {
  readonly crmType: CrmType
}

/** In milliseconds. */
export interface RefreshTimes {
  /** Of the vendor's call. */
  readonly call: number
  /** Of the tries to store its answer. */
  readonly store: number
  /** Of the fence, which must outlast the call and the storing of its answer. */
  readonly fence: number
  /** Of the rest of the fence after a call whose outcome at the vendor is unknown. */
  readonly settle: number
  /** Of the wait for the refresh of another worker. */
  readonly wait: number
}

/** Chosen, not measured, but for `fence`, which follows from the others. */
const TIMES: RefreshTimes = {
  // Twice an ordinary call to a vendor. A timeout leaves the outcome unknown, so the limit must be above slow answers.
  call: 40_000,
  // One try of the database takes up to 20 s, so this allows a second one. A pair that is not stored may be lost.
  store: 30_000,
  // Call and store, and 20 s for the statement that takes the fence. Less, and two workers could use one token; a dead
  // worker stops the integration for as long.
  fence: 90_000,
  // A request that was cut off may still reach the vendor. It usually does so at once; a minute would idle the sync.
  settle: 15_000,
  // Most refreshes end within seconds. A run waits no longer than its lease lasts, then it is retried as `unavailable`.
  wait: 60_000,
}
/** The first poll finds a refresh that is almost done. Later ones are rare enough for hundreds of waiting workers. */
const POLL_MS = 250
const POLL_MS_MAX = 2000

/** After these errors it is unknown whether the vendor has used up the token. */
const OUTCOME_UNKNOWN: ReadonlySet<CrmErrorKind> = new Set(['unavailable', 'malformed', 'internal'])

/** Returns a usable pair. `refused` is the access token that the vendor has just refused. Throws CrmError. */
export async function grantedPair(
  context: Context,
  granted: Granted,
  refused: Secret | null,
  times: RefreshTimes = TIMES,
): Promise<Grant> {
  const deadline = context.clock.now().getTime() + times.wait
  let first: Grant | null = null
  for (let pollMs = POLL_MS; ;) {
    const grant = await readGrant(context, granted)
    const isRefused = refused?.reveal() === grant.access.reveal()
    const isNew = first !== null && grant.generation !== first.generation
    if (!isRefused && (isNew || grant.freshMs > 0)) return grant
    first ??= grant
    if (grant.isFenced && !isRefused && grant.isUsable) return grant
    if (context.clock.now().getTime() >= deadline) throw new CrmError('unavailable', { reason: 'refresh_under_way' })
    if (!grant.isFenced) {
      await refreshOnce(context, granted, grant, times)
      continue
    }
    await context.clock.sleep(pollMs)
    pollMs = Math.min(pollMs * 2, POLL_MS_MAX)
  }
}

/** Stores a new pair, or leaves that to another worker. The caller then reads the stored pair. */
async function refreshOnce(context: Context, granted: Granted, grant: Grant, times: RefreshTimes): Promise<void> {
  const attempt = { owner: granted, generation: grant.generation, id: crypto.randomUUID() }
  const call = async (token: Secret) => callVendor(context, granted, { attempt, grant, token, times })
  const received = (await call(grant.refresh)) ?? (grant.previous && (await call(grant.previous)))
  if (received === 'fenced') return
  if (received) {
    await storeWithRetries(context, attempt, received, times)
    context.log.info('token_refreshed', { integrationId: granted.id, generation: grant.generation + 1 })
    return
  }
  if (!(await markRevoked(context, attempt))) return
  context.log.warn('grant_dead', { integrationId: granted.id, generation: grant.generation })
  throw new CrmError('auth', { reason: 'grant_dead' })
}

interface Call {
  readonly attempt: Attempt
  readonly grant: Grant
  readonly token: Secret
  readonly times: RefreshTimes
}

interface ReceivedPair extends Swap {
  /** The fence lasts at least until then, by the clock of this process. */
  readonly fencedUntil: number
}

/** Null: the vendor refuses this token. `fenced`: another worker has the fence. Throws CrmError for all else. */
async function callVendor(
  context: Context,
  granted: Granted,
  { attempt, grant, token, times }: Call,
): Promise<ReceivedPair | 'fenced' | null> {
  const connector = connectorOf(granted.crmType)
  const { oauth, pace } = connector
  if (!oauth || !registeredApp(context, granted.crmType, grant.brand))
    throw new CrmError('internal', { reason: 'app_missing' })
  const app = appFor(context, connector, grant.apiUrl, grant.brand)
  if (!app) throw new CrmError('rejected', { reason: 'address_refused', params: { refusal: 'not_the_vendors' } })
  const { clock, config } = context
  const fencedUntil = clock.now().getTime() + times.fence
  if (!(await takeFence(context, attempt, times.fence))) return 'fenced'
  // After a long delay the fence could expire during the call, and another worker would use the same token.
  if (clock.now().getTime() > fencedUntil - times.call - times.store) {
    await releaseFence(context, attempt)
    return 'fenced'
  }
  const { egressAllowOrigins: allowOrigins } = config
  const http = vendorHttp(context, { ...pace, timeoutMs: times.call })
  try {
    const set = await oauth.refresh({ app, http, allowOrigins, apiUrl: grant.apiUrl, access: grant.access }, token)
    return { set, spent: token, movedTo: set.apiUrl === grant.apiUrl ? null : set.apiUrl, fencedUntil }
  } catch (error) {
    const known = error instanceof CrmError ? error : new CrmError('internal', { cause: error })
    if (known.kind === 'auth') return null
    const isOpen = OUTCOME_UNKNOWN.has(known.kind)
    context.log.warn('token_refresh_failed', {
      integrationId: granted.id,
      kind: known.kind,
      reason: known.reason,
      isOpen,
    })
    if (isOpen) await shortenFence(context, attempt, times.settle)
    else await releaseFence(context, attempt)
    throw known
  }
}

/** Until it is stored, the pair exists only here, so storing is tried again until the fence ends. */
async function storeWithRetries(
  context: Context,
  attempt: Attempt,
  received: ReceivedPair,
  times: RefreshTimes,
): Promise<void> {
  const until = Math.max(received.fencedUntil, context.clock.now().getTime() + times.store)
  for (let pauseMs = POLL_MS; ; pauseMs = Math.min(pauseMs * 2, POLL_MS_MAX)) {
    try {
      await storePair(context, attempt, received)
      return
    } catch (error) {
      context.log.error('token_store_failed', { integrationId: attempt.owner.id, error })
      if (context.clock.now().getTime() >= until) throw error
      await context.clock.sleep(pauseMs)
    }
  }
}
