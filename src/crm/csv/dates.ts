// Dates and times in cells → local time as `lib/time.ts` reads it. The column, not the cell, decides whether the day or
// the month comes first.
import { MATCHED_MAX } from '#crm/csv/cells.ts'

export type DateOrder = 'dmy' | 'mdy'

export interface LocalTime {
  /** `YYYY-MM-DD` */
  readonly day: string
  /** `HH:MM:SS` with a fraction if there is one; null where the cell has only a day. */
  readonly time: string | null
  /** `Z` or `+03:00`, if the cell has one. */
  readonly offset: string | null
}

const MONTHS = 'янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек'
const MONTHS_EN = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec'
const NAMED = new RegExp(
  `^(\\d{1,2})\\s+(?:(${MONTHS})|(${MONTHS_EN}))[\\p{L}.]*,?\\s+(\\d{4})(?:\\s*г(?:ода|\\.)?)?`,
  'iu',
)
const NAMED_US = new RegExp(`^(${MONTHS_EN})[a-z.]*\\s+(\\d{1,2}),?\\s+(\\d{4})`, 'i')
const YEAR_FIRST = /^(\d{4})([-./])(\d{1,2})\2(\d{1,2})(?!\d)/
const YEAR_LAST = /^(\d{1,2})([-./])(\d{1,2})\2(\d{4}|\d\d)(?!\d)/
const COMPACT = /^((?:19|20)\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?$/
const TIME = /^[\sT,]*(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*([ap])?\.?(?:m\.?)?\s*(z|[+-]\d\d(?::?\d\d)?)?$/i

/** Excel's day 0, and the days (1954 to 2119) that a number may stand for. */
const EXCEL_EPOCH_MS = Date.UTC(1899, 11, 30)
const SERIAL = /^(\d{5})(?:[.,](\d{1,15}))?$/
const SERIAL_DAYS = { min: 20_000, max: 80_000 }
const DAY_MS = 86_400_000

/** Null: the cell is not a date. The day may not exist (31.02.); the conversion to an instant finds that. */
export function readDate(cell: string, order: DateOrder): LocalTime | null {
  if (cell.length > MATCHED_MAX) return null
  const text = cell.trim()
  return /^\d+(?:[.,]\d+)?$/.test(text) ? readNumber(text) : readWritten(text, order)
}

function readNumber(text: string): LocalTime | null {
  const serial = SERIAL.exec(text)
  if (serial) {
    const days = Number(serial[1])
    if (days < SERIAL_DAYS.min || days > SERIAL_DAYS.max) return null
    const fraction = serial[2]
    // Times of day have rounding errors of floats, so they are rounded to seconds.
    const seconds = fraction === undefined ? 0 : Math.round(Number(`0.${fraction}`) * 86_400)
    const iso = new Date(EXCEL_EPOCH_MS + days * DAY_MS + seconds * 1000).toISOString()
    return { day: iso.slice(0, 10), time: fraction === undefined ? null : iso.slice(11, 19), offset: null }
  }
  const [, year = '', month = '', date = '', hour, minute = '', second = '00'] = COMPACT.exec(text) ?? []
  if (year !== '') {
    return {
      day: `${year}-${month}-${date}`,
      time: hour === undefined ? null : `${hour}:${minute}:${second}`,
      offset: null,
    }
  }
  if (!/^1\d{9}(?:\d{3})?$/.test(text)) return null
  const iso = new Date(text.length > 10 ? Number(text) : Number(text) * 1000).toISOString()
  return { day: iso.slice(0, 10), time: iso.slice(11, 23).replace('.000', ''), offset: 'Z' }
}

function readWritten(text: string, order: DateOrder): LocalTime | null {
  const found = yearFirst(text) ?? yearLast(text, order) ?? named(text)
  if (!found) return null
  const rest = text.slice(found.length)
  if (rest.trim() === '') return { day: found.day, time: null, offset: null }
  const time = readTime(rest)
  return time && { day: found.day, ...time }
}

interface Day {
  readonly day: string
  /** The number of characters read. */
  readonly length: number
}

const two = (digits: string) => digits.padStart(2, '0')

function yearFirst(text: string): Day | null {
  const [all = '', year = '', , month = '', date = ''] = YEAR_FIRST.exec(text) ?? []
  return all === '' ? null : { day: `${year}-${two(month)}-${two(date)}`, length: all.length }
}

function yearLast(text: string, order: DateOrder): Day | null {
  const [all = '', a = '', mark = '', b = '', year = ''] = YEAR_LAST.exec(text) ?? []
  if (all === '') return null
  // Points are only used with the day first.
  const [date, month] = order === 'dmy' || mark === '.' ? [a, b] : [b, a]
  return { day: `${year.length === 2 ? '20' : ''}${year}-${two(month)}-${two(date)}`, length: all.length }
}

function named(text: string): Day | null {
  const [all = '', date = '', russian, english, year = ''] = NAMED.exec(text) ?? []
  if (all !== '') return { day: `${year}-${monthOf(russian ?? english ?? '')}-${two(date)}`, length: all.length }
  const [whole = '', month = '', day = '', of = ''] = NAMED_US.exec(text) ?? []
  return whole === '' ? null : { day: `${of}-${monthOf(month)}-${two(day)}`, length: whole.length }
}

function monthOf(name: string): string {
  const of = (names: string) => names.split('|').findIndex((one) => new RegExp(`^${one}$`, 'i').test(name)) + 1
  return two(String(of(MONTHS) || of(MONTHS_EN)))
}

/** A time of day. A day before it (1C's `30.12.1899 9:14:00`) is ignored. A fraction is Excel's. */
export function readTime(cell: string): { readonly time: string; readonly offset: string | null } | null {
  if (cell.length > MATCHED_MAX) return null
  const fraction = /^\s*0?[.,](\d{1,15})\s*$/.exec(cell)?.[1]
  if (fraction !== undefined) {
    const seconds = Math.round(Number(`0.${fraction}`) * 86_400)
    return { time: new Date((seconds % 86_400) * 1000).toISOString().slice(11, 19), offset: null }
  }
  const [, hour = '', minute = '', second = '00', ms, half, zone] =
    TIME.exec(cell.trim().replace(/^\d{1,2}[./]\d{1,2}[./]\d{4}\s+/, '')) ?? []
  if (hour === '') return null
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toLowerCase() === 'p' ? 12 : 0)
  const offset = zone === undefined ? null : zone.toUpperCase()
  return { time: `${two(String(hours))}:${minute}:${second}${ms === undefined ? '' : `.${ms}`}`, offset }
}

/** The order of day and month in a column: `mdy` only when a second number must be a day and no first one must. */
export function dateOrderOf(cells: readonly string[]): { readonly order: DateOrder; readonly isSure: boolean } {
  let isSlashed = false
  let mustBeMonthFirst = false
  for (const long of cells) {
    const cell = long.slice(0, MATCHED_MAX)
    const [, a = '', mark = '', b = ''] = YEAR_LAST.exec(cell.trim()) ?? []
    if (mark === '.' || mark === '') continue
    isSlashed = true
    if (Number(a) > 12) return { order: 'dmy', isSure: true }
    if (Number(b) > 12 || /[ap]\.?m/i.test(cell)) mustBeMonthFirst = true
  }
  return { order: mustBeMonthFirst ? 'mdy' : 'dmy', isSure: mustBeMonthFirst || !isSlashed }
}
