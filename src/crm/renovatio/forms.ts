// How Renovatio writes sums and times: `dd.mm.yyyy hh:mm` in the clinic's local time, without an offset.
import { toMinor } from '#lib/money.ts'
import { instantOf, localDateTime, zonedToUtc } from '#lib/time.ts'

const LOCAL = /^(\d\d)\.(\d\d)\.(\d{4})(?:[ T]+(\d{1,2}:\d\d(?::\d\d)?))?$/
const GROUPING = /[\s\u00a0\u2009\u202f]/g
const COMMA = /^([+-]?\d+),(\d{1,2})$/

/** `2220`, `"320"`, `"1 320,50"`. A comma before three digits is ambiguous and refused. Throws MoneyError. */
export function minorOf(value: string | number, currency: string): number {
  if (typeof value === 'number') return toMinor(value, currency)
  return toMinor(value.replaceAll(GROUPING, '').replace(COMMA, '$1.$2'), currency)
}

/** A day without a time is its midnight. Throws TimeError. */
export function toInstant(text: string, zone: string): string {
  const [, day, month, year, time = '00:00'] = LOCAL.exec(text.trim()) ?? []
  return day === undefined
    ? instantOf(text, zone)
    : zonedToUtc(`${year}-${month}-${day}T${time.padStart(time.length > 5 ? 8 : 5, '0')}`, zone)
}

/**
 * The instant of a change. Null in the hour that comes twice when clocks go back: there a later change could seem
 * earlier. Throws TimeError.
 */
export function versionOf(text: string, zone: string): string | null {
  const first = toInstant(text, zone)
  const localTime = localDateTime(new Date(first), zone)
  const repeats = [30, 60].map((minutes) => new Date(Date.parse(first) + minutes * 60_000))
  return repeats.some((later) => localDateTime(later, zone) === localTime) ? null : first
}

/** `YYYY-MM-DD` → `dd.mm.yyyy` */
export function dayText(day: string): string {
  return day.split('-').toReversed().join('.')
}

/** `dd.mm.yyyy hh:mm`, seconds cut off. */
export function minuteText(date: Date, zone: string): string {
  const local = localDateTime(date, zone)
  return `${dayText(local.slice(0, 10))} ${local.slice(11, 16)}`
}
