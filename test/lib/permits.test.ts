import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPermitLog } from '#lib/permit-log.ts'
import { type Ask, type Budget, createBudget, type Lane, restoreBudget, type SharedLimits } from '#lib/permits.ts'

const LIMITS: SharedLimits = {
  limits: [
    { requests: 200, perMs: 60_000 },
    { requests: 5, perMs: 1000 },
  ],
  gapMs: 400,
  idleCalls: 3,
  outageMs: 30_000,
}
const WITH_BURST: SharedLimits = {
  limits: [
    { requests: 8, perMs: 20_000 },
    { requests: 3, perMs: 500 },
  ],
  gapMs: 100,
  burst: 3,
  idleCalls: 3,
  outageMs: 30_000,
}

let sessions = 0
function ask(holder: string, change: Partial<Ask> = {}): Ask {
  sessions += 1
  return { session: `session ${sessions}`, holder, lane: 'live', count: 3, used: [], ...change }
}

/** Permits that were granted at once, one after the other, until somebody is sent away. */
function fill(budget: Budget, now: number, lane: Lane = 'live', most = Infinity): number {
  for (let permits = 0; ;) {
    if (permits >= most) return permits
    const lease = budget.lease(now, ask(`holder ${permits}`, { lane }))
    if ('reason' in lease) return permits
    permits += lease.permits
  }
}

const Step = fc.record({
  afterMs: fc.integer({ min: 0, max: 900 }),
  who: fc.integer({ min: 0, max: 6 }),
  lane: fc.constantFrom<Lane[]>('people', 'hooks', 'live', 'bulk'),
  count: fc.integer({ min: 1, max: 5 }),
  lateMs: fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 5, maxLength: 5 }),
  goesOn: fc.boolean(),
})

type Step = typeof Step extends fc.Arbitrary<infer T> ? T : never

/** The times of all requests that are made by what is granted, as late as the steps say. */
function play(limits: SharedLimits, steps: readonly Step[], restartAt: number) {
  let isForgotten = false
  let budget = createBudget(limits)
  let now = 0
  let step = 0
  const uses: number[] = []
  const working = new Map<string, { readonly session: string; readonly until: number; readonly used: number[] }>()
  for (const { afterMs, who, lane, count, lateMs, goesOn } of steps) {
    now += afterMs
    step += 1
    if (step === restartAt) {
      isForgotten = budget.state().uses === null
      budget = restoreBudget(limits, now, structuredClone(budget.state()))
    }
    const key = `${who} ${lane}`
    const open = working.get(key)
    if (open && open.until > now) continue
    const asked = ask(String(who), { lane, count, ...(open && { session: open.session, used: open.used }) })
    const lease = budget.lease(now, asked)
    working.delete(key)
    if ('reason' in lease) continue
    const used: number[] = []
    let at = now + lease.waitMs
    for (const late of lateMs.slice(0, lease.permits)) {
      if (at > now + lease.validMs) break
      used.push(at - now)
      at += lease.gapMs + late
    }
    uses.push(...used.map((ms) => now + ms))
    if (goesOn) working.set(key, { session: asked.session, until: now + (used.at(-1) ?? 0), used })
  }
  return { uses: uses.toSorted((a, b) => a - b), isForgotten }
}

describe('a window', () => {
  it.each([
    ['a minute and a second', LIMITS],
    ['a burst', WITH_BURST],
  ])('never has more requests than the limit, however late permits are used: %s', (_, limits) => {
    fc.assert(
      fc.property(fc.array(Step, { maxLength: 120 }), fc.nat(120), (steps, restartAt) => {
        const { uses, isForgotten } = play(limits, steps, restartAt)
        for (const limit of limits.limits) {
          // A restart does not know whether people and hooks have used what is kept for them.
          const most = isForgotten ? 2 * limit.requests - createPermitLog([limit]).common(limit) : limit.requests
          const over = uses.filter((at, n) => at - (uses[n - most] ?? -Infinity) < limit.perMs)
          expect(over).toEqual([])
        }
      }),
      { numRuns: 300 },
    )
  })

  it('is used nearly whole by those who come in turn', () => {
    const budget = createBudget(LIMITS)
    const arrivals = Array.from({ length: 600 }, (_, holder) => ({ at: 0, holder: String(holder) }))
    const uses: number[] = []
    for (let next = arrivals.shift(); next && next.at < 600_000; next = arrivals.shift()) {
      const lease = budget.lease(next.at, ask(next.holder))
      const at = next.at + lease.waitMs
      if ('gapMs' in lease) for (let n = 0; n < lease.permits; n += 1) uses.push(at + n * lease.gapMs)
      arrivals.push({ ...next, at: 'gapMs' in lease ? at + 10_000 : at })
      arrivals.sort((a, b) => a.at - b.at)
    }
    const perMinute = uses.filter((at) => at > 60_000 && at < 540_000).length / 8
    expect(perMinute).toBeGreaterThan(155)
  })
})

describe('who has to wait', () => {
  it('comes before those who ask later, and all wait alike', () => {
    const budget = createBudget(LIMITS)
    fill(budget, 0)
    const first = budget.lease(0, ask('first'))
    const second = budget.lease(0, ask('second'))
    const third = budget.lease(first.waitMs - 1000, ask('third'))
    const turns = [first.waitMs, second.waitMs, first.waitMs - 1000 + third.waitMs]
    expect([first, second].map(({ permits }) => permits)).toEqual([0, 0])
    expect(turns).toEqual(turns.toSorted((a, b) => a - b))
    expect(budget.lease(first.waitMs, ask('first')).permits).toBeGreaterThan(0)
  })

  it('is no person and no hook while others use all the rest', () => {
    const budget = createBudget(LIMITS)
    for (let now = 0; now < 120_000; now += 500) fill(budget, now)
    expect(budget.lease(120_000, ask('person', { lane: 'people', count: 1 })).permits).toBe(1)
    expect(budget.lease(120_000, ask('run')).permits).toBe(0)
  })

  it('is not everybody for a crowd of people', () => {
    const budget = createBudget(LIMITS)
    const served = { people: 0, live: 0 }
    for (let now = 0; now < 120_000; now += 500) {
      served.people += fill(budget, now, 'people')
      served.live += fill(budget, now)
    }
    expect(served.live).toBeGreaterThan(50)
  })
})

describe('a pause that the vendor asks for', () => {
  it('holds for all lanes, and five minutes at most', () => {
    const budget = createBudget(LIMITS)
    budget.report(0, { kind: 'throttled', waitMs: 3_600_000 })
    for (const lane of ['people', 'hooks', 'live', 'bulk'] as const)
      expect(budget.lease(1000, ask(lane, { lane }))).toMatchObject({ permits: 0, reason: 'throttled' })
    expect(budget.lease(300_000, ask('later', { lane: 'people' })).permits).toBeGreaterThan(0)
  })
})

describe('a vendor that is down', () => {
  const failedBy = (budget: Budget, now: number, holders: number) => {
    for (let n = 0; n < holders; n += 1) {
      budget.lease(now + n * 1500, ask(`down ${n}`, { count: 1 }))
      budget.report(now + n * 1500, { kind: 'failed', holder: `down ${n}` })
    }
  }

  it('is left alone after many failed, asked by one, and by all when that one is answered', () => {
    const budget = createBudget(LIMITS)
    failedBy(budget, 0, 5)
    expect(budget.lease(7000, ask('next'))).toMatchObject({ permits: 0, reason: 'vendor_down' })
    const probe = budget.lease(40_000, ask('next'))
    expect(probe).toMatchObject({ permits: 1, isProbe: true })
    expect(budget.lease(40_100, ask('other'))).toMatchObject({ permits: 0, reason: 'vendor_down' })
    budget.report(40_200, { kind: 'succeeded' })
    expect(budget.lease(80_000, ask('another'))).toMatchObject({ permits: 3, isProbe: false })
  })

  it('is left alone for longer when the probe fails, and a person may probe at any time', () => {
    const budget = createBudget(LIMITS)
    failedBy(budget, 0, 5)
    budget.lease(40_000, ask('next'))
    budget.report(41_000, { kind: 'failed', holder: 'next' })
    expect(budget.lease(75_000, ask('next'))).toMatchObject({ permits: 0, reason: 'vendor_down' })
    expect(budget.lease(75_000, ask('person', { lane: 'people' }))).toMatchObject({ permits: 1, isProbe: true })
  })

  it('is not one with a single customer in trouble, or with more that it answers', () => {
    const budget = createBudget(LIMITS)
    for (let n = 0; n < 20; n += 1) budget.report(n * 100, { kind: 'failed', holder: 'one' })
    for (let n = 0; n < 15; n += 1) budget.lease(2000 + n * 2000, ask(`well ${n}`, { count: 1 }))
    failedBy(budget, 40_000, 5)
    expect(budget.lease(55_000, ask('next')).permits).toBeGreaterThan(0)
  })
})

describe('after a restart', () => {
  it('a pause and an outage still hold', () => {
    const budget = createBudget(LIMITS)
    budget.report(0, { kind: 'throttled', waitMs: 60_000 })
    const restored = restoreBudget(LIMITS, 1000, structuredClone(budget.state()))
    expect(restored.lease(1000, ask('next'))).toMatchObject({ permits: 0, reason: 'throttled' })
  })

  it('light use has left nothing to store, and the next sync begins at once', () => {
    const budget = createBudget(LIMITS)
    const before = budget.state()
    budget.lease(0, ask('one', { count: 2 }))
    expect(budget.state()).toBe(before)
    expect(restoreBudget(LIMITS, 300_000, before).lease(300_000, ask('one'))).toMatchObject({ waitMs: 0 })
  })

  it('who was sent away for long finds what was in use and no more, until something is granted', () => {
    const limits = { ...WITH_BURST, limits: [{ requests: 30, perMs: 60_000 }], gapMs: 2000, burst: 10 }
    let budget = createBudget(limits)
    fill(budget, 0)
    const away = budget.lease(20_000, ask('one'))
    expect(away.permits).toBe(0)
    for (const now of [30_000, 20_000 + away.waitMs])
      budget = restoreBudget(limits, now, structuredClone(budget.state()))
    expect(budget.lease(20_000 + away.waitMs, ask('one')).permits).toBeGreaterThan(0)
    expect(budget.state().uses).toBeNull()
    expect(fill(budget, 20_000 + away.waitMs)).toBeGreaterThan(8)
  })

  it('of a limit of hundreds nothing is stored for those who are sent away', () => {
    const budget = createBudget({ ...LIMITS, limits: [{ requests: 200, perMs: 60_000 }], gapMs: 0 })
    for (let holder = 0; holder < 200; holder += 1) {
      const one = ask(`busy ${holder}`, { count: 1 })
      if (budget.lease(0, one).permits > 0) budget.lease(0, { ...one, used: [0] })
    }
    const before = budget.state()
    expect(budget.lease(1000, ask('next')).waitMs).toBeGreaterThan(8000)
    expect(budget.state()).toBe(before)
  })

  it('a second one soon after the first does not free what was used before both', () => {
    const limits = { ...LIMITS, limits: [{ requests: 12, perMs: 60_000 }], gapMs: 0 }
    let budget = createBudget(limits)
    let permits = fill(budget, 0, 'live', 6)
    for (const now of [1000, 2000, 61_000]) {
      budget = restoreBudget(limits, now, structuredClone(budget.state()))
      permits += fill(budget, now, 'live', 6)
    }
    expect(permits).toBeLessThanOrEqual(12)
  })

  it('heavy use is stored once in a while, that of a second every five seconds, and counts as all that there was', () => {
    const budget = createBudget(LIMITS)
    const states = new Set([budget.state()])
    for (let now = 0; now < 60_000; now += 1000) {
      fill(budget, now)
      states.add(budget.state())
    }
    expect(states.size).toBeLessThanOrEqual(13)
    const restored = restoreBudget(LIMITS, 60_000, budget.state())
    expect(restored.lease(60_000, ask('next')).permits).toBe(0)
    expect(restored.lease(60_000, ask('test', { lane: 'people', count: 1 })).permits).toBe(1)
  })
})
