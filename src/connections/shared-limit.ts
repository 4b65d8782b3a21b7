// A session's part of a limit that others share: it leases permits from the vendor's budget, a few at a time, and makes
// its requests by them. Clocks of isolates are never compared: all times are counted from the ask.
import type { Context, SharedBudget } from '#context.ts'
import type { Connector } from '#crm/connector.ts'
import { signText } from '#crypto/address-key.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { Admission } from '#lib/egress.ts'
import { createPace } from '#lib/pace.ts'
import {
  type BudgetEvent,
  type Granted,
  type Lane,
  type Refused,
  scaleLimits,
  type SharedLimits,
} from '#lib/permits.ts'
import { Secret } from '#lib/secret.ts'
import { withTimeout } from '#lib/with-timeout.ts'

/** Whose requests these are. */
interface Sharing {
  readonly connector: Connector<unknown, unknown>
  readonly integrationId: string
  readonly lane: Lane
  readonly of: { readonly settings: unknown; readonly apiUrl: string; readonly apiKey: Secret | null }
}

/** The address that requests come from: there is one, Cloudflare's. With relays each would have budgets of its own. */
const EGRESS_GROUP = 'direct'
/** Few at first, then more: permits that are left over are lost to all. */
const CHUNK_MAX = 10
/**
 * A connection test takes no more. A sync that a person starts begins like it, and goes on like those of the schedule.
 */
const PERSON_CALLS = 9
/** Most outages of a vendor's server end sooner. */
const OUTAGE_MS = 30_000
/** In real time; a budget that has to start first takes some tenths of a second. */
const ANSWER_MS = 2000
/** Permits that are too old when they come: the budget is too far away to be of use. */
const ASKS_MAX = 3
/** For so long a budget that did not answer is not asked again. */
const AWAY_MS = 30_000
/** Ten sessions that cannot reach the budget make no more requests than one that has the limit for itself. */
const AWAY_SHARE = 1 / 10

/** Null: the vendor has no limit that is shared. */
export function shareLimit(context: Context, sharing: Sharing): Admission | null {
  const { sharedLimit, pace } = sharing.connector
  if (!sharedLimit) return null
  const { limits, idleCalls } = sharedLimit
  const { requestsPerSecond, burst = 0 } = pace
  const data = { limits, idleCalls, gapMs: 1000 / requestsPerSecond, burst, outageMs: OUTAGE_MS }
  return createAdmission(context, sharing, scaleLimits(data, context.config.throttleWaitScale))
}

/** The budget, while it answers. */
interface Link {
  isAway(): boolean
  /** Null: it does not answer. */
  lease(count: number, used: readonly number[]): Promise<Granted | Refused | null>
  report(event: BudgetEvent): Promise<void>
}

function linkTo(context: Context, sharing: Sharing, limits: SharedLimits): Link {
  const { clock, log } = context
  const { connector, integrationId: holder, lane } = sharing
  const session = crypto.randomUUID()
  let granted = 0
  let budget: Promise<SharedBudget> | null = null
  let awayUntil = 0
  const reach = async <T>(call: (of: SharedBudget) => Promise<T>): Promise<T | null> => {
    let error: unknown = 'late'
    try {
      const answer = await withTimeout(call(await (budget ??= budgetFor(context, sharing))), ANSWER_MS)
      if (answer !== 'late') return answer
    } catch (thrown) {
      error = thrown
    }
    log.warn('vendor_budget_away', { crmType: connector.type, error })
    awayUntil = clock.now().getTime() + AWAY_MS
    return null
  }
  return {
    isAway: () => clock.now().getTime() < awayUntil,
    lease: async (count, used) => {
      const isLong = lane === 'people' && granted >= PERSON_CALLS
      const ask = { session, holder, lane: isLong ? 'live' : lane, count, used } as const
      const lease = await reach(async (of) => of.lease(limits, ask))
      granted += lease?.permits ?? 0
      return lease
    },
    report: async (event) => void (await reach(async (of) => of.report(limits, event))),
  }
}

interface Chunk extends Granted {
  readonly askedAt: number
  /** When its permits were used, in milliseconds after they were asked for. */
  readonly used: number[]
  /** The next request may be made from then on. */
  freeAt: number
}

function createAdmission(context: Context, sharing: Sharing, limits: SharedLimits): Admission {
  const { clock } = context
  const { pace } = sharing.connector
  const now = () => clock.now().getTime()
  const link = linkTo(context, sharing, limits)
  const slow = createPace({ ...pace, clock, requestsPerSecond: pace.requestsPerSecond * AWAY_SHARE, burst: 0 })
  let chunk: Chunk | null = null
  let count = sharing.lane === 'hooks' ? (sharing.connector.sharedLimit?.hookCalls ?? 1) : limits.idleCalls
  const ask = async (): Promise<Chunk | null> => {
    const askedAt = now()
    const lease = await link.lease(count, chunk?.used ?? [])
    if (!lease) return null
    if ('reason' in lease) throw new CrmError('rate_limited', { reason: lease.reason, retryAfterMs: lease.waitMs })
    count = Math.min(count * 2, CHUNK_MAX)
    return { ...lease, askedAt, used: [], freeAt: now() + lease.waitMs }
  }
  const isUsable = ({ used, permits, askedAt, validMs, freeAt }: Chunk) =>
    used.length < permits && Math.max(freeAt, now()) <= askedAt + validMs
  const usePermit = async (of: Chunk): Promise<boolean> => {
    if (!isUsable(of)) return false
    const waitMs = of.freeAt - now()
    if (waitMs > 0) await clock.sleep(waitMs)
    // The sleep may have taken longer.
    if (!isUsable(of)) return false
    of.used.push(now() - of.askedAt)
    of.freeAt = Math.max(of.freeAt, now()) + of.gapMs
    return true
  }
  const next = async (): Promise<void> => {
    for (let asks = 0; !link.isAway() && asks <= ASKS_MAX; asks += 1) {
      if (chunk && (await usePermit(chunk))) return
      // Without an answer the next ask tells the use of the same permits.
      chunk = (await ask()) ?? chunk
    }
    await slow()
  }
  return {
    next: oneByOne(next),
    ended: async (error) => {
      const event = eventOf(error, sharing.integrationId, chunk?.isProbe === true)
      if (event && !link.isAway()) await link.report(event)
    },
  }
}

function eventOf(error: CrmError | null, holder: string, isProbe: boolean): BudgetEvent | null {
  if (error?.kind === 'rate_limited') return { kind: 'throttled', waitMs: error.retryAfterMs ?? 0 }
  if (error?.kind === 'unavailable') return { kind: 'failed', holder }
  // Only of a probe anybody waits to hear that it was answered.
  return isProbe ? { kind: 'succeeded' } : null
}

/** Each call begins when the one before has ended, however that ended. */
function oneByOne(act: () => Promise<void>): () => Promise<void> {
  let last: Promise<unknown> = Promise.resolve()
  return async () => {
    const turn = last.then(act)
    last = turn.catch(() => undefined)
    return turn
  }
}

/** Its name tells nobody whose limit it is. */
async function budgetFor(context: Context, { connector, of }: Sharing): Promise<SharedBudget> {
  const parts = connector.sharedLimit?.countedFor(of) ?? []
  const text = parts.map((part) => (part instanceof Secret ? part.reveal() : part))
  const key = text.length === 0 ? 'all' : (await signText(await context.addressKey(), named(text))).toHex()
  return context.budgetOf(`${connector.type}/${EGRESS_GROUP}/${key}`)
}

const named = (parts: readonly string[]): string => JSON.stringify(['vendor budget', ...parts])
