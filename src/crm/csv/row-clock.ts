// The clock of a row: local times of a zone → instants, and what columns for zones say.
import { createBoundedCache } from '#lib/bounded-cache.ts'
import { instantOf, isTimeZone, zonedToUtc } from '#lib/time.ts'

export type ToInstant = (day: string, time: string, offset: string | null) => string

/** Converts zones once per hour of the file's clock, not once per row. */
export function createClockReader(timezone: string): ToInstant {
  /** The hour in UTC; null when the offset changes within it or is not a whole number of hours. */
  const hourCache = createBoundedCache<string, string | null>(5000)
  const utcHourOf = (hour: string): string | null => {
    const [start, end] = [zonedToUtc(`${hour}:00:00`, timezone), zonedToUtc(`${hour}:59:59`, timezone)]
    return start.endsWith(':00:00Z') && end === `${start.slice(0, 13)}:59:59Z` ? start.slice(0, 13) : null
  }
  return (day, time, offset) => {
    if (offset !== null) return instantOf(`${day}T${time}${offset}`, timezone)
    const hour = `${day}T${time.slice(0, 2)}`
    let utcHour = hourCache.get(hour)
    if (utcHour === undefined) {
      utcHour = utcHourOf(hour)
      hourCache.set(hour, utcHour)
    }
    const isPlain = utcHour !== null && /^\d\d:[0-5]\d:[0-5]\d$/.test(time)
    return isPlain ? `${utcHour}${time.slice(2)}Z` : zonedToUtc(`${day}T${time}`, timezone)
  }
}

const OFFSET = /^(?:utc|gmt)?\s*([+-]\d{1,2})(?::?(\d\d))?$/i

/** A zone or an offset from UTC; null when the text names none. */
export function zoneOf(text: string): { readonly zone: string } | { readonly offset: string } | null {
  const name = text.trim()
  if (/^(?:utc|gmt|z)$/i.test(name)) return { offset: 'Z' }
  const [, hours, minutes = '00'] = OFFSET.exec(name) ?? []
  if (hours !== undefined) return { offset: `${hours.slice(0, 1)}${hours.slice(1).padStart(2, '0')}:${minutes}` }
  return isTimeZone(name) ? { zone: name } : null
}
