import { expect, it } from 'vitest'
import { claimable, graceSeconds } from '#jobs/claim-policy.ts'

it('claims a minute’s syncs of a quarter of a million integrations, less while messages wait, and none beyond two minutes', () => {
  expect(claimable(0)).toBeGreaterThanOrEqual(250_000 / 5)
  expect(claimable(24_000)).toBe(5000)
  expect(claimable(25_000)).toBe(0)
  expect(claimable(1_000_000)).toBe(0)
})

it('takes a message for lost after a minute, and later where many wait before it', () => {
  expect(graceSeconds(0)).toBe(60)
  expect(graceSeconds(25_000)).toBe(185)
})
