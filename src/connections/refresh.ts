// Refreshes a pair of single-use tokens without losing the connection: record the intent, call, swap, read again, use.
// The answer is only used once it has been stored and read again. When the outcome of a call is unknown, the fence
// stays until it lapses, and the same token is sent again: the vendor keeps it usable until the new pair is first used.
// Only a refusal of the pair that is still stored proves that a grant is revoked.
import type { Context } from '#context.ts'
import type { CrmType } from '#lib/crm-types.ts'
import { connectorOf } from '#crm/registry.ts'
import { CrmError, type CrmErrorKind } from '#lib/crm-error.ts'
import { createHttp } from '#lib/egress.ts'
import type { Secret } from '#lib/secret.ts'
import {
  type Attempt,
  type Grant,
  type GrantOwner,
  markDead,
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

/** In milliseconds. The fence outlasts the call and the storing of its answer. */
export interface RefreshTimes {
  readonly call: number
  readonly store: number
  readonly fence: number
  /** What is left of the fence after a call whose outcome at the vendor is unknown. */
  readonly settle: number
  /** How long to wait for the refresh of another worker. */
  readonly wait: number
}

const TIMES: RefreshTimes = { call: 40_000, store: 30_000, fence: 90_000, settle: 15_000, wait: 60_000 }
const POLL_MS = 250
const POLL_MS_MAX = 2000

/** After these it is unknown whether the vendor has used up the token. */
const OPEN: ReadonlySet<CrmErrorKind> = new Set(['unavailable', 'malformed', 'internal'])

/** A usable pair; `refused` is the access token that the vendor has just refused. Throws CrmError. */
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

/** Stores a new pair, or leaves that to another worker; the caller reads what is stored then. */
async function refreshOnce(context: Context, granted: Granted, grant: Grant, times: RefreshTimes): Promise<void> {
  const attempt = { owner: granted, generation: grant.generation, id: crypto.randomUUID() }
  const call = async (token: Secret) => callVendor(context, granted, { attempt, grant, token, times })
  const won = (await call(grant.refresh)) ?? (grant.previous && (await call(grant.previous)))
  if (won === 'passed') return
  if (won) {
    await storeSurely(context, attempt, won, times)
    context.log.info('token_refreshed', { integrationId: granted.id, generation: grant.generation + 1 })
    return
  }
  if (!(await markDead(context, attempt))) return
  context.log.warn('grant_dead', { integrationId: granted.id, generation: grant.generation })
  throw new CrmError('auth', { reason: 'grant_dead' })
}

interface Call {
  readonly attempt: Attempt
  readonly grant: Grant
  readonly token: Secret
  readonly times: RefreshTimes
}

interface Won extends Swap {
  /** The fence stands at least until then, by the clock of this process. */
  readonly fencedUntil: number
}

/** Null: the vendor refuses this token. `passed`: another worker has the fence. Throws CrmError for all else. */
async function callVendor(
  context: Context,
  granted: Granted,
  { attempt, grant, token, times }: Call,
): Promise<Won | 'passed' | null> {
  const { oauth, pace } = connectorOf(granted.crmType)
  const app = context.config.apps[granted.crmType]
  if (!oauth || !app) throw new CrmError('internal', { reason: 'app_missing' })
  const { clock, config, fetch } = context
  const fencedUntil = clock.now().getTime() + times.fence
  if (!(await takeFence(context, attempt, times.fence))) return 'passed'
  // After a delay this process would call when others may take the fence for lapsed.
  if (clock.now().getTime() > fencedUntil - times.call - times.store) {
    await releaseFence(context, attempt)
    return 'passed'
  }
  const { egressAllowOrigins: allowOrigins, throttleWaitScale } = config
  const http = createHttp({ ...pace, timeoutMs: times.call, fetch, clock, allowOrigins, throttleWaitScale })
  try {
    const set = await oauth.refresh({ app, http, allowOrigins, apiUrl: grant.apiUrl, access: grant.access }, token)
    return { set, spent: token, movedTo: set.apiUrl === grant.apiUrl ? null : set.apiUrl, fencedUntil }
  } catch (error) {
    const known = error instanceof CrmError ? error : new CrmError('internal', { cause: error })
    if (known.kind === 'auth') return null
    const isOpen = OPEN.has(known.kind)
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

/** Until it is stored the pair exists only here, so storing is tried again until the fence ends. */
async function storeSurely(context: Context, attempt: Attempt, won: Won, times: RefreshTimes): Promise<void> {
  const until = Math.max(won.fencedUntil, context.clock.now().getTime() + times.store)
  for (let pauseMs = POLL_MS; ; pauseMs = Math.min(pauseMs * 2, POLL_MS_MAX)) {
    try {
      await storePair(context, attempt, won)
      return
    } catch (error) {
      context.log.error('token_store_failed', { integrationId: attempt.owner.id, error })
      if (context.clock.now().getTime() >= until) throw error
      await context.clock.sleep(pauseMs)
    }
  }
}
