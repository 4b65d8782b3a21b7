import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { isNightlyDue } from '#crm/kit/nightly.ts'
import { localDate } from '#lib/time.ts'

const ZONE = 'Europe/Moscow'
const at = (text: string) => new Date(`${text}+03:00`)

it.each([
  ['2026-11-23', '2026-11-24T03:00:00', false],
  ['2026-11-23', '2026-11-24T03:00:01', true],
  ['2026-11-24', '2026-11-24T23:00:00', false],
  ['2026-11-22', '2026-11-24T01:00:00', true],
  [null, '2026-11-24T01:00:00', true],
])('last on %s it is due at %s: %s', (doneOn, now, isDue) => {
  expect(isNightlyDue(doneOn, { now: at(now), zone: ZONE, isManual: false, nightAt: 3 * 3600 + 1 })).toBe(isDue)
})

it('is due at any hour when a person asks', () => {
  expect(
    isNightlyDue('2026-11-24', { now: at('2026-11-24T12:00:00'), zone: ZONE, isManual: true, nightAt: 3 * 3600 }),
  ).toBe(true)
})

it('is due at least every two days for an integration that syncs once a day, at any hour', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 300 }), (hour, day) => {
      let doneOn = '2026-01-01'
      let longest = 0
      for (let n = 1, since = 0; n <= 10; n += 1) {
        const now = new Date(Date.UTC(2026, 0, 1 + day + n, hour))
        since += 1
        if (!isNightlyDue(doneOn, { now, zone: ZONE, isManual: false, nightAt: 3 * 3600 + 1 })) continue
        longest = Math.max(longest, since)
        since = 0
        doneOn = localDate(now, ZONE)
      }
      expect(longest).toBeGreaterThan(0)
      expect(longest).toBeLessThanOrEqual(2)
    }),
  )
})
