import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayText, minorOf, minuteText, toInstant, versionOf } from '#crm/renovatio/forms.ts'
import { listOf } from '#crm/renovatio/schema.ts'
import { MoneyError } from '#lib/money.ts'
import { addDays, localDateTime, TimeError } from '#lib/time.ts'

const ZONES = [
  'Europe/Moscow',
  'Europe/Lisbon',
  'Asia/Vladivostok',
  'America/New_York',
  'Australia/Lord_Howe',
  '+05:30',
]
const zone = fc.constantFrom(...ZONES)
/** Whole minutes of ten years. */
const minute = fc.integer({ min: 0, max: 10 * 366 * 1440 }).map((n) => new Date(Date.UTC(2020, 0, 1) + n * 60_000))

describe('sums', () => {
  it.each([
    [2220, 222_000],
    ['320', 32_000],
    ['320.5', 32_050],
    ['1 320,50', 132_050],
    ['1\u00a0320\u202f000,05', 132_000_005],
    ['2220.0000', 222_000],
    [0.1 + 0.2, 30],
    [' -75,5 ', -7550],
    ['0', 0],
  ])('reads %j', (value, minor) => {
    expect(minorOf(value, 'RUB')).toBe(minor)
  })

  it.each(['', 'много', '1,320', '1,320.50', '1.320,50', '1,2,3', '5 руб.', 'NaN', '1e3'])(
    'does not guess at %j',
    (value) => {
      expect(() => minorOf(value, 'RUB')).toThrow(MoneyError)
    },
  )

  it('reads every sum in every form as the same number of kopecks', () => {
    fc.assert(
      fc.property(fc.integer({ min: -99_999_999_999, max: 99_999_999_999 }), (kopecks) => {
        const [sign, digits] = [kopecks < 0 ? '-' : '', String(Math.abs(kopecks)).padStart(3, '0')]
        const [whole, cents] = [digits.slice(0, -2), digits.slice(-2)]
        const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ' ')
        const forms = [
          `${sign}${whole}.${cents}`,
          `${sign}${whole},${cents}`,
          `${sign}${grouped},${cents}`,
          kopecks / 100,
        ]
        for (const form of forms) expect(minorOf(form, 'RUB')).toBe(kopecks === 0 ? 0 : kopecks)
      }),
    )
  })
})

describe('times', () => {
  it('reads back every minute that it writes, but for the hour that comes twice', () => {
    fc.assert(
      fc.property(minute, zone, (date, name) => {
        const read = Date.parse(toInstant(minuteText(date, name), name))
        const isFirst = read === date.getTime()
        const isTwice = localDateTime(new Date(read), name) === localDateTime(date, name) && read < date.getTime()
        expect(isFirst || isTwice).toBe(true)
      }),
    )
  })

  it('tells no version that could look older than the one before it', () => {
    fc.assert(
      fc.property(minute, fc.integer({ min: 1, max: 180 }), zone, (date, later, name) => {
        const versions = [date, new Date(date.getTime() + later * 60_000)].map((at) =>
          versionOf(minuteText(at, name), name),
        )
        const [before, after] = versions.map((version) => (version === null ? null : Date.parse(version)))
        if (before != null && after != null) expect(after).toBeGreaterThan(before)
      }),
      { numRuns: 300 },
    )
  })

  it('tells no version in the hour that Lisbon’s clocks go through twice, and one outside of it', () => {
    expect(versionOf('25.10.2026 01:30', 'Europe/Lisbon')).toBeNull()
    expect(versionOf('25.10.2026 00:59', 'Europe/Lisbon')).toBe('2026-10-24T23:59:00Z')
    expect(versionOf('25.10.2026 02:00', 'Europe/Lisbon')).toBe('2026-10-25T02:00:00Z')
  })

  it.each([
    ['27.03.2025 13:08', '2025-03-27T10:08:00Z'],
    ['27.03.2025 13:08:30', '2025-03-27T10:08:30Z'],
    ['27.03.2025 9:08', '2025-03-27T06:08:00Z'],
    ['27.03.2025 9:08:30', '2025-03-27T06:08:30Z'],
    [' 27.03.2025 ', '2025-03-26T21:00:00Z'],
    ['2025-03-27 13:08:00', '2025-03-27T10:08:00Z'],
  ])('reads %j by the clinic’s clock', (text, instant) => {
    expect(toInstant(text, 'Europe/Moscow')).toBe(instant)
  })

  it('moves a time that the clocks skip forward by the gap', () => {
    expect(toInstant('29.03.2026 01:30', 'Europe/Lisbon')).toBe('2026-03-29T01:30:00Z')
  })

  it.each(['', '31.02.2026', '27.03.25', '27/03/2025', '27.03.2025 25:00', 'вчера'])('refuses %j', (text) => {
    expect(() => toInstant(text, 'Europe/Moscow')).toThrow(TimeError)
  })

  it('writes days that read back as their midnight', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4000 }), (days) => {
        const day = addDays('2020-01-01', days)
        expect(toInstant(dayText(day), 'UTC')).toBe(`${day}T00:00:00Z`)
      }),
    )
  })
})

describe('lists', () => {
  it.each([
    ['an array', [{ id: 1 }, { id: 2 }], [{ id: 1 }, { id: 2 }]] as const,
    ['the one object there is', { number: 5, value: 1 }, [{ number: 5, value: 1 }]],
    ['a patient', { patient_id: 5, services: [] }, [{ patient_id: 5, services: [] }]],
    ['an object with numbers for names', { 0: { id: 1 }, 2: { id: 2 }, total: 2 }, [{ id: 1 }, { id: 2 }]],
    ['a list below a name', { appointments: [{ id: 1 }, { id: 2 }], total: 2 }, [{ id: 1 }, { id: 2 }]],
    ['a list below a name beside another object', { page: { size: 5 }, items: [{ id: 1 }] }, [{ id: 1 }]],
    ['an empty list below a name', { invoices: [], total: 0 }, []],
    ['one object below a name', { invoices: { number: 5 } }, [{ number: 5 }]],
    ['numbers below a name', { invoices: { 0: { id: 1 }, 2: { id: 2 } } }, [{ id: 1 }, { id: 2 }]],
    ['nothing below a name', { appointments: null }, []],
  ])('are read from %s', (_name, data, rows) => {
    expect(listOf(data)).toEqual(rows)
  })

  it.each([[], null, undefined, false, ''])('are empty for %j', (data) => {
    expect(listOf(data)).toEqual([])
  })

  it.each([
    ...[true, 47_338, '47338', 'текст', { appointments: [], clinics: [] }],
    ...[{ code: 403, desc: 'Нет доступа' }, { message: 'Ведутся работы' }, { error: 'x', status: 500 }],
  ])('are not made of %j', (data) => {
    expect(listOf(data)).toBeNull()
  })

  it('are read from anything, and hold objects only where no list is given', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        const rows = listOf(data)
        if (!JSON.stringify(data).includes('[')) for (const row of rows ?? []) expect(typeof row).toBe('object')
      }),
    )
  })

  it('are read from whatever is nested deeply', () => {
    let data: object = { id: 1 }
    for (let depth = 0; depth < 100_000; depth += 1) data = { appointments: data }
    expect(listOf(data)).toHaveLength(1)
  })
})
