// Dates and times in cells → local time as `lib/time.ts` reads it. The column, not the cell, decides whether the day or
// the month comes first.
import { MATCHED_MAX } from '#crm/csv/cells.ts'
import { foldText } from '#crm/csv/fold.ts'
import { isWeekday, monthOf } from '#crm/csv/months.ts'
import { offsetAfterTime } from '#crm/csv/zones.ts'

export type DateOrder = 'dmy' | 'mdy'

export interface LocalTime {
  /** `YYYY-MM-DD` */
  readonly day: string
  /** `HH:MM:SS` with a fraction if there is one; null where the cell has only a day. */
  readonly time: string | null
  /** `Z` or `+03:00`, if the cell has one. */
  readonly offset: string | null
}

export interface Clock {
  readonly time: string
  readonly offset: string | null
}

/** Most cells. */
const COMMON = /^(?:(\d{4})-(\d\d)-(\d\d)|(\d\d)\.(\d\d)\.(\d{4}))(?:[T ](\d\d?:\d\d)(:\d\d)?)?$/
const YEAR_FIRST = /^(\d{4})([-./])(\d{1,2})\2(\d{1,2})(?!\d)/
const YEAR_LAST = /^(\d{1,2})([-./])(\d{1,2})\2(\d{4}|\d\d)(?!\d)/
const DAY_NAMED =
  /^(\d{1,2})(?:st|nd|rd|th|-?го|\.|º)?[\s/-]*(?:de\s)?(\p{L}{3,12})[.,]?(?:\sde)?[\s/-]*(\d{4}|\d\d)(?!\d)/iu
const MONTH_NAMED = /^(\p{L}{3,12})\.?[\s/-]*(\d{1,2})(?:st|nd|rd|th)?(?:,|[\s/-])\s*(\d{4}|\d\d)(?![\d:.])/iu
const YEAR_NAMED = /^(\d{4})[\s/-](\p{L}{3,12})[.,]?[\s/-](\d{1,2})(?!\d)/u
const COMPACT = /^((?:19|20)\d\d)(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?)?(?=$|[Zz+-])/
/** What stands behind a day: the end of a date, «г.», «в», `T`. */
const BETWEEN =
  /^[.,]?\s*(?:г(?:ода|од)?\.?(?![\p{L}])|р(?:оку|ік)?\.?(?![\p{L}])|ж\.|года)?[,;]?\s*(?:T|в|о|at|um|a las|à)?\s*/iu
const CLOCK =
  /^(\d{1,2})(?:[:.]|\s?[hч]\s?)([0-5]\d)(?:[:.](\d\d)(?:[.,](\d{1,9}))?)?\s*(?:([ap])\.?\s?m\.?(?!\p{L})|(?:uhr|h|ч)(?!\p{L})\.?)?\s*/iu
/** `3 PM` */
const HOUR = /^(\d{1,2})\s*([ap])\.?\s?m\.?(?![a-z])\s*/i
/** As Unix and Java print it: `Sat Mar  2 09:14:07 UTC 2024`. */
const YEAR_BEHIND = /^(\p{L}{3}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d)( [A-Z]{3,4})? (\d{4})$/u
const TIME_FIRST = /^(\d{1,2}:\d\d(?::\d\d)?)[,\s]+(\d.*)$/

/** Excel's day 0, and the days (1954 to 2119) that a number may stand for. */
const EXCEL_EPOCH_MS = Date.UTC(1899, 11, 30)
const SERIAL = /^(\d{5})(?:[.,](\d{1,15}))?$/
const SERIAL_DAYS = { min: 20_000, max: 80_000 }
const DAY_MS = 86_400_000
const UNIX = /^(1\d{9})(\d{3})?(?:[.,](\d{1,9}))?$/

/** Null: the cell is not a date. The day may not exist (31.02.); the conversion to an instant finds that. */
export function readDate(cell: string, order: DateOrder): LocalTime | null {
  if (cell.length > MATCHED_MAX) return null
  const [all, year, month, date, dateB = '', monthB = '', yearB = '', clock, second = ':00'] = COMMON.exec(cell) ?? []
  if (all !== undefined) {
    const day = year === undefined ? `${yearB}-${monthB}-${dateB}` : `${year}-${month}-${date}`
    return { day, time: clock === undefined ? null : `${clock.padStart(5, '0')}${second}`, offset: null }
  }
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
  const [, seconds, ms, fraction = ''] = UNIX.exec(text) ?? []
  if (seconds === undefined) return COMPACT.test(text) ? readWritten(text, 'dmy') : null
  const iso = new Date(Number(seconds) * 1000 + Number(ms ?? fraction.slice(0, 3).padEnd(3, '0'))).toISOString()
  return { day: iso.slice(0, 10), time: iso.slice(11, 23).replace('.000', ''), offset: 'Z' }
}

function readWritten(written: string, order: DateOrder): LocalTime | null {
  const text = withoutWeekday(written)
  const found = yearFirst(text) ?? yearLast(text, order) ?? compact(text) ?? named(text)
  if (!found) {
    const [unix, month = '', dayOfMonth = '', clockTime = '', zone = '', year = ''] = YEAR_BEHIND.exec(text) ?? []
    if (unix !== undefined) return readWritten(`${dayOfMonth} ${month} ${year} ${clockTime}${zone}`, order)
    const [, time = '', date = ''] = TIME_FIRST.exec(text) ?? []
    const [day, clock] = [date === '' ? null : readDate(date, order), date === '' ? null : readTime(time)]
    return day && clock && day.time === null ? { ...day, time: clock.time } : null
  }
  const rest = text.slice(found.length)
  if (rest === '') return { day: found.day, time: null, offset: null }
  const tail = rest.slice(BETWEEN.exec(rest)?.[0].length ?? 0)
  if (tail === '' || isWeekday(tail.replaceAll(/[().\s]/g, ''))) return { day: found.day, time: null, offset: null }
  const time = readClock(tail, rest.startsWith('T'))
  return time && { day: found.day, ...time }
}

/** `Sat, 02 Mar 2024`, «суббота, 2 марта 2024 г.» */
function withoutWeekday(text: string): string {
  const [all = '', word = ''] = /^(\p{L}{2,12})\.?,?\s+(?=[\d\p{L}])/u.exec(text) ?? []
  if (all === '' || !isWeekday(word)) return text
  const rest = text.slice(all.length)
  // `Mar` is March and a Spanish Tuesday.
  return monthOf(word) === null || YEAR_LAST.test(rest) || DAY_NAMED.test(rest) ? rest : text
}

interface Day {
  readonly day: string
  /** The number of characters read. */
  readonly length: number
}

const two = (digits: string | number) => String(digits).padStart(2, '0')
const fourDigits = (year: string) => (year.length === 2 ? `20${year}` : year)

function yearFirst(text: string): Day | null {
  const [all = '', year = '', , month = '', date = ''] = YEAR_FIRST.exec(text) ?? []
  return all === '' ? null : { day: `${year}-${two(month)}-${two(date)}`, length: all.length }
}

function yearLast(text: string, order: DateOrder): Day | null {
  const [all = '', a = '', mark = '', b = '', year = ''] = YEAR_LAST.exec(text) ?? []
  // `24-03-02` has the year first.
  if (all === '' || (mark !== '.' && /^0\d$/.test(year))) return null
  // Points are only used with the day first.
  const [date, month] = order === 'dmy' || mark === '.' ? [a, b] : [b, a]
  return { day: `${fourDigits(year)}-${two(month)}-${two(date)}`, length: all.length }
}

/** `20240302`, `20240302T091407`; the length is that of the day. */
function compact(text: string): Day | null {
  const [all = '', year = '', month = '', date = ''] = COMPACT.exec(text) ?? []
  return all === '' ? null : { day: `${year}-${month}-${date}`, length: 8 }
}

function named(text: string): Day | null {
  const [all = '', date = '', name = '', year = ''] = DAY_NAMED.exec(text) ?? []
  if (all !== '') return dayOf(year, name, date, all)
  const [whole = '', month = '', day = '', of = ''] = MONTH_NAMED.exec(text) ?? []
  if (whole !== '') return dayOf(of, month, day, whole)
  const [full = '', first = '', middle = '', last = ''] = YEAR_NAMED.exec(text) ?? []
  return full === '' ? null : dayOf(first, middle, last, full)
}

function dayOf(year: string, name: string, date: string, read: string): Day | null {
  const month = monthOf(name)
  return month === null ? null : { day: `${fourDigits(year)}-${two(month)}-${two(date)}`, length: read.length }
}

/** A time of day. A day before it (1C's `30.12.1899 9:14:00`) is ignored. A fraction is Excel's. */
export function readTime(cell: string): Clock | null {
  if (cell.length > MATCHED_MAX) return null
  const fraction = /^\s*0?[.,](\d{1,15})\s*$/.exec(cell)?.[1]
  if (fraction !== undefined) {
    const seconds = Math.round(Number(`0.${fraction}`) * 86_400)
    return { time: new Date((seconds % 86_400) * 1000).toISOString().slice(11, 19), offset: null }
  }
  const text = cell.trim()
  // `09.14.07` is no day, since nothing follows.
  const dated = (/^(\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{4}-\d\d-\d\d)(?=[T\s]+\d)/.exec(text) ?? [''])[0].length
  return readClock(text.slice(dated).replace(/^\s*(?:T|в|at|um)?\s*/i, ''), dated > 0)
}

function readClock(text: string, isIso: boolean): Clock | null {
  const [, digits] = /^(\d{4}(?:\d\d)?)(?=$|[Zz+-])/.exec(text) ?? []
  const spread = digits === undefined ? text : `${(digits.match(/\d\d/g) ?? []).join(':')}${text.slice(digits.length)}`
  const [all = '', hour = '', minute = '00', second, ms, half] = CLOCK.exec(spread) ?? withHalf(spread)
  if (all === '') return null
  const rest = spread.slice(all.length)
  const offset =
    rest === '' ? null : (offsetAfterTime(rest) ?? offsetAfterTime(rest.replace(/\([^)]*\)$| [A-Z]{2,5}$/, '')))
  // `10:00-11:00` is a span of time.
  const isSpan = offset?.startsWith('-') === true && second === undefined && !isIso
  const isAfternoon = half?.toLowerCase() === 'p'
  if ((rest !== '' && offset === null) || isSpan || (half !== undefined && Number(hour) > 12 && !isAfternoon))
    return null
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (isAfternoon ? 12 : 0)
  return { time: `${two(hours)}:${minute}:${second ?? '00'}${ms === undefined ? '' : `.${ms}`}`, offset }
}

function withHalf(text: string): readonly (string | undefined)[] {
  const [all = '', hour, half] = HOUR.exec(text) ?? []
  return [all, hour, undefined, undefined, undefined, half]
}

/** Words of languages whose speakers write the day first, and that no English header has. */
const DAY_FIRST =
  /(?<!\p{L})(?:fecha|hora|importe|cliente|venta|datum|uhrzeit|betrag|beleg\p{L}*|umsatz|heure|montant|ttc|caisse|magasin|godzina|kwota|sprzeda\p{L}*|paragon\p{L}*|ora|importo|scontrino|castka|doklad\p{L}*)(?!\p{L})/u

/**
 * The order of day and month in a column: `mdy` only when a second number must be a day and no first one must. A clock
 * of twelve hours says nothing: half of the world that uses it writes the day first. Headers in German, Spanish and
 * the like say that the day is first.
 */
export function dateOrderOf(
  cells: readonly string[],
  headers: readonly string[] = [],
): { readonly order: DateOrder; readonly isSure: boolean } {
  let isSlashed = false
  let mustBeMonthFirst = false
  for (const long of cells) {
    const cell = long.slice(0, MATCHED_MAX)
    const [, a = '', mark = '', b = ''] = YEAR_LAST.exec(withoutWeekday(cell.trim())) ?? []
    if (mark === '.' || mark === '') continue
    isSlashed = true
    if (Number(a) > 12) return { order: 'dmy', isSure: true }
    if (Number(b) > 12) mustBeMonthFirst = true
  }
  const isSure =
    mustBeMonthFirst || !isSlashed || headers.some((header) => DAY_FIRST.test(foldText(header.slice(0, MATCHED_MAX))))
  return { order: mustBeMonthFirst ? 'mdy' : 'dmy', isSure }
}
