import { expect, it } from 'vitest'
import { isInstantText, isoInstant } from '#db/columns.ts'

it.each([
  ['2026-01-02 03:04:05.678901+00', '2026-01-02T03:04:05.678Z'],
  ['2026-01-02 03:04:05+00', '2026-01-02T03:04:05.000Z'],
  ['2026-01-02 03:04:05.5+00', '2026-01-02T03:04:05.500Z'],
  ['2026-01-02 03:04:05.678+03', '2026-01-02T00:04:05.678Z'],
  ['2026-01-02 03:04:05+05:30', '2026-01-01T21:34:05.000Z'],
])('shows %s as %s', (text, instant) => {
  expect(isoInstant(text)).toBe(instant)
})

it.each([
  ['2026-01-02 03:04:05.678901+00', true],
  ['2026-01-02 03:04:05+05:30', true],
  ['2026-02-31 00:00:00+00', false],
  ['2026-01-02 25:00:00+00', false],
  ['0000-01-02 03:04:05+00', false],
  ['2026-01-02 03:04:05+16', false],
  ['2026-01-02 03:04:05-05:60', false],
])('knows whether Postgres reads %s: %s', (text, isKnown) => {
  expect(isInstantText(text)).toBe(isKnown)
})
