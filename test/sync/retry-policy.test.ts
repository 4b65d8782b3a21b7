import { describe, expect, it } from 'vitest'
import { CRM_ERROR_KINDS, type CrmErrorKind } from '#lib/crm-error.ts'
import { backoffSeconds, decide, LIMITS, RULES } from '#sync/retry-policy.ts'

const PACE = { baseSeconds: 30, random: 0.5 }
const COLUMNS = ['runs', 'hooks'] as const
const error = (kind: CrmErrorKind, retryAfterMs: number | null = null) => ({
  ...{ kind, reason: null, retryAfterMs, isFinal: false, mayPass: false },
})
const STAYS_ON = { action: 'fail', turnsSyncOff: false }
const fresh = { attempt: 0, ageSeconds: 0 }

/** What is decided after the first try, after the first retry, and so on. */
const decisions = (column: (typeof COLUMNS)[number], kind: CrmErrorKind, tries: number) =>
  Array.from({ length: tries }, (_, attempt) => decide(column, error(kind), { attempt, ageSeconds: 0 }, PACE))

describe('the table', () => {
  it('gives a reason for each difference between runs and hooks, and only there', () => {
    const differing = Object.entries(RULES).filter(([, { runs, hooks }]) => runs !== hooks)
    expect(differing.map(([kind]) => kind)).toEqual(['forbidden', 'unavailable'])
    expect(Object.entries(RULES).filter(([, row]) => 'why' in row)).toEqual(differing)
  })

  it('waits 30 s, 2 min, 8 min and 32 min, each ±20 %', () => {
    expect([1, 2, 3, 4].map((n) => backoffSeconds(n, 30, 0.5))).toEqual([30, 120, 480, 1920])
    expect(backoffSeconds(1, 30, 0)).toBe(24)
    expect(backoffSeconds(1, 30, 0.999_999)).toBeCloseTo(36, 3)
  })

  it.each(COLUMNS)('switches sync off for %s whose credentials are refused, without a retry', (column) => {
    expect(decide(column, error('auth'), fresh, PACE)).toEqual({ action: 'fail', turnsSyncOff: true })
  })

  it.each(COLUMNS)('makes %s wait as long as a throttling CRM says, at any attempt, or a minute', (column) => {
    const wait = { action: 'wait', seconds: 90, countsAsRetry: false, pausesInbox: true }
    expect(decide(column, error('rate_limited', 90_000), { attempt: 9, ageSeconds: 3600 }, PACE)).toEqual(wait)
    expect(decide(column, error('rate_limited'), fresh, PACE)).toEqual({ ...wait, seconds: 60 })
  })

  it.each(COLUMNS)('fails %s at once and leaves sync on where a retry would end the same way', (column) => {
    expect(decide(column, { ...error('rejected'), reason: 'brake' }, fresh, PACE)).toEqual(STAYS_ON)
    expect(decide(column, { ...error('malformed'), isFinal: true }, fresh, PACE)).toEqual(STAYS_ON)
  })
})

describe('a refusal that may pass', () => {
  const passing = { ...error('forbidden'), mayPass: true }

  it.each([
    ['runs', false],
    ['hooks', true],
  ] as const)('is tried again for %s, as a CRM that does not answer', (column, pausesInbox) => {
    const wait = { action: 'wait', seconds: 30, countsAsRetry: true, pausesInbox }
    expect(decide(column, passing, { ...fresh, refusedSeconds: 9999 }, PACE)).toEqual(wait)
  })

  it.each(COLUMNS)('switches sync off for %s only when it is there for a quarter of an hour', (column) => {
    const usedUp = { attempt: LIMITS.retriesMax[column], ageSeconds: 0 }
    expect(decide(column, passing, { ...usedUp, refusedSeconds: 899 }, PACE)).toEqual(STAYS_ON)
    const stop = { action: 'fail', turnsSyncOff: true }
    expect(decide(column, passing, { ...usedUp, refusedSeconds: 900 }, PACE)).toEqual(stop)
  })
})

describe('a run', () => {
  it.each(CRM_ERROR_KINDS.filter((kind) => !['auth', 'forbidden', 'rate_limited'].includes(kind)))(
    'that fails by %s is tried three times again and no more',
    (kind) => {
      const wait = { action: 'wait', countsAsRetry: true, pausesInbox: false }
      const waits = [30, 120, 480].map((seconds) => ({ ...wait, seconds }))
      expect(decisions('runs', kind, 4)).toEqual([...waits, STAYS_ON])
    },
  )

  it('that may not read is not tried again, and switches sync off', () => {
    expect(decide('runs', error('forbidden'), fresh, PACE)).toEqual({ action: 'fail', turnsSyncOff: true })
  })

  it('waits for a throttling CRM for a day at most', () => {
    const throttled = error('rate_limited', 90_000)
    expect(decide('runs', throttled, { attempt: 0, ageSeconds: 86_400 }, PACE)).toEqual(STAYS_ON)
  })
})

describe('a hook', () => {
  it.each([
    ...(['not_found', 'rejected', 'malformed', 'internal'] as const).map((kind) => [kind, false] as const),
    ['unavailable', true] as const,
  ])('whose object fails by %s is tried five times; that its inbox pauses is %s', (kind, pausesInbox) => {
    const wait = { action: 'wait', countsAsRetry: true, pausesInbox }
    const waits = [30, 120, 480, 1920].map((seconds) => ({ ...wait, seconds }))
    expect(decisions('hooks', kind, 5)).toEqual([...waits, STAYS_ON])
  })

  it('about an object that the key may not read fails alone, and leaves sync on', () => {
    expect(decide('hooks', error('forbidden'), fresh, PACE)).toEqual(STAYS_ON)
  })

  it('survives more dead workers than it has tries', () => {
    expect(LIMITS.attemptsMax.hooks).toBeGreaterThan(LIMITS.retriesMax.hooks + 1)
  })
})
