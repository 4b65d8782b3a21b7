// Vendors' times → RFC 3339 in UTC with `Z`. A naive time is read in a zone. In the hour that a clock change skips it
// is moved forward by the gap; in the hour that comes twice it means the first.
import { type BoundedCache, createBoundedCache } from '#lib/bounded-cache.ts'

export class TimeError extends Error {
  override readonly name = 'TimeError'
}

const NAIVE = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?/
const OFFSET = /(Z|[+-]\d\d(?::?\d\d)?)$/

const DAY_MS = 86_400_000

/** The longest IANA name has 32 characters. */
const ZONE_LENGTH_MAX = 64
/** As many as one isolate meets side by side. A formatter takes 25 KB, and a zone's days 100 KB. */
const ZONES_MAX = 100
/** Eleven years: more than a backfill reads. */
const DAYS_MAX = 4000

/** By zone, then by day of UTC. */
const offsetCache = createBoundedCache<string, BoundedCache<number, number>>(ZONES_MAX)
/** One formatter per zone, since creating one costs more than all else here. */
const formatterCache = createBoundedCache<string, Intl.DateTimeFormat>(ZONES_MAX)

function formatterOf(zone: string): Intl.DateTimeFormat {
  const cached = formatterCache.get(zone)
  if (cached) return cached
  const fields = {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  } as const
  const made = new Intl.DateTimeFormat('en-US', { ...fields, timeZone: zone, hourCycle: 'h23', calendar: 'iso8601' })
  return formatterCache.set(zone, made)
}

/** As IANA spells it, whatever the case was; another name of the same zone stays what it is. */
export function canonicalZone(name: string): string {
  if (!isTimeZone(name)) return name
  const { timeZone } = formatterOf(name).resolvedOptions()
  return timeZone.toLowerCase() === name.toLowerCase() ? timeZone : name
}

/** An IANA name or a fixed offset like `+03:00`. */
export function isTimeZone(name: string): boolean {
  try {
    return name !== '' && name.length <= ZONE_LENGTH_MAX && formatterOf(name) !== undefined
  } catch {
    return false
  }
}

/** A zone as accounts name it: an IANA name, or a number of hours → `+03:00`; null for anything else. */
export function timeZoneOf(value: string | number | null | undefined): string | null {
  if (typeof value === 'string' && isTimeZone(value)) return canonicalZone(value)
  const hours = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof hours !== 'number' || !Number.isFinite(hours) || Math.abs(hours) > 14) return null
  const minutes = Math.round(Math.abs(hours) * 60)
  const pad = (part: number) => String(part).padStart(2, '0')
  return `${hours < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`
}

/** The wall clock in a zone as if it were UTC, in milliseconds. */
function wallMs(date: Date, zone: string): number {
  const second = Math.floor(date.getTime() / 1000) * 1000
  const day = Math.floor(second / DAY_MS)
  const offset = dayStartOffset(day, zone)
  // No zone changes its clock and changes it back within a day.
  return second + (offset === dayStartOffset(day + 1, zone) ? offset : formatOffset(second, zone))
}

/** A zone's offset from UTC at the start of a UTC day, in milliseconds. Formatting each time costs 20 times as much. */
function dayStartOffset(day: number, zone: string): number {
  const offsets = offsetCache.get(zone) ?? offsetCache.set(zone, createBoundedCache(DAYS_MAX))
  return offsets.get(day) ?? offsets.set(day, formatOffset(day * DAY_MS, zone))
}

function formatOffset(instant: number, zone: string): number {
  const parts: Record<string, string> = {}
  for (const { type, value } of formatterOf(zone).formatToParts(instant)) parts[type] = value
  const { year, month, day, hour, minute, second } = parts
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) - instant
}

interface Naive {
  /** The wall clock as if it were UTC, in milliseconds. */
  readonly ms: number
  readonly offset: string | null
}

function parse(text: string): Naive {
  const trimmed = text.trim()
  const match = NAIVE.exec(trimmed)
  const rest = match ? trimmed.slice(match[0].length) : 'x'
  const offset = OFFSET.exec(rest)?.[1] ?? null
  if (!match || rest !== (offset ?? '')) throw new TimeError('not a time')
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0))
  const fraction = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'))
  const ms = Date.UTC(year, month - 1, day, hour, minute, second, fraction)
  const date = new Date(ms)
  const isReal =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60 &&
    year >= 1900
  if (!isReal) throw new TimeError('no such day or hour')
  return { ms, offset }
}

/** The instant of a naive time in a zone; an offset in the text is ignored (some vendors send wrong ones). */
export function zonedToUtc(text: string, zone: string): string {
  const { ms } = parse(text)
  const wall = ms - (ms % 1000)
  const offsetAt = (instant: number) => wallMs(new Date(instant), zone) - (instant - (instant % 1000))
  const before = offsetAt(wall - DAY_MS)
  const after = offsetAt(wall + DAY_MS)
  // The earlier instant that fits. In a gap none does, and the offset before it moves the time forward.
  const candidates = [wall - Math.max(before, after), wall - Math.min(before, after)]
  const fitting = candidates.find((instant) => wallMs(new Date(instant), zone) === wall)
  return toIso((fitting ?? wall - before) + (ms % 1000))
}

/** The instant of a time that names its offset; one without is read in `zone`. */
export function instantOf(text: string, zone: string): string {
  const { ms, offset } = parse(text)
  if (offset === null) return zonedToUtc(text, zone)
  if (offset === 'Z') return toIso(ms)
  const [, sign, hours, minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(offset) ?? []
  const shift = (Number(hours) * 60 + Number(minutes)) * 60_000
  return toIso(sign === '-' ? ms + shift : ms - shift)
}

/** `YYYY-MM-DDTHH:mm:ss` on the wall clock of a zone. */
export function localDateTime(date: Date, zone: string): string {
  return new Date(wallMs(date, zone)).toISOString().slice(0, 19)
}

/** `YYYY-MM-DD` on the wall clock of a zone. */
export function localDate(date: Date, zone: string): string {
  return localDateTime(date, zone).slice(0, 10)
}

/** A calendar day some days later, or earlier: calendar arithmetic without a zone. */
export function addDays(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() + days)
  return date.toISOString().slice(0, 10)
}

function toIso(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}
