// One row → the data of a sale, or the reason why it is rejected. Pure; dates and sums are read by the plan of the
// whole file.
import { cleanCell, MATCHED_MAX } from '#crm/csv/cells.ts'
import { readCurrency } from '#crm/csv/currency-words.ts'
import { readDate, readTime } from '#crm/csv/dates.ts'
import { isFooter } from '#crm/csv/footer.ts'
import type { Plan } from '#crm/csv/plan.ts'
import { readSums } from '#crm/csv/row-amount.ts'
import type { Cells, Defaults, Rejection } from '#crm/csv/row-cells.ts'
import { createClockReader } from '#crm/csv/row-clock.ts'
import { readCustomer, SCIENTIFIC } from '#crm/csv/row-customer.ts'
import { createHeaderCheck } from '#crm/csv/second-table.ts'
import { hasSplitSum } from '#crm/csv/split-sums.ts'
import { isLabelledTotal } from '#crm/csv/totals.ts'
import { readZone } from '#crm/csv/zones.ts'
import { type Field, FIELDS, isTotals, meaningOf, type Said, saysGivenBack } from '#crm/csv/words.ts'
import type { CanonicalTransaction, Customer } from '#crm/contract.ts'
import { callingCodeOf } from '#lib/calling-code.ts'
import { localDateTime, TimeError } from '#lib/time.ts'

const ID_MAX = 150

/** The data of a row, before it is known which sale it belongs to and whether it is all of it. */
export interface Row {
  /** From the columns of the id; null when they are empty or missing. */
  readonly id: string | null
  /** In the business's local time: `YYYY-MM-DD` and `HH:MM:SS`. */
  readonly day: string
  readonly time: string
  readonly occurredAt: string
  /** Minor units, with the sign in the file. Null: a line that leaves out the sum of its receipt. */
  readonly sum: number | null
  /** What of the sum was given back. */
  readonly refunded: number
  readonly currency: string
  /** Null when no word says it. */
  readonly kind: CanonicalTransaction['kind'] | null
  readonly status: CanonicalTransaction['status']
  readonly customer: Customer | null
  /** The name of the shop. */
  readonly location: string | null
}

export type RowResult = { readonly row: Row } | { readonly rejected: Rejection } | 'skip' | 'blank'

export interface RowReader {
  readonly read: (cells: readonly string[]) => RowResult
  /** The id and day of a rejected row, as far as they can be read. */
  readonly idOf: (cells: readonly string[]) => Pick<Row, 'id' | 'day' | 'time'>
}

export function createRowReader(plan: Plan, fallback: Defaults): RowReader {
  const cellsOf = createCellReader(plan, fallback)
  const isHeader = createHeaderCheck(plan)
  const named = plan.header.findLastIndex((cell) => cell !== '') + 1
  const hasTooMany = (raw: readonly string[]) => {
    // Cells beyond the usual width may only be empty, or have a header.
    const most = raw.length > (plan.width ?? raw.length) ? named : plan.header.length
    return (
      raw.slice(most).some((cell) => cleanCell(cell) !== '') || hasSplitSum(raw, plan.delimiter, plan.header.length)
    )
  }
  return {
    idOf: (raw) => {
      const row = cellsOf(raw)
      const { day = '', time = null } = readDate(row.text('date'), plan.dateOrder) ?? {}
      return { id: idIn(row), day, time: time ?? readTime(row.text('time'))?.time ?? '00:00:00' }
    },
    read: (raw) => {
      const row = cellsOf(raw)
      const nothing = noSaleIn(row, raw)
      if (nothing !== null) return nothing
      if (isHeader(raw, row.text('date'))) return 'skip'
      if (plan.totals !== 'sale' && isLabelledTotal(raw, plan.columns)) {
        return plan.totals === 'skip' ? 'skip' : rejected('looks_like_totals', null)
      }
      return hasTooMany(raw) ? rejected('too_many_cells', null) : readRow(row)
    },
  }
}

/** Blank rows, footers and totals without a date. */
function noSaleIn({ text, textOf }: Cells, raw: readonly string[]): 'blank' | 'skip' | null {
  const isOwn = (cell: string) => cell !== '' && !isTotals(cell)
  const isDated = isOwn(text('date'))
  const isWithoutSum = text('debit') === '' && textOf('amount').every((cell) => cell === '')
  if (isDated && !isWithoutSum) return null
  const all = raw.map(cleanCell)
  if (all.every((cell) => cell === '')) return 'blank'
  if (isWithoutSum && isFooter(all)) return 'skip'
  // A row of totals: no date, no id, and a word for a total.
  return !isDated && !textOf('id').some(isOwn) && all.some(isTotals) ? 'skip' : null
}

function createCellReader(plan: Plan, fallback: Defaults): (raw: readonly string[]) => Cells {
  const timezone = plan.timezone ?? fallback.timezone
  const callingCode = callingCodeOf({ currency: plan.currency ?? fallback.currency, timezone })
  const shared = {
    plan,
    fallback,
    timezone,
    callingCode,
    clocks: createClocks(timezone),
    meaning: createMeaningReader(plan),
  }
  const { columns } = plan
  const used = FIELDS.flatMap((field) => columns[field] ?? [])
  return (raw) => {
    const cells: string[] = []
    for (const at of used) cells[at] = cleanCell(raw[at] ?? '')
    const text = (field: Field) => {
      const at = columns[field]
      if (!at) return ''
      const first = cells[at[0] ?? -1] ?? ''
      // Of several columns of dates the first that is filled counts.
      return first !== '' || at.length < 2 ? first : (at.map((one) => cells[one] ?? '').find((one) => one) ?? '')
    }
    const textOf = (field: Field) => columns[field]?.map((at) => cells[at] ?? '') ?? []
    return { ...shared, text, textOf, cellAt: (at) => cleanCell(raw[at] ?? '') }
  }
}

const WORDS_KEPT_MAX = 1000

/** A file has a few zones at most. */
function createClocks(timezone: string): Cells['clocks'] {
  const clockCache = new Map([[timezone, createClockReader(timezone)]])
  return (zone) => {
    const known = clockCache.get(zone)
    if (known) return known
    const clock = createClockReader(zone)
    clockCache.set(zone, clock)
    return clock
  }
}

/** Cached, since a column repeats a few words. */
function createMeaningReader({ words, header, columns }: Plan): Cells['meaning'] {
  const meaningCache = new Map<string, Said | null>()
  return (cell, field, index) => {
    if (cell.length > MATCHED_MAX) return null
    const key = `${field} ${index} ${cell}`
    const known = meaningCache.get(key)
    if (known !== undefined) return known
    const meaning = meaningOf(cell, { field, header: header[columns[field]?.[index] ?? -1] ?? '' }, words)
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

/** Shops show the number of an order as `#1001`. */
const ORDER_MARK = /^#\s?(\d+)$/

/** With the till before the number, where a column names it. */
function idIn({ text, textOf }: Pick<Cells, 'text' | 'textOf'>): string | null {
  const id = joined(textOf('id').map((part) => part.replace(ORDER_MARK, '$1')))
  return id === null || text('till') === '' ? id : `${text('till')}:${id}`
}

function readRow(row: Cells): RowResult {
  // The report of a shift is no sale and needs no sum.
  const meaning = readMeaning(row)
  if (meaning === 'skip') return 'skip'
  if (row.textOf('id').some((part) => SCIENTIFIC.test(part))) return rejected('scientific', 'id')
  const { plan, fallback } = row
  const id = idIn(row)
  if (id === null && plan.numberless === 'skip') return 'skip'
  if ((id ?? '').length > ID_MAX) return rejected('id_too_long', 'id')
  const when = readWhen(row)
  if ('rejected' in when) return when
  const expected = plan.currency ?? fallback.currency
  const currency = row.text('currency') === '' ? expected : readCurrency(row.text('currency'), expected)
  if (currency === null) return rejected('currency_unknown', 'currency')
  const sums = readSums(row, currency)
  if ('rejected' in sums) return sums
  if ('rejected' in meaning) return meaning
  const customer = readCustomer(row)
  if (customer && 'rejected' in customer) return customer
  return {
    row: {
      ...{ id, ...when, ...sums, ...meaning, customer, location: row.text('location') || null },
      refunded: isNone(row, meaning) ? 0 : sums.refunded,
    },
  }
}

/** What was declined or voided is no sale, whatever a column of refunds has. */
function isNone({ textOf }: Cells, { status }: Meant): boolean {
  return status === 'cancelled' && ![...textOf('kind'), ...textOf('status')].some(saysGivenBack)
}

type When = Pick<Row, 'day' | 'time' | 'occurredAt'> | { readonly rejected: Rejection }

function readWhen({ plan, text, timezone, clocks }: Cells): When {
  if (text('date') === '') return rejected('no_date', 'date')
  const date = readDate(text('date'), plan.dateOrder)
  if (!date) return rejected('date_unreadable', 'date')
  const clock = text('time') === '' ? null : readTime(text('time'))
  if (text('time') !== '' && clock === null) return rejected('date_unreadable', 'time')
  const own = text('zone') === '' ? plan.fileZone : readZone(text('zone'))
  if (text('zone') !== '' && own === null) return rejected('zone_unknown', 'zone')
  // A date at midnight has its time in the other column.
  const isMidnight = date.time === null || /^00:00:00$/.test(date.time)
  const time = (isMidnight ? clock?.time : null) ?? date.time ?? '00:00:00'
  const offset = date.offset ?? clock?.offset ?? null
  const zone = own === 'Z' ? 'UTC' : (own ?? timezone)
  try {
    const occurredAt = clocks(zone)(date.day, time, offset)
    if (offset === null && zone === timezone) return { occurredAt, day: date.day, time: time.slice(0, 8) }
    const [day = '', local = ''] = localDateTime(new Date(occurredAt), timezone).split('T')
    return { occurredAt, day, time: local.slice(0, 8) }
  } catch (error) {
    if (error instanceof TimeError) return rejected('date_unreadable', 'date')
    throw error
  }
}

type Meant = Pick<Row, 'kind' | 'status'>

function readMeaning({ textOf, cellAt, meaning, plan }: Cells): Meant | 'skip' | { readonly rejected: Rejection } {
  const said: Said[] = []
  for (const field of ['kind', 'status'] as const) {
    for (const [index, cell] of textOf(field).entries()) {
      const one = cell === '' ? null : meaning(cell, field, index)
      if (cell !== '' && one === null) return rejected('word_unknown', field)
      if (one !== null) said.push(one)
    }
  }
  if (said.includes('ignore') || plan.fileKind === 'ignore') return 'skip'
  const kind = said.includes('refund') ? 'refund' : said.includes('sale') ? 'sale' : plan.fileKind
  const isEnded = plan.endedAt !== null && cellAt(plan.endedAt) !== ''
  const isCancelled = said.includes('cancelled') || (isEnded && kind !== 'refund')
  return { kind, status: isCancelled ? 'cancelled' : said.includes('unpaid') ? 'unpaid' : 'paid' }
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
