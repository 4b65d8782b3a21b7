// Which permits of a shared limit are in use, and from when on more of them may be.
import { createUses, put, removeAt, type SavedUse, savedOf, type Uses } from '#lib/permit-uses.ts'

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

/** What counts of each limit. */
export type SavedUses = readonly (readonly SavedUse[])[]

/** Of a limit of some tens a minute. One of hundreds is not quiet for long. */
const SAVED_MAX = 64

export interface PermitLog {
  /** The longest window. */
  readonly windowMs: number
  /** Replaces what a session may have used by what it has used. False: it is new. */
  settle(session: string, used: readonly number[]): boolean
  add(entry: Entry): void
  /** All that counts, for a log that goes on where this one ends. Null: it is too much to be stored. */
  saved(now: number): SavedUses | null
  goOn(saved: SavedUses): void
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
  const sides = limits.map(createSide)
  const longest = sides.reduce((a, b) => (b.windowMs > a.windowMs ? b : a))
  const sideOf = (limit: Limit) => sides.find((side) => side.limit === limit) ?? longest
  const store = createStore(sides, longest)
  return {
    windowMs: longest.windowMs,
    settle: store.settle,
    add: ({ session, lane, askedAt, until, permits, gapMs }) => {
      store.forget(askedAt)
      const weights = limits.map((limit) => weightOf(limit, { permits, gapMs }))
      store.open({ session, lane: LANES.indexOf(lane), askedAt }, until, weights)
    },
    saved: (now) =>
      sides.some(({ count }) => count > SAVED_MAX)
        ? null
        : sides.map((side) => savedOf(side).filter(([until]) => until + side.windowMs > now)),
    goOn: (saved) =>
      sides.forEach((side, index) => {
        for (const [until, weight, lane] of saved[index] ?? [])
          put(side, { id: NOBODY, kind: MADE, lane, until, weight })
      }),
    assume: (shares, until) => {
      sides.forEach((side, index) => {
        const weight = Math.floor(commonOf(side.limit) * (shares[index] ?? 1))
        put(side, { id: NOBODY, kind: ASSUMED, lane: LIVE, until, weight })
      })
    },
    earliest: (chunk, from) => {
      let at = from
      for (const side of sides) at = Math.max(at, earliestOf(side, chunk, from))
      return at
    },
    used: (now) => countUses(longest, now)[TOTAL] ?? 0,
    free: (limit, { lane, session }, now) =>
      // What a session has just used, it may use again when its window has passed.
      roomOf(sideOf(limit), lane, countUses(sideOf(limit), now, isShort(limit) ? store.idOf(session) : NOBODY)),
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

const isShort = ({ perMs }: Limit): boolean => perMs <= SHORT_MS

/** Requests at least so far apart, within one window. */
function weightOf({ perMs }: Limit, { permits, gapMs }: Chunk): number {
  return gapMs > 0 ? Math.min(permits, Math.ceil((perMs + JITTER_MS) / gapMs)) : permits
}

/** What a use is: made, or by permits that may still be used, or assumed. */
const [MADE, OPEN, ASSUMED] = [0, 1, 2]
const LIVE = LANES.indexOf('live')
const NOBODY = 0

/** One limit, with what counts within its window. */
interface Side extends Uses {
  readonly limit: Limit
  readonly windowMs: number
  /** By lane. */
  readonly kept: readonly number[]
}

function createSide(limit: Limit): Side {
  const kept = LANES.map((lane) => keptFor(limit, lane))
  return { limit, windowMs: limit.perMs + JITTER_MS, kept, ...createUses() }
}

interface Session {
  readonly name: string
  readonly id: number
  lane: number
  askedAt: number
  isOpen: boolean
  /** Uses within the longest window. */
  uses: number
}

/** Puts uses into all sides, and knows which are a session's. */
function createStore(sides: readonly Side[], longest: Side) {
  const byName = new Map<string, Session>()
  const byId = new Map<number, Session>()
  let lastId = NOBODY
  const add = (session: Session, until: number, kind: number, weights: readonly number[] | null) => {
    session.uses += 1
    const { id, lane } = session
    sides.forEach((side, index) => put(side, { id, lane, kind, until, weight: weights?.[index] ?? 1 }))
  }
  const remove = (side: Side, at: number) => {
    const session = side === longest ? byId.get(side.id[at] ?? NOBODY) : undefined
    if (side.kind[at] === OPEN && session) session.isOpen = false
    removeAt(side, at)
    if (!session) return
    session.uses -= 1
    if (session.uses > 0) return
    byName.delete(session.name)
    byId.delete(session.id)
  }
  const begin = (name: string): Session => {
    lastId += 1
    const session = { name, id: lastId, lane: 0, askedAt: 0, isOpen: false, uses: 0 }
    byName.set(name, session)
    byId.set(lastId, session)
    return session
  }
  return {
    idOf: (name: string): number => byName.get(name)?.id ?? NOBODY,
    open: (by: Pick<Session, 'lane' | 'askedAt'> & { readonly session: string }, until: number, weights: number[]) => {
      const session = Object.assign(byName.get(by.session) ?? begin(by.session), { lane: by.lane, askedAt: by.askedAt })
      session.isOpen = true
      add(session, until, OPEN, weights)
    },
    settle: (name: string, used: readonly number[]): boolean => {
      const session = byName.get(name)
      if (!session?.isOpen) return session !== undefined
      session.isOpen = false
      // Whatever is put now keeps the session known while its open use goes.
      for (const ms of used) add(session, session.askedAt + ms, MADE, null)
      removeWhere(sides, remove, (side, at) => side.id[at] === session.id && side.kind[at] === OPEN)
      return true
    },
    forget: (now: number): void =>
      removeWhere(sides, remove, (side, at) => (side.until[at] ?? 0) + side.windowMs <= now),
  }
}

type At<T> = (side: Side, at: number) => T

function removeWhere(sides: readonly Side[], remove: At<void>, is: At<boolean>): void {
  for (const side of sides) for (let at = side.count - 1; at >= 0; at -= 1) if (is(side, at)) remove(side, at)
}

/** Where the counts of all lanes stand, and of all uses that are known and not assumed. */
const TOTAL = LANES.length
const KNOWN = TOTAL + 1
/** Overwritten by each count, which its caller reads at once. */
const counts = new Float64Array(KNOWN + 1)

/** A request is free again when its window has passed since the last moment at which it may have been made. */
function countUses(side: Side, at: number, except = NOBODY): Float64Array {
  const { windowMs, count, until, weight, id, kind, lane } = side
  counts.fill(0)
  for (let index = 0; index < count; index += 1) {
    if ((until[index] ?? 0) + windowMs <= at || (except !== NOBODY && id[index] === except)) continue
    const takes = weight[index] ?? 0
    const of = lane[index] ?? 0
    counts[of] = (counts[of] ?? 0) + takes
    counts[TOTAL] = (counts[TOTAL] ?? 0) + takes
    if (kind[index] !== ASSUMED) counts[KNOWN] = (counts[KNOWN] ?? 0) + takes
  }
  return counts
}

function keptFor({ requests }: Limit, lane: Lane): number {
  const kept = Math.floor(requests * SHARES[lane])
  return lane === 'people' && requests >= KEPT_MIN ? Math.max(kept, 1) : kept
}

function commonOf(limit: Limit): number {
  return limit.requests - keptFor(limit, 'people') - keptFor(limit, 'hooks')
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
  const times = side.until
    .subarray(0, side.count)
    .map((until) => until + side.windowMs)
    .toSorted()
  // The longer one waits the more room there is, so the first time that fits is found by halves.
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (fits(times[middle] ?? from)) high = middle
    else low = middle + 1
  }
  return times[low] ?? from
}
