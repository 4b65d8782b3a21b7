// Which permits of a shared limit are in use, and from when on more of them may be.

/** `people`: a person waits for the answer. `hooks`: objects that webhooks name. `live`, `bulk`: runs. */
export type Lane = 'people' | 'hooks' | 'live' | 'bulk'

/** In no window of `perMs` are there more than so many requests. */
export interface Limit {
  readonly requests: number
  readonly perMs: number
}

/**
 * What is kept for each lane while it does not use it. Small for people and hooks, since what is kept is lost to the
 * schedule; live syncs keep half, so that no crowd of people starves them.
 */
const SHARES: Readonly<Record<Lane, number>> = { people: 0.05, hooks: 0.05, live: 0.5, bulk: 0 }
const LANES = ['people', 'hooks', 'live', 'bulk'] as const
/** A limit of fewer requests keeps no whole one for people. */
const KEPT_MIN = 4
/** Requests reach the vendor closer together than they were sent. */
const JITTER_MS = 100
/** In a longer window each request of a session takes one of the limit; in a shorter one they take the same again. */
const SHORT_MS = 2000

interface Chunk {
  readonly permits: number
  readonly gapMs: number
}

interface Entry extends Chunk {
  readonly session: string
  readonly lane: Lane
  readonly askedAt: number
  /** None of the permits is used later. */
  readonly until: number
}

/** Counted in plain loops: a lease looks at hundreds of them several times. */
interface Use {
  readonly lane: number
  readonly session: string
  readonly isAssumed: boolean
  readonly askedAt: number
  /** It takes nothing of a limit whose window has passed since then. */
  readonly until: number
  /** Of each limit, how many of its requests this takes. */
  readonly weights: readonly number[]
}

export interface PermitLog {
  /** The longest window. */
  readonly windowMs: number
  /** Replaces what a session may have used by what it has used. False: it is new. */
  settle(session: string, used: readonly number[]): boolean
  add(entry: Entry): void
  /** So much of each limit counts as used until then, but never what is kept for people and hooks. */
  assume(shares: readonly number[], until: number): void
  earliest(chunk: Chunk & { readonly lane: Lane }, from: number): number
  used(now: number): number
  free(limit: Limit, who: { readonly lane: Lane; readonly session: string }, now: number): number
  isWithinShare(lane: Lane, at: number): boolean
  /** More than half of it is in use. */
  isHeavy(limit: Limit, now: number): boolean
  isShort(limit: Limit): boolean
  /** Without what is kept for people and hooks. */
  common(limit: Limit): number
  /** The gap at which such a chunk takes no more than so many of the limit. */
  gapFor(limit: Limit, chunk: Chunk, most: number): number
}

export function createPermitLog(limits: readonly Limit[]): PermitLog {
  const sides = limits.map((limit, index): Side => ({
    ...{ limit, index, uses: [], windowMs: limit.perMs + JITTER_MS },
    kept: LANES.map((lane) => keptFor(limit, lane)),
  }))
  const longest = sides.reduce((a, b) => (b.windowMs > a.windowMs ? b : a))
  const sideOf = (limit: Limit) => sides.find((side) => side.limit === limit) ?? longest
  const store = createUses(sides, longest)
  return {
    windowMs: longest.windowMs,
    settle: store.settle,
    add: ({ session, lane, askedAt, until, permits, gapMs }) => {
      store.forget(askedAt)
      const weights = limits.map((limit) => weightOf(limit, { permits, gapMs }))
      store.open({ lane: LANES.indexOf(lane), session, isAssumed: false, askedAt, until, weights })
    },
    assume: (shares, until) => {
      const weights = limits.map((limit, index) => Math.floor(commonOf(limit) * (shares[index] ?? 1)))
      store.put({ lane: LANES.indexOf('live'), session: '', isAssumed: true, askedAt: 0, until, weights })
    },
    earliest: (chunk, from) => {
      let at = from
      for (const side of sides) at = Math.max(at, earliestOf(side, chunk, from))
      return at
    },
    used: (now) => countUses(longest, now)[TOTAL] ?? 0,
    free: (limit, { lane, session }, now) =>
      // What a session has just used, it may use again when its window has passed.
      roomOf(sideOf(limit), lane, countUses(sideOf(limit), now, isShort(limit) ? session : null)),
    isWithinShare: (lane, at) =>
      (lane === 'people' || lane === 'hooks') &&
      sides.every((side) => {
        const of = LANES.indexOf(lane)
        return isShort(side.limit) || (countUses(side, at)[of] ?? 0) < (side.kept[of] ?? 0)
      }),
    isHeavy: (limit, now) => (countUses(sideOf(limit), now)[KNOWN] ?? 0) > limit.requests / 2,
    isShort,
    common: commonOf,
    gapFor: (limit, chunk, most) => (weightOf(limit, chunk) <= most ? chunk.gapMs : (limit.perMs + JITTER_MS) / most),
  }
}

/** Puts uses into all sides, in no order, and forgets those whose window has passed; knows which are a session's. */
function createUses(sides: readonly Side[], longest: Side) {
  const single = sides.map(() => 1)
  /** How many of the longest window are a session's, and those that may still be made. */
  const sessions = new Map<string, number>()
  const opened = new Map<string, Use>()
  const put = (use: Use) => {
    for (const { uses } of sides) uses.push(use)
    sessions.set(use.session, (sessions.get(use.session) ?? 0) + 1)
  }
  const removeAt = (side: Side, at: number) => {
    const [removed, last] = [side.uses[at], side.uses.pop()]
    if (!removed || !last) return
    if (at < side.uses.length) side.uses[at] = last
    if (side !== longest) return
    const left = (sessions.get(removed.session) ?? 0) - 1
    if (left > 0) sessions.set(removed.session, left)
    else sessions.delete(removed.session)
    if (opened.get(removed.session) === removed) opened.delete(removed.session)
  }
  return {
    put,
    open: (use: Use): void => {
      put(use)
      opened.set(use.session, use)
    },
    settle: (session: string, used: readonly number[]): boolean => {
      const leased = opened.get(session)
      if (!leased) return sessions.has(session)
      for (const side of sides) {
        const at = side.uses.indexOf(leased)
        if (at >= 0) removeAt(side, at)
      }
      const { lane, askedAt } = leased
      for (const ms of used) put({ lane, session, isAssumed: false, askedAt, until: askedAt + ms, weights: single })
      return true
    },
    forget: (now: number): void => {
      for (const side of sides) {
        for (let at = side.uses.length - 1; at >= 0; at -= 1) {
          if ((side.uses[at]?.until ?? 0) + side.windowMs <= now) removeAt(side, at)
        }
      }
    },
  }
}

const isShort = ({ perMs }: Limit): boolean => perMs <= SHORT_MS

/** Requests at least so far apart, within one window. */
function weightOf({ perMs }: Limit, { permits, gapMs }: Chunk): number {
  return gapMs > 0 ? Math.min(permits, Math.ceil((perMs + JITTER_MS) / gapMs)) : permits
}

/** One limit, with what counts within its window. */
interface Side {
  readonly limit: Limit
  readonly index: number
  readonly windowMs: number
  readonly uses: Use[]
  /** By lane. */
  readonly kept: readonly number[]
}

/** Where the counts of all lanes stand, and of all uses that are known and not assumed. */
const TOTAL = LANES.length
const KNOWN = TOTAL + 1
/** Overwritten by each count, which its caller reads at once. */
const counts = new Float64Array(KNOWN + 1)

/** A request is free again when its window has passed since the last moment at which it may have been made. */
function countUses({ uses, index, windowMs }: Side, at: number, except: string | null = null): Float64Array {
  counts.fill(0)
  for (const { until, lane, weights, session, isAssumed } of uses) {
    if (until + windowMs <= at || session === except) continue
    const weight = weights[index] ?? 0
    counts[lane] = (counts[lane] ?? 0) + weight
    counts[TOTAL] = (counts[TOTAL] ?? 0) + weight
    if (!isAssumed) counts[KNOWN] = (counts[KNOWN] ?? 0) + weight
  }
  return counts
}

function commonOf(limit: Limit): number {
  return limit.requests - keptFor(limit, 'people') - keptFor(limit, 'hooks')
}

function keptFor({ requests }: Limit, lane: Lane): number {
  const kept = Math.floor(requests * SHARES[lane])
  return lane === 'people' && requests >= KEPT_MIN ? Math.max(kept, 1) : kept
}

/** What a lane may still use: all but what others have in use, or keep. */
function roomOf({ limit, kept }: Side, lane: Lane, used: Float64Array): number {
  let room = limit.requests - (used[TOTAL] ?? 0)
  for (let other = 0; other < LANES.length; other += 1) {
    if (LANES[other] !== lane) room -= Math.max((kept[other] ?? 0) - (used[other] ?? 0), 0)
  }
  return room
}

type LaneChunk = Chunk & { readonly lane: Lane }

function earliestOf(side: Side, chunk: LaneChunk, from: number): number {
  const weight = weightOf(side.limit, chunk)
  const fits = (at: number) => roomOf(side, chunk.lane, countUses(side, at)) >= weight
  if (fits(from)) return from
  const freed = side.uses.map(({ until }) => until + side.windowMs).filter((at) => at > from)
  const times = Float64Array.from(freed).toSorted()
  // The longer one waits the more room there is, so the first time that fits is found by halves.
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (fits(times[middle] ?? from)) high = middle
    else low = middle + 1
  }
  return times[low] ?? from
}
