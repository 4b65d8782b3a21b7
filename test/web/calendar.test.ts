import { describe, expect, it } from 'vitest'
import { readDay, readMonth } from '#web/screens/days/route.ts'
import { addMonths, lastDay, monthWeeks, movedBy } from '#web/screens/days/month.ts'

describe('a month of days', () => {
  it('begins its weeks on Monday and fills them up', () => {
    const weeks = monthWeeks('2026-11', [], '2026-11-30')
    expect(weeks).toHaveLength(6)
    expect(weeks.every((week) => week.length === 7)).toBe(true)
    expect(weeks[0]?.map((cell) => cell?.day ?? null)).toEqual([null, null, null, null, null, null, '2026-11-01'])
    expect(weeks[5]?.map((cell) => cell?.day ?? null)).toEqual(['2026-11-30', null, null, null, null, null, null])
  })

  it('gives a day the worst state of its locations, and says which days are empty or still to come', () => {
    const rows = [
      { day: '2026-11-03', locationId: 'a', state: 'equal' as const },
      { day: '2026-11-03', locationId: 'b', state: 'different' as const },
      { day: '2026-11-04', locationId: 'a', state: 'equal' as const },
      { day: '2026-11-04', locationId: 'b', state: 'unchecked' as const },
      { day: '2026-11-05', locationId: 'a', state: 'equal' as const },
    ]
    const days = monthWeeks('2026-11', rows, '2026-11-06').flat()
    const states = Object.fromEntries(days.flatMap((cell) => (cell ? [[cell.day.slice(8), cell.state]] : [])))
    expect(states).toMatchObject({ '02': 'empty', '03': 'different', '04': 'unchecked', '05': 'equal', '07': 'future' })
    expect(days.find((cell) => cell?.day === '2026-11-03')?.rows).toHaveLength(2)
  })

  it('knows lengths and borders of months and years', () => {
    expect(lastDay('2028-02')).toBe('2028-02-29')
    expect(addMonths('2026-12', 1)).toBe('2027-01')
    expect(addMonths('2026-01', -1)).toBe('2025-12')
  })

  it.each([
    ['ArrowLeft', '2026-11-01', '2026-10-31'],
    ['ArrowDown', '2026-11-25', '2026-12-02'],
    ['Home', '2026-11-01', '2026-10-26'],
    ['End', '2026-11-30', '2026-12-06'],
    ['PageUp', '2026-03-31', '2026-02-28'],
    ['PageDown', '2026-12-15', '2027-01-15'],
    ['Enter', '2026-11-01', null],
  ])('moves with %s from %s to %s', (key, day, to) => {
    expect(movedBy(key, day)).toBe(to)
  })
})

describe('the address of the calendar', () => {
  const TODAY = '2026-11-30'
  const read = (query: string) => {
    const params = new URLSearchParams(query)
    return [readMonth(params, TODAY), readDay(params, TODAY)]
  }

  it.each([
    ['', '2026-11', null],
    ['month=2026-02&day=2026-02-28', '2026-02', '2026-02-28'],
    ['month=2026-12&day=2026-12-01', '2026-11', null],
    ['month=2026-13&day=2026-02-31', '2026-11', null],
  ])('reads %s', (query, month, day) => {
    expect(read(query)).toEqual([month, day])
  })
})
