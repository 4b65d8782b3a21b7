// How columns of times and numbers are declared in the schema, and how their values are read from raw SQL.
import { timestamp } from 'drizzle-orm/pg-core'

/** A point in time, read as Postgres' own text, which keeps the microseconds that lists are ordered by. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' })

const UTC = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,3})\d*)?\+00$/

/** Postgres' text form of a timestamptz (`2026-01-02 03:04:05.678901+00`) as RFC 3339 in UTC with milliseconds. */
export function isoInstant(text: string): string {
  const [, day, time, fraction = ''] = UTC.exec(text) ?? []
  if (day !== undefined) return `${day}T${time}.${fraction.padEnd(3, '0')}Z`
  return new Date(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')).toISOString()
}

/** Postgres has no year 0, and no offset of 16 hours. */
const INSTANT = /^(?!0000)\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-](0\d|1[0-5])(:[0-5]\d)?$/

/** Whether a text is a timestamptz that Postgres reads, in its own form. */
export function isInstantText(text: string): boolean {
  if (!INSTANT.test(text)) return false
  const date = new Date(`${text.slice(0, 10)}T${text.slice(11, 19)}Z`)
  // A Date reads the 31st of February as a day in March.
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(8, 10) === text.slice(8, 10)
}

export function isoInstantOrNull(text: string | null): string | null {
  return text === null ? null : isoInstant(text)
}

/** Reads a bigint, which the driver returns as text. None of our columns goes above 2⁵³. */
export function safeInteger(text: string): number {
  return Number(text)
}
