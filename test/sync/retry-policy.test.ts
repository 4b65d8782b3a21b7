import { describe, expect, it } from 'vitest'
import { CRM_ERROR_KINDS } from '#lib/crm-error.ts'
import { backoffSeconds, decide, RETRIES_MAX } from '#sync/retry-policy.ts'

const PACE = { baseSeconds: 30, random: 0.5 }
const error = (kind: (typeof CRM_ERROR_KINDS)[number], retryAfterMs: number | null = null) => ({
  kind,
  reason: null,
  retryAfterMs,
})

describe('retries', () => {
  it('wait 30 s, 2 min and 8 min, each ±20 %', () => {
    expect([1, 2, 3].map((n) => backoffSeconds(n, 30, 0.5))).toEqual([30, 120, 480])
    expect(backoffSeconds(1, 30, 0)).toBe(24)
    expect(backoffSeconds(1, 30, 0.999_999)).toBeCloseTo(36, 3)
  })

  it.each(CRM_ERROR_KINDS.filter((kind) => !['auth', 'forbidden', 'rate_limited'].includes(kind)))(
    '%s is tried three times again and no more',
    (kind) => {
      const decisions = [0, 1, 2, 3].map((attempt) => decide(error(kind), { attempt, ageSeconds: 0 }, PACE))
      expect(RETRIES_MAX).toBe(3)
      expect(decisions).toEqual([
        { action: 'wait', seconds: 30, countsAsRetry: true },
        { action: 'wait', seconds: 120, countsAsRetry: true },
        { action: 'wait', seconds: 480, countsAsRetry: true },
        { action: 'fail', turnsSyncOff: false },
      ])
    },
  )

  it.each(['auth', 'forbidden'] as const)('%s is never tried again and turns sync off', (kind) => {
    expect(decide(error(kind), { attempt: 0, ageSeconds: 0 }, PACE)).toEqual({ action: 'fail', turnsSyncOff: true })
  })

  it('wait as long as a throttling vendor says, at any attempt, for a day at most', () => {
    const wait = { action: 'wait', seconds: 90, countsAsRetry: false }
    expect(decide(error('rate_limited', 90_000), { attempt: 3, ageSeconds: 3600 }, PACE)).toEqual(wait)
    expect(decide(error('rate_limited', 90_000), { attempt: 0, ageSeconds: 86_400 }, PACE)).toEqual({
      action: 'fail',
      turnsSyncOff: false,
    })
  })

  it('are pointless where only a person can say that it is right: the run fails at once, sync stays on', () => {
    expect(decide({ ...error('rejected'), reason: 'brake' }, { attempt: 0, ageSeconds: 0 }, PACE)).toEqual({
      action: 'fail',
      turnsSyncOff: false,
    })
  })
})
