// What the address says: `#/days?month=2026-11&day=2026-11-03`.
import { isDay } from '#web/lib/is-day.ts'

/** The month of today where the address names none, or one that is still to come. */
export function readMonth(query: URLSearchParams, today: string): string {
  const month = query.get('month') ?? ''
  return isDay(`${month}-01`) && month <= today.slice(0, 7) ? month : today.slice(0, 7)
}

export function readDay(query: URLSearchParams, today: string): string | null {
  const day = query.get('day')
  return day !== null && isDay(day) && day <= today ? day : null
}
