// No record is lost at any border of what lists by date are asked for, whatever the zone and its changes of the clock.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountingDays, halved, spansOf, within } from '#crm/iiko/spans.ts'
import { addDays, localDate, localDateTime } from '#lib/time.ts'

const ZONES = [
  ...[
    'Europe/Moscow',
    'Europe/Berlin',
    'America/New_York',
    'Asia/Vladivostok',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
  ],
  ...['Pacific/Chatham', 'America/Sao_Paulo', 'Africa/Casablanca', 'Antarctica/Troll', 'Pacific/Apia', '+03:00'],
]
const zone = fc.constantFrom(...ZONES)
/** Half of them within a day of a change of the clock somewhere. */
const CHANGES = [
  '2026-03-29T01:00:00Z',
  '2026-10-25T01:00:00Z',
  '2026-03-08T07:00:00Z',
  '2026-11-01T06:00:00Z',
  '2026-04-04T15:00:00Z',
]
const instant = fc.oneof(
  fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
  fc
    .tuple(fc.constantFrom(...CHANGES), fc.integer({ min: -86_400_000, max: 86_400_000 }))
    .map(([change, ms]) => new Date(Date.parse(change) + ms)),
)
const length = fc.integer({ min: 0, max: 12 * 86_400_000 })
const period = fc.tuple(instant, length).map(([from, ms]) => ({ from, to: new Date(from.getTime() + ms) }))
const share = fc.double({ min: 0, max: 1, noNaN: true })

function at({ from, to }: { from: Date; to: Date }, part: number): Date {
  return new Date(from.getTime() + Math.round((to.getTime() - from.getTime()) * part))
}

describe('spans of a list by date', () => {
  it('hold every wall time of the period, in whatever zone', () => {
    fc.assert(
      fc.property(period, zone, share, fc.integer({ min: 1, max: 10 }), (wanted, where, part, days) => {
        const label = localDateTime(at(wanted, part), where)
        const spans = spansOf(wanted, where, { now: wanted.to, days })
        expect(spans.some(({ from, to }) => from <= label && label <= to)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('leave no gap between them, and none is longer than it may be', () => {
    fc.assert(
      fc.property(period, zone, fc.integer({ min: 1, max: 10 }), (wanted, where, days) => {
        const spans = spansOf(wanted, where, { now: wanted.to, days }).toSorted((a, b) => (a.from < b.from ? -1 : 1))
        for (const [index, span] of spans.entries()) {
          expect(span.from < span.to).toBe(true)
          expect(span.to <= `${addDays(span.from.slice(0, 10), days)}T00:00:00`).toBe(true)
          if (index > 0) expect(span.from).toBe(spans[index - 1]?.to)
        }
      }),
    )
  })

  it('begin with the day at hand: the first revision told is then older than anything read later', () => {
    fc.assert(
      fc.property(period, zone, share, (wanted, where, part) => {
        const now = at(wanted, part)
        const [first] = spansOf(wanted, where, { now, days: 1 })
        expect((first?.to ?? '') > localDateTime(now, where)).toBe(true)
        expect(first?.from.slice(0, 10)).toBe(localDate(now, where))
      }),
    )
  })

  it('lose nothing when they are halved, down to a minute', () => {
    fc.assert(
      fc.property(period, zone, (wanted, where) => {
        for (let span = spansOf(wanted, where, { now: wanted.to, days: 1 })[0]; span;) {
          const halves = halved(span)
          if (halves) expect([halves[0].from, halves[0].to, halves[1].to]).toEqual([span.from, halves[1].from, span.to])
          else expect(Date.parse(`${span.to}Z`) - Date.parse(`${span.from}Z`)).toBeLessThan(120_000)
          span = halves?.[1]
        }
      }),
    )
  })

  it('are cut where iiko gives no more, by no more than minutes', () => {
    fc.assert(
      fc.property(period, zone, instant, (wanted, where, now) => {
        const floor = localDateTime(new Date(now.getTime() - 7 * 86_400_000 + 5 * 60_000), where)
        for (const span of spansOf(wanted, where, { now, days: 1 })) {
          const kept = within(span, 7, now, where)
          if (kept) expect([kept.from, kept.to]).toEqual([span.from < floor ? floor : span.from, span.to])
          else expect(span.to <= floor).toBe(true)
        }
      }),
    )
  })
})

describe('accounting days', () => {
  it('hold every receipt of the period, whether its night belongs to the day or to the day before', () => {
    fc.assert(
      fc.property(period, zone, share, fc.boolean(), (wanted, where, part, isNight) => {
        const closedOn = localDate(at(wanted, part), where)
        const day = isNight ? addDays(closedOn, -1) : closedOn
        const { from, to } = accountingDays(wanted, where)
        expect(from <= day && day <= to).toBe(true)
      }),
    )
  })
})
