import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addDays,
  instantOf,
  isTimeZone,
  localDate,
  localDateTime,
  TimeError,
  timeZoneOf,
  zonedToUtc,
} from '#lib/time.ts'

const ZONES = [
  'Europe/Moscow',
  'Asia/Vladivostok',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kathmandu',
  '+03:00',
  'UTC',
]
const instants = fc.date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true })

describe('a wall clock', () => {
  it('read in its zone is the instant it was made from, but for the hour that comes twice', () => {
    fc.assert(
      fc.property(instants, fc.constantFrom(...ZONES), (date, zone) => {
        const whole = new Date(Math.floor(date.getTime() / 1000) * 1000)
        const back = new Date(zonedToUtc(localDateTime(whole, zone), zone))
        const apart = whole.getTime() - back.getTime()
        expect(localDateTime(back, zone)).toBe(localDateTime(whole, zone))
        expect([0, 3_600_000, 7_200_000]).toContain(apart)
      }),
    )
  })

  it('names the same instant in all the forms that vendors use', () => {
    for (const text of ['2026-11-01 12:30:00', '2026-11-01T12:30:00', '2026-11-01T12:30', '2026-11-01T12:30:00.000']) {
      expect(zonedToUtc(text, 'Europe/Moscow')).toBe('2026-11-01T09:30:00Z')
    }
    expect(zonedToUtc('2026-11-01', 'Europe/Moscow')).toBe('2026-10-31T21:00:00Z')
    expect(zonedToUtc('2026-11-01T12:30:00,250', 'UTC')).toBe('2026-11-01T12:30:00.250Z')
  })

  it('moves forward in the hour that is skipped and means the first in the hour that comes twice', () => {
    expect(zonedToUtc('2026-03-29 02:30:00', 'Europe/Berlin')).toBe('2026-03-29T01:30:00Z')
    expect(zonedToUtc('2026-10-25 02:30:00', 'Europe/Berlin')).toBe('2026-10-25T00:30:00Z')
  })

  it.each([
    // Clocks of St. John's changed a minute after midnight there.
    ['America/St_Johns', '2006-04-02T03:30:59Z', '2006-04-02T00:00:59'],
    ['America/St_Johns', '2006-04-02T03:31:00Z', '2006-04-02T01:01:00'],
    ['Australia/Lord_Howe', '2026-10-03T15:29:59Z', '2026-10-04T01:59:59'],
    ['Australia/Lord_Howe', '2026-10-03T15:30:00Z', '2026-10-04T02:30:00'],
    ['Pacific/Apia', '2011-12-30T09:59:59Z', '2011-12-29T23:59:59'],
    ['Pacific/Apia', '2011-12-30T10:00:00Z', '2011-12-31T00:00:00'],
  ])('changes in %s at the very second: %s', (zone, instant, local) => {
    expect(localDateTime(new Date(instant), zone)).toBe(local)
  })

  it('follows what a country changed: Moscow was at +4 in 2012', () => {
    expect(zonedToUtc('2012-07-01 12:00:00', 'Europe/Moscow')).toBe('2012-07-01T08:00:00Z')
  })

  it.each([
    '',
    'x',
    '2026-13-01',
    '2026-02-30 10:00',
    '2026-11-01 24:00:00',
    '2026-11-01 12:60',
    '01.11.2026',
    '0000-00-00 00:00:00',
  ])('that says %j is none', (text) => {
    expect(() => zonedToUtc(text, 'Europe/Moscow')).toThrow(TimeError)
  })
})

describe('a time with an offset', () => {
  it.each([
    ['2026-11-01T12:30:00Z', '2026-11-01T12:30:00Z'],
    ['2026-11-01T12:30:00+03:00', '2026-11-01T09:30:00Z'],
    ['2026-11-01T12:30:00+0300', '2026-11-01T09:30:00Z'],
    ['2026-11-01T12:30:00+03', '2026-11-01T09:30:00Z'],
    ['2026-11-01T12:30:00-05:30', '2026-11-01T18:00:00Z'],
    ['2026-11-01 12:30:00', '2026-11-01T09:30:00Z'],
  ])('%s is %s', (text, instant) => {
    expect(instantOf(text, 'Europe/Moscow')).toBe(instant)
  })
})

describe('zones and days', () => {
  it.each([
    ['Europe/Moscow', 'Europe/Moscow'],
    [3, '+03:00'],
    ['3', '+03:00'],
    [5.5, '+05:30'],
    [-3, '-03:00'],
    ['Mars', null],
    ['', null],
    [25, null],
    [null, null],
  ])('an account’s %j is %j', (value, zone) => {
    expect(timeZoneOf(value)).toBe(zone)
    if (zone) expect(isTimeZone(zone)).toBe(true)
  })

  it('begin at midnight of their zone', () => {
    expect(localDate(new Date('2026-11-01T20:59:59Z'), 'Europe/Moscow')).toBe('2026-11-01')
    expect(localDate(new Date('2026-11-01T21:00:00Z'), 'Europe/Moscow')).toBe('2026-11-02')
  })

  it('are counted over months, years and changes of the clock', () => {
    expect([
      addDays('2026-02-28', 1),
      addDays('2028-02-28', 1),
      addDays('2026-01-01', -1),
      addDays('2026-03-28', 2),
    ]).toEqual(['2026-03-01', '2028-02-29', '2025-12-31', '2026-03-30'])
  })
})
