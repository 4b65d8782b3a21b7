// One row → the data of a sale, or the reason why it is rejected. Pure; dates and sums are read by the plan of the
// whole file.
import { cleanCell, MATCHED_MAX } from '#crm/csv/cells.ts'
import { readDate, readTime } from '#crm/csv/dates.ts'
import { readMinor } from '#crm/csv/money.ts'
import type { Plan } from '#crm/csv/plan.ts'
import type { MESSAGES } from '#crm/csv/messages.ts'
import { type Field, FIELDS, isTotals, type Meaning, meaningOf } from '#crm/csv/words.ts'
import type { CanonicalTransaction, Customer } from '#crm/contract.ts'
import { customerOrNull } from '#crm/kit/customer.ts'
import { createBoundedCache } from '#lib/bounded-cache.ts'
import { callingCodeOf } from '#lib/calling-code.ts'
import { currencyOf } from '#lib/money.ts'
import { normalizePhone } from '#lib/phone.ts'
import { instantOf, localDate, TimeError, zonedToUtc } from '#lib/time.ts'

const ID_MAX = 150
/** Excel's form of long numbers, which has lost digits. */
const SCIENTIFIC = /^[-+]?\d+(?:[.,]\d+)?e\+?\d+$/i
/** RFC 5321, 4.5.3.1.3. */
const MAIL_LENGTH_MAX = 254
const MAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/

/** The data of a row, before it is known which sale it belongs to and whether it is all of it. */
export interface Row {
  /** From the columns of the id; null when they are empty or missing. */
  readonly id: string | null
  /** In the business's local time. */
  readonly day: string
  readonly occurredAt: string
  /** Minor units, with the sign in the file. */
  readonly sum: number
  readonly currency: string
  /** Null when no word says it. */
  readonly kind: CanonicalTransaction['kind'] | null
  readonly status: CanonicalTransaction['status']
  readonly customer: Customer | null
  readonly comment: string | null
}

export interface Rejection {
  readonly reason: keyof typeof MESSAGES
  readonly field: Field | null
}

export type RowResult = { readonly row: Row } | { readonly rejected: Rejection } | 'skip' | 'blank'

export interface RowReader {
  readonly read: (cells: readonly string[]) => RowResult
  /** The id and day of a rejected row, as far as they can be read. */
  readonly idOf: (cells: readonly string[]) => Pick<Row, 'id' | 'day'>
}

export interface Defaults {
  readonly timezone: string
  readonly currency: string
}

export function createRowReader(plan: Plan, fallback: Defaults): RowReader {
  const timezone = plan.timezone ?? fallback.timezone
  const callingCode = callingCodeOf({ currency: plan.currency ?? fallback.currency, timezone })
  const toInstant = createClockReader(timezone)
  const meaning = createMeaningReader(plan)
  const columns = new Map(FIELDS.map((field) => [field, plan.columns[field] ?? []]))
  const used = [...columns.values()].flat()
  const named = plan.header.findLastIndex((cell) => cell !== '') + 1
  return {
    idOf: (raw) => ({
      id: joined((columns.get('id') ?? []).map((at) => cleanCell(raw[at] ?? ''))),
      day: readDate(cleanCell(raw[columns.get('date')?.[0] ?? -1] ?? ''), plan.dateOrder)?.day ?? '',
    }),
    read: (raw) => {
      const cells: string[] = []
      for (const at of used) cells[at] = cleanCell(raw[at] ?? '')
      const textOf = (field: Field) => columns.get(field)?.map((at) => cells[at] ?? '') ?? []
      const text = (field: Field) => cells[columns.get(field)?.[0] ?? -1] ?? ''
      const date = text('date')
      const isOwn = (cell: string) => cell !== '' && !isTotals(cell)
      if (!isOwn(date)) {
        const all = raw.map(cleanCell)
        if (all.every((cell) => cell === '')) return 'blank'
        // A row of totals: no date, no id, and a word for a total.
        if (!textOf('id').some(isOwn) && all.some(isTotals)) return 'skip'
      }
      if (isHeader(plan, raw, date)) return 'skip'
      // Cells beyond the usual width may only be empty, or have a header.
      const most = raw.length > (plan.width ?? raw.length) ? named : plan.header.length
      if (raw.slice(most).some((cell) => cleanCell(cell) !== '')) return rejected('too_many_cells', null)
      return readRow({ plan, fallback, timezone, callingCode, toInstant, meaning, textOf, text })
    },
  }
}

/** Concatenated files have their headers between the rows. */
function isHeader({ header, columns }: Plan, raw: readonly string[], date: string): boolean {
  return date === header[columns.date?.[0] ?? -1] && header.every((cell, at) => cell === cleanCell(raw[at] ?? ''))
}

interface Cells {
  readonly plan: Plan
  readonly fallback: Defaults
  readonly timezone: string
  readonly callingCode: string
  readonly toInstant: ToInstant
  readonly meaning: (cell: string, field: 'kind' | 'status') => Meaning | null
  readonly textOf: (field: Field) => readonly string[]
  /** The first of these cells. */
  readonly text: (field: Field) => string
}

const WORDS_KEPT_MAX = 1000

/** Cached, since a column repeats a few words. */
function createMeaningReader({ words }: Plan): Cells['meaning'] {
  const meaningCache = new Map<string, Meaning | null>()
  return (cell, field) => {
    if (cell.length > MATCHED_MAX) return null
    const key = `${field} ${cell}`
    const known = meaningCache.get(key)
    if (known !== undefined) return known
    const meaning = meaningOf(cell, field, words)
    if (meaningCache.size < WORDS_KEPT_MAX) meaningCache.set(key, meaning)
    return meaning
  }
}

function rejected(reason: Rejection['reason'], field: Field | null): { readonly rejected: Rejection } {
  return { rejected: { reason, field } }
}

function joined(id: readonly string[]): string | null {
  return id.length > 0 && id.every((part) => part !== '') ? id.join(':') : null
}

function readRow(row: Cells): RowResult {
  const id = row.textOf('id')
  if (id.some((part) => SCIENTIFIC.test(part))) return rejected('scientific', 'id')
  if (id.join(':').length > ID_MAX) return rejected('id_too_long', 'id')
  const when = readWhen(row)
  if ('rejected' in when) return when
  const currency = readCurrency(row)
  if (currency === null) return rejected('currency_unknown', 'currency')
  const sum = readAmount(row, currency)
  if (typeof sum !== 'number') return sum
  const meaning = readMeaning(row)
  if (typeof meaning === 'object' && 'rejected' in meaning) return meaning
  if (meaning === 'skip') return 'skip'
  const customer = readCustomer(row)
  if (customer && 'rejected' in customer) return customer
  return {
    row: {
      id: joined(id),
      ...{ day: when.day, occurredAt: when.occurredAt, sum, currency, ...meaning, customer },
      comment: row.text('comment') || null,
    },
  }
}

type ToInstant = (day: string, time: string, offset: string | null) => string

/** Converts zones once per hour of the file's clock, not once per row. */
function createClockReader(timezone: string): ToInstant {
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

type When = { readonly day: string; readonly occurredAt: string } | { readonly rejected: Rejection }

function readWhen({ plan, text, timezone, toInstant }: Cells): When {
  if (text('date') === '') return rejected('no_date', 'date')
  const date = readDate(text('date'), plan.dateOrder)
  if (!date) return rejected('date_unreadable', 'date')
  const clock = text('time') === '' ? null : readTime(text('time'))
  if (text('time') !== '' && clock === null) return rejected('date_unreadable', 'time')
  // A date at midnight has its time in the other column.
  const isMidnight = date.time === null || /^00:00:00$/.test(date.time)
  const time = (isMidnight ? clock?.time : null) ?? date.time ?? '00:00:00'
  const offset = date.offset ?? clock?.offset ?? null
  try {
    const occurredAt = toInstant(date.day, time, offset)
    return { occurredAt, day: offset === null ? date.day : localDate(new Date(occurredAt), timezone) }
  } catch (error) {
    if (error instanceof TimeError) return rejected('date_unreadable', 'date')
    throw error
  }
}

function readCurrency({ text, plan, fallback }: Cells): string | null {
  const own = text('currency')
  if (own === '') return plan.currency ?? fallback.currency
  return currencyOf(own.toLowerCase() === 'rur' ? 'RUB' : own)
}

/** Minor units, with the sign of the cells. Several columns add up; empty ones count as 0. */
function readAmount({ textOf, plan }: Cells, currency: string): number | { readonly rejected: Rejection } {
  const cells = textOf('amount')
  if (cells.every((cell) => cell === '')) return rejected('no_amount', 'amount')
  let sum = 0
  for (const [index, cell] of cells.entries()) {
    const minor = cell === '' ? 0 : readMinor(cell, plan.decimals[index] ?? null, currency)
    if (typeof minor !== 'number') return rejected(minor.problem, 'amount')
    sum += minor
  }
  return Number.isSafeInteger(sum) ? sum : rejected('amount_unreadable', 'amount')
}

type Meant = Pick<Row, 'kind' | 'status'>

function readMeaning({ text, meaning }: Cells): Meant | 'skip' | { readonly rejected: Rejection } {
  const said: Meaning[] = []
  for (const field of ['kind', 'status'] as const) {
    const cell = text(field)
    const one = cell === '' ? null : meaning(cell, field)
    if (cell !== '' && one === null) return rejected('word_unknown', field)
    if (one !== null) said.push(one)
  }
  if (said.includes('ignore')) return 'skip'
  const kind = said.includes('refund') ? 'refund' : said.includes('sale') ? 'sale' : null
  return { kind, status: said.includes('cancelled') ? 'cancelled' : said.includes('unpaid') ? 'unpaid' : 'paid' }
}

/** Kind and amount from a sum and its word. Null: the minus means that it is not a sale. */
export function settle(
  sum: number,
  kind: Row['kind'],
  negative: Plan['negative'],
): Pick<CanonicalTransaction, 'kind' | 'amountMinor'> | null {
  if (sum < 0 && kind === null && negative === 'ignore') return null
  const isRefund = kind === 'refund' || (sum < 0 && (kind === 'sale' || negative === 'refund'))
  const amount = Math.abs(sum)
  return { kind: isRefund ? 'refund' : 'sale', amountMinor: isRefund && amount !== 0 ? -amount : amount }
}

function readCustomer({ text, callingCode }: Cells): Customer | null | { readonly rejected: Rejection } {
  for (const field of ['phone', 'card'] as const) if (SCIENTIFIC.test(text(field))) return rejected('scientific', field)
  return customerOrNull({
    name: text('name').replaceAll(/\s+/g, ' ') || null,
    phone: normalizePhone(text('phone'), callingCode),
    email: isMail(text('email')) ? text('email') : null,
    card: text('card') || null,
  })
}

function isMail(text: string): boolean {
  return text.length <= MAIL_LENGTH_MAX && MAIL.test(text)
}
