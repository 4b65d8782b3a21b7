// Who may make a request of a vendor when, where many share its limit. Pure: the caller passes the time, and all times
// are milliseconds of one clock. Permits are leased in chunks: a session makes its requests by itself, and the log
// counts each permit for as long as it can still be used, so no window ever has more requests than the limit, whatever
// the sessions do with their permits.
import { type Breaker, createBreaker } from '#lib/breaker.ts'
import { createPermitLog, type Lane, type Limit, type PermitLog, type SavedUses } from '#lib/permit-log.ts'

export type { Lane, Limit }

/** A vendor's limit as data. */
export interface SharedLimits {
  /** All hold at once. */
  readonly limits: readonly Limit[]
  /** Between two requests of one session that has the limit for itself. */
  readonly gapMs: number
  /** So many requests within the longest window may come without that gap; 0 when left out. */
  readonly burst?: number
  /** The requests of a sync that finds nothing new: what a session leases first. */
  readonly idleCalls: number
  /** What the reads of a hook lease first: at most the requests for one object. 1 when left out. */
  readonly hookCalls?: number
  /** How long nothing is asked of a vendor that does not answer; each further time doubles it. */
  readonly outageMs: number
}

export interface Ask {
  /** A piece of work; its next ask says what became of its last permits. */
  readonly session: string
  /** Who waits: the line remembers its turn. */
  readonly holder: string
  readonly lane: Lane
  readonly count: number
  /** When the last permits were used, in milliseconds after they were asked for. */
  readonly used: readonly number[]
}

export interface Granted {
  readonly permits: number
  /** Until the first request may be made. */
  readonly waitMs: number
  /** From one request to the next. */
  readonly gapMs: number
  /** After so long none of them may be used any more. */
  readonly validMs: number
  /** The vendor did not answer for a while: what becomes of the request decides for all. */
  readonly isProbe: boolean
}

export interface Refused {
  readonly permits: 0
  /** When to ask again. */
  readonly waitMs: number
  readonly reason: 'busy' | 'throttled' | 'vendor_down'
}

/** What became of a request. */
export type BudgetEvent =
  | { readonly kind: 'throttled'; readonly waitMs: number }
  | { readonly kind: 'failed'; readonly holder: string }
  | { readonly kind: 'succeeded' }

/** What outlives the budget's process. */
export interface SavedBudget {
  readonly pausedUntil: number
  readonly openUntil: number
  readonly openForMs: number
  /** Until then more than half of a limit may be in use. */
  readonly heavyUntil: readonly number[]
  /** What is in use, while nobody is granted anything. Null: only `heavyUntil` tells. */
  readonly uses: SavedUses | null
}

export interface Budget {
  lease(now: number, ask: Ask): Granted | Refused
  /** A pause that the vendor asks for holds for all. */
  report(now: number, event: BudgetEvent): void
  /** The same object as long as nothing has changed. */
  state(): SavedBudget
}

/** A vendor that asks for more is asked again after this: the pause of one account must not stop all for hours. */
const PAUSE_MS_MAX = 5 * 60_000
/** An answer of the vendor that comes late must not cost the next permit. */
const LATE_MS = 600
/** Permits that may be used for long are counted for long. */
const VALID_MS_MAX = 10_000
/** Who would have to wait for longer is sent away: a worker that waits holds its place in the queue. */
const PATIENCE_MS = 4000
/** One write in so long at most says that a limit is in heavy use; that of a second is soon free again. */
const HEAVY_MS = { long: 60_000, short: 5000 } as const
/** A budget that nobody asks for so long may be gone when somebody does. */
const QUIET_MS = 8000
/** Turns are remembered for so long after they came, and for so many. */
const TURN_KEPT_MS = 10 * 60_000
const TURNS_MAX = 100_000

const NOTHING: SavedBudget = { pausedUntil: 0, openUntil: 0, openForMs: 0, heavyUntil: [], uses: null }

export function createBudget(limits: SharedLimits): Budget {
  return budgetOf(limits, createPermitLog(limits.limits), NOTHING)
}

/**
 * A budget whose process has ended. Where the last who asked was sent away for long, what was in use is stored. Else it
 * is not known, but whether it may have been more than half: so half or all of each limit counts as used, as long as
 * permits of that time can still be used. If this process ends meanwhile, it may have used the other half, so the next
 * one counts all. What is kept for people and hooks never counts: for a minute the vendor may see so many more, and a
 * connection test would fail otherwise.
 */
export function restoreBudget(limits: SharedLimits, now: number, saved: SavedBudget): Budget {
  const log = createPermitLog(limits.limits)
  if (saved.uses) {
    log.goOn(saved.uses)
    return budgetOf(limits, log, saved)
  }
  const usableUntil = now + PATIENCE_MS + VALID_MS_MAX
  const isHeavy = limits.limits.map((_, index) => (saved.heavyUntil[index] ?? 0) > now)
  log.assume(
    isHeavy.map((heavy) => (heavy ? 1 : 1 / 2)),
    usableUntil,
  )
  // For a restart that soon follows.
  const heavyUntil = limits.limits.map(({ perMs }, index) =>
    Math.max(saved.heavyUntil[index] ?? 0, usableUntil + perMs),
  )
  return budgetOf(limits, log, { ...saved, heavyUntil })
}

/** So many times as wide, for environments without vendors. A session keeps its own pace. */
export function scaleLimits(limits: SharedLimits, scale: number): SharedLimits {
  return {
    ...limits,
    limits: limits.limits.map(({ requests, perMs }) => ({ requests: requests / scale, perMs })),
    outageMs: limits.outageMs * scale,
  }
}

interface Line {
  /** When each that was sent away may come, oldest first, were the line as fast as the limits. */
  readonly turns: Map<string, number>
  /** Who comes now has no turn before this. */
  end: number
  /** How far the line is behind. */
  lag: number
}

function budgetOf(limits: SharedLimits, log: PermitLog, restored: SavedBudget): Budget {
  let saved = restored
  const breaker = createBreaker(limits.outageMs, restored)
  const line: Line = { turns: new Map(), end: 0, lag: 0 }
  const unitMs = Math.max(...limits.limits.map((limit) => limit.perMs / log.common(limit)))
  const keep = (change: Partial<SavedBudget>) => {
    saved = { ...saved, ...change }
  }
  const lease: Budget['lease'] = (now, ask) => {
    const isRenewal = log.settle(ask.session, ask.used)
    if (!isRenewal) breaker.began(now)
    const chunk = { ...chunkOf(limits, log, now, ask), lane: ask.lane }
    const gate = gateOf(breaker, saved.pausedUntil, now, ask)
    const start = Math.max(log.earliest(chunk, now), gate.until)
    const isFirst = isRenewal ? ask.lane !== 'bulk' : log.isWithinShare(ask.lane, start)
    const at = placeOf(line, now, { key: keyOf(ask), start, isFirst, serviceMs: chunk.permits * unitMs })
    if (at > now + PATIENCE_MS) {
      const uses = at > now + QUIET_MS && !saved.uses ? log.saved(now) : null
      if (uses) keep({ uses })
      return { permits: 0, waitMs: at - now, reason: gate.until > now ? gate.reason : 'busy' }
    }
    const permits = gate.isProbe ? 1 : chunk.permits
    const until = at + (permits - 1) * chunk.gapMs + LATE_MS
    log.add({ session: ask.session, lane: ask.lane, askedAt: now, until, permits, gapMs: chunk.gapMs })
    const heavyUntil = limits.limits.map((limit, index) => {
      const [known, end] = [saved.heavyUntil[index] ?? 0, until + limit.perMs]
      return end > known && log.isHeavy(limit, now) ? end + HEAVY_MS[log.isShort(limit) ? 'short' : 'long'] : known
    })
    if (heavyUntil.some((end, index) => end !== (saved.heavyUntil[index] ?? 0))) keep({ heavyUntil })
    if (saved.uses) keep({ uses: null })
    if (gate.isProbe) breaker.probing(now)
    return { permits, waitMs: at - now, gapMs: chunk.gapMs, validMs: until - now, isProbe: gate.isProbe }
  }
  return {
    lease,
    report: (now, event) => {
      if (event.kind === 'throttled') {
        const pausedUntil = now + Math.min(event.waitMs, PAUSE_MS_MAX)
        if (pausedUntil > saved.pausedUntil) keep({ pausedUntil })
      } else if (event.kind === 'failed' ? breaker.failed(now, event.holder) : breaker.succeeded(now)) {
        keep(breaker.state())
      }
    },
    state: () => saved,
  }
}

interface Gate {
  readonly until: number
  readonly reason: 'throttled' | 'vendor_down'
  readonly isProbe: boolean
}

function gateOf(breaker: Breaker, pausedUntil: number, now: number, { lane }: Ask): Gate {
  const open = breaker.gate(now, lane === 'people')
  if (open !== 'probe' && open > pausedUntil) return { until: open, reason: 'vendor_down', isProbe: false }
  return { until: pausedUntil, reason: 'throttled', isProbe: open === 'probe' }
}

/** How many permits and how far apart: fewer and wider where others are at work. */
function chunkOf({ limits, gapMs, burst = 0 }: SharedLimits, log: PermitLog, now: number, ask: Ask) {
  const { count } = ask
  const left = burst > 0 ? burst - log.used(now) : 0
  let permits = left > 0 ? Math.min(count, Math.ceil(left)) : count
  let gap = left > 0 ? 0 : gapMs
  for (const limit of limits) {
    const free = log.free(limit, ask, now)
    if (!log.isShort(limit)) permits = Math.min(permits, Math.max(1, Math.floor(free)))
    // One place is left for whoever comes next.
    else gap = Math.max(gap, log.gapFor(limit, { permits, gapMs: gap }, Math.max(1, Math.floor(free) - 1)))
  }
  if (gap > 0) permits = Math.min(permits, 1 + Math.floor((VALID_MS_MAX - LATE_MS) / gap))
  return { permits, gapMs: gap }
}

const keyOf = ({ holder, lane }: Ask): string => `${lane} ${holder}`

interface Arrival {
  readonly key: string
  /** The limits allow it from then on. */
  readonly start: number
  /** It needs no turn: its share is not used up, or its work has begun. */
  readonly isFirst: boolean
  readonly serviceMs: number
}

/**
 * When who asks now may begin. Beyond PATIENCE_MS it is sent away, and comes before those that ask later. Where the
 * line is slower than the limits, because sessions use their permits late, it falls behind for all alike.
 */
function placeOf(line: Line, now: number, { key, start, isFirst, serviceMs }: Arrival): number {
  const { turns } = line
  if (line.end + line.lag <= now) line.lag = 0
  const isLate = (at: number) => at > now + PATIENCE_MS
  const turn = turns.get(key)
  if (turn !== undefined) {
    if (!isFirst && isLate(turn + line.lag)) return Math.max(start, turn + line.lag)
    if (isLate(start)) line.lag = Math.max(line.lag, start - turn)
    else turns.delete(key)
    return start
  }
  const at = isFirst ? start : Math.max(start, line.end + line.lag)
  if (!isLate(at)) return at
  forgetTurns(line, now)
  turns.set(key, at - line.lag)
  if (!isFirst) line.end = at - line.lag + serviceMs
  return at
}

function forgetTurns({ turns, lag }: Line, now: number): void {
  for (const [key, turn] of turns) {
    if (turn + lag + TURN_KEPT_MS > now && turns.size < TURNS_MAX) break
    turns.delete(key)
  }
}
