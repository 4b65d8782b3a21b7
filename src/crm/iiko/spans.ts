// Periods → the spans of lists by date, in a terminal's local time, and accounting days. Pure.
import { addDays, localDate, localDateTime } from '#lib/time.ts'
import type { Span } from '#crm/iiko/cloud.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
/** When clocks go back, local time does too: by three hours at most in any zone. */
const CLOCK_CHANGE_MS = 3 * HOUR_MS

/**
 * The spans together contain every local time that an instant from `from` to `to` has in the zone. Each is at most
 * `days` long. The span with `now` comes first, then later ones, then earlier ones, the nearest first.
 */
export function spansOf(
  period: { from: Date; to: Date },
  zone: string,
  { now, days }: { now: Date; days: number },
): Span[] {
  const start = localDateTime(new Date(period.from.getTime() - CLOCK_CHANGE_MS), zone)
  const end = localDateTime(new Date(period.to.getTime() + CLOCK_CHANGE_MS), zone)
  const spans: Span[] = []
  for (let from = start; from < end;) {
    const midnight = `${addDays(from.slice(0, 10), days)}T00:00:00`
    const to = midnight < end ? midnight : end
    spans.push({ from, to })
    from = to
  }
  const here = localDateTime(now, zone)
  const ahead = spans.filter(({ to }) => to > here)
  return [...ahead, ...spans.slice(0, spans.length - ahead.length).toReversed()]
}

/** Two halves; null when the span is too short. */
export function halved({ from, to }: Span): [Span, Span] | null {
  const [start, end] = [Date.parse(`${from}Z`), Date.parse(`${to}Z`)]
  const middle = start + Math.floor((end - start) / 2 / MINUTE_MS) * MINUTE_MS
  if (middle <= start) return null
  const border = new Date(middle).toISOString().slice(0, 19)
  return [
    { from, to: border },
    { from: border, to },
  ]
}

/** The part of a span within the last `days`, with a margin for our clock; null: none. */
export function within({ from, to }: Span, days: number, now: Date, zone: string): Span | null {
  const floor = localDateTime(new Date(now.getTime() - days * 24 * HOUR_MS + 5 * MINUTE_MS), zone)
  if (to <= floor) return null
  return from < floor ? { from: floor, to } : { from, to }
}

/** The accounting days of receipts that were closed within a period: a night belongs to the day before. */
export function accountingDays(period: { from: Date; to: Date }, zone: string): { from: string; to: string } {
  return { from: addDays(localDate(period.from, zone), -1), to: localDate(period.to, zone) }
}
