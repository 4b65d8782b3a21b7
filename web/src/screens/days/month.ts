// A month of days with what their checks found. A day has a row for each location; the worst of them is the day's.
import { addDays } from '#lib/time.ts'

export type DayState = 'equal' | 'different' | 'unchecked'

interface Checked {
  readonly day: string
  readonly state: DayState
}

export interface CalendarDay<Row extends Checked> {
  readonly day: string
  /** `empty`: nothing was sold, so there is nothing to compare. `future`: it is still to come. */
  readonly state: DayState | 'empty' | 'future'
  readonly rows: readonly Row[]
}

/** Weeks from Monday on, with null for days of other months. `month` is `YYYY-MM`. */
export function monthWeeks<Row extends Checked>(
  month: string,
  rows: readonly Row[],
  today: string,
): readonly (readonly (CalendarDay<Row> | null)[])[] {
  const byDay = Map.groupBy(rows, ({ day }) => day)
  const first = `${month}-01`
  const days = Array.from({ length: daysIn(month) }, (_, index) => {
    const day = addDays(first, index)
    const own = byDay.get(day) ?? []
    return { day, rows: own, state: day > today ? ('future' as const) : worst(own) }
  })
  const cells = [...Array.from({ length: weekday(first) }, () => null), ...days]
  const weeks = Array.from({ length: Math.ceil(cells.length / 7) }, (_, week) => cells.slice(week * 7, week * 7 + 7))
  return weeks.map((week) => [...week, ...Array.from({ length: 7 - week.length }, () => null)])
}

const WORST: readonly DayState[] = ['different', 'unchecked', 'equal']

function worst(rows: readonly Checked[]): DayState | 'empty' {
  return WORST.find((state) => rows.some((row) => row.state === state)) ?? 'empty'
}

/** From Monday, 0, to Sunday, 6. */
function weekday(day: string): number {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7
}

function daysIn(month: string): number {
  return Number(lastDay(month).slice(8))
}

export function lastDay(month: string): string {
  return addDays(`${addMonths(month, 1)}-01`, -1)
}

export function addMonths(month: string, months: number): string {
  const date = new Date(`${month}-01T00:00:00Z`)
  date.setUTCMonth(date.getUTCMonth() + months)
  return date.toISOString().slice(0, 7)
}

/** How far the arrow keys and their like move within a calendar. Null: another key. */
export function movedBy(key: string, day: string): string | null {
  const days = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[key]
  if (days !== undefined) return addDays(day, days)
  if (key === 'Home') return addDays(day, -weekday(day))
  if (key === 'End') return addDays(day, 6 - weekday(day))
  if (key === 'PageUp' || key === 'PageDown')
    return sameDayOf(addMonths(day.slice(0, 7), key === 'PageUp' ? -1 : 1), day)
  return null
}

/** The 31st becomes the last day of a shorter month. */
function sameDayOf(month: string, day: string): string {
  return `${month}-${String(Math.min(Number(day.slice(8)), daysIn(month))).padStart(2, '0')}`
}
