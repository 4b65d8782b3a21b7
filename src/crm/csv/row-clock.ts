// The clock of a zone: local times → instants.
import { createBoundedCache } from '#lib/bounded-cache.ts'
import { instantOf, zonedToUtc } from '#lib/time.ts'

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
