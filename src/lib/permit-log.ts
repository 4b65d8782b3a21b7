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

interface Use {
  readonly lane: Lane
  readonly session: string
  /** By permits that may still be used. */
  readonly isOpen: boolean
  readonly isAssumed?: true
  readonly askedAt: number
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
  /** So much of each limit counts as used until then. */
  assume(share: number, until: number): void
  earliest(chunk: Chunk & { readonly lane: Lane }, from: number): number
  used(now: number): number
  free(limit: Limit, who: { readonly lane: Lane; readonly session: string }, now: number): number
  isWithinShare(lane: Lane, at: number): boolean
  isHeavy(now: number): boolean
  isShort(limit: Limit): boolean
  /** Without what is kept for people and hooks. */
  common(limit: Limit): number
  /** The gap at which such a chunk takes no more than so many of the limit. */
  gapFor(limit: Limit, chunk: Chunk, most: number): number
}

export function createPermitLog(limits: readonly Limit[]): PermitLog {
  const longest = limits.reduce((a, b) => (b.perMs > a.perMs ? b : a))
  const windowMs = longest.perMs + JITTER_MS
  let uses: Use[] = []
  const weightsOf = (chunk: Chunk) => limits.map((limit) => weightOf(limit, chunk))
  const counts = (limit: Limit, at: number) => countsOf(uses, limits.indexOf(limit), limit, at)
  return {
    windowMs,
    settle: (session, used) => {
      const open = uses.find((use) => use.isOpen && use.session === session)
      if (!open) return uses.some((use) => use.session === session)
      const weights = limits.map(() => 1)
      const made = used.map((ms) => ({ ...open, isOpen: false, until: open.askedAt + ms, weights }))
      uses = [...uses.filter((use) => use !== open), ...made]
      return true
    },
    add: (entry) => {
      uses = uses.filter(({ until }) => until + windowMs > entry.askedAt)
      uses.push({ ...entry, isOpen: true, weights: weightsOf(entry) })
    },
    assume: (share, until) => {
      const weights = limits.map(({ requests }) => Math.floor(requests * share))
      uses.push({ lane: 'live', session: '', isOpen: false, isAssumed: true, askedAt: 0, until, weights })
    },
    earliest: (chunk, from) =>
      Math.max(...limits.map((limit, index) => earliestOf({ uses, limit, index }, chunk, from))),
    used: (now) => counts(longest, now).total,
    free: (limit, { lane, session }, now) => {
      const index = limits.indexOf(limit)
      // What a session has just used, it may use again when its window has passed.
      const others = isShort(limit) ? uses.filter((use) => use.session !== session) : uses
      return roomOf(limit, lane, countsOf(others, index, limit, now))
    },
    isWithinShare: (lane, at) =>
      (lane === 'people' || lane === 'hooks') &&
      limits.every((limit) => isShort(limit) || counts(limit, at)[lane] < keptFor(limit, lane)),
    isHeavy: (now) => {
      const known = uses.filter(({ isAssumed }) => !isAssumed)
      return limits.some((limit, index) => countsOf(known, index, limit, now).total > limit.requests / 2)
    },
    isShort,
    common: (limit) => limit.requests - keptFor(limit, 'people') - keptFor(limit, 'hooks'),
    gapFor: (limit, chunk, most) => (weightOf(limit, chunk) <= most ? chunk.gapMs : (limit.perMs + JITTER_MS) / most),
  }
}

const isShort = ({ perMs }: Limit): boolean => perMs <= SHORT_MS

/** Requests at least so far apart, within one window. */
function weightOf({ perMs }: Limit, { permits, gapMs }: Chunk): number {
  return gapMs > 0 ? Math.min(permits, Math.ceil((perMs + JITTER_MS) / gapMs)) : permits
}

type Counts = Readonly<Record<Lane | 'total', number>>

/** A request is free again when its window has passed since the last moment at which it may have been made. */
function countsOf(uses: readonly Use[], index: number, { perMs }: Limit, at: number): Counts {
  const counts = { people: 0, hooks: 0, live: 0, bulk: 0, total: 0 }
  for (const { until, lane, weights } of uses) {
    if (until + perMs + JITTER_MS <= at) continue
    counts[lane] += weights[index] ?? 0
    counts.total += weights[index] ?? 0
  }
  return counts
}

function keptFor({ requests }: Limit, lane: Lane): number {
  const kept = Math.floor(requests * SHARES[lane])
  return lane === 'people' && requests >= KEPT_MIN ? Math.max(kept, 1) : kept
}

/** What a lane may still use: all but what others have in use, or keep. */
function roomOf(limit: Limit, lane: Lane, counts: Counts): number {
  const kept = LANES.map((other) => (other === lane ? 0 : Math.max(keptFor(limit, other) - counts[other], 0)))
  return limit.requests - counts.total - kept.reduce((sum, n) => sum + n, 0)
}

interface Side {
  readonly uses: readonly Use[]
  readonly limit: Limit
  readonly index: number
}

function earliestOf({ uses, limit, index }: Side, chunk: Chunk & { readonly lane: Lane }, from: number): number {
  const weight = weightOf(limit, chunk)
  const fits = (at: number) => roomOf(limit, chunk.lane, countsOf(uses, index, limit, at)) >= weight
  if (fits(from)) return from
  const freed = uses.map(({ until }) => until + limit.perMs + JITTER_MS).filter((at) => at > from)
  return freed.toSorted((a, b) => a - b).find(fits) ?? from
}
