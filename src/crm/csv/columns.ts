// Finds the column of each field. Columns that the settings name are used as they are; the others are found by the
// words of their headers and by what their cells hold, never by the order of the columns.
import { ORDER_NUMBER } from '#crm/csv/column-fits.ts'
import { findCents, isWhole } from '#crm/csv/cents-column.ts'
import { findDates, withoutFiller } from '#crm/csv/date-columns.ts'
import type { Asking } from '#crm/csv/doubts.ts'
import { type ColumnFacts, factsOf } from '#crm/csv/facts.ts'
import { findIds, isOfShops } from '#crm/csv/id-columns.ts'
import { findMoney, type MoneySearch, refundedBeside } from '#crm/csv/money-columns.ts'
import type { Plan } from '#crm/csv/plan.ts'
import { decideRows, receiptsOf } from '#crm/csv/receipt-rows.ts'
import type { Settings } from '#crm/csv/settings.ts'
import type { Table } from '#crm/csv/table.ts'
import { bestOf, type Column, type Fields, type Search, type Traits } from '#crm/csv/search.ts'
import { findKinds, findStatus } from '#crm/csv/word-columns.ts'
import { DAILY, type Field, FIELDS, FISCAL, LINES, normalizeHeader, SURE_ID } from '#crm/csv/words.ts'
import { CrmError } from '#lib/crm-error.ts'

export interface Columns extends Pick<Plan, 'idScope' | 'isIdSure' | 'isFiscal' | 'rows'> {
  readonly fields: Fields
  readonly facts: readonly ColumnFacts[]
  /** The headers, normalized. */
  readonly names: readonly string[]
  /** Of goods, where the amount is not its price. */
  readonly quantityAt: number | null
  /** Of what the amount leaves out: its kopecks or cents. */
  readonly centsAt: number | null
}

/** Found by header and cells alone, in this order, once the decisive ones are. */
const OTHERS: readonly Field[] = ['currency', 'phone', 'email', 'card', 'name', 'zone', 'location', 'comment']

/** Throws CrmError `malformed` (`column_missing`) for a column that the settings name and the file does not have. */
export function findColumns(table: Table, settings: Settings, asking: Asking): Columns {
  const names = table.headers.map(normalizeHeader)
  const facts = factsOf(table.rows, table.headers.length)
  const search: Search = {
    headers: table.headers,
    names,
    facts,
    settings,
    asking,
    taken: new Set(),
    hasHeader: table.hasHeader,
  }
  const fields: Partial<Record<Field, Column>> = {}
  const put = (field: Field, column: Column | null | undefined) => {
    if (!column || settings.mapping[field] !== undefined) return
    for (const at of column.at) search.taken.add(at)
    fields[field] = column
  }
  for (const field of FIELDS) {
    const named = settings.mapping[field]
    if (named == null) continue
    fields[field] = { at: [named].flat().map((one) => columnNamed(search, one)), confidence: 1 }
    for (const at of fields[field].at) search.taken.add(at)
  }
  const { date, time } = findDates(search, fields)
  put('date', date)
  put('time', time)
  put('id', findIds(search))
  put('kind', findKinds(search))
  put('status', findStatus(search))
  if (settings.mapping.date === undefined) put('date', withoutFiller(search, fields))
  const traits = traitsOf(search, fields)
  if (traits.idScope === 'day' && settings.mapping.id === undefined) put('till', bestOf(search, 'till'))
  const quantity = settings.mapping.quantity === undefined ? bestOf(search, 'quantity') : null
  const receipts = receiptsOf(search, fields, { ...traits, settings })
  const centsAt = findCents(search)
  if (centsAt !== null) search.taken.add(centsAt)
  const money = moneyOf({ ...search, quantity: quantity?.at[0] ?? null, receipts }, fields)
  for (const field of MONEY_FIELDS) put(field, money[field])
  for (const field of OTHERS) put(field, bestOf(search, field))
  if (isNumberOfShop(search, fields, traits) && fields.location) fields.till = fields.location
  const quantityAt = fields.quantity ? null : (quantity?.at[0] ?? null)
  const isAmountWhole = fields.amount?.at.length === 1 && !fields.quantity && isWhole(facts[fields.amount.at[0] ?? -1])
  return {
    ...{ fields, facts, names, quantityAt, centsAt: isAmountWhole ? centsAt : null, ...traits },
    rows: decideRows(search, fields, receipts, traits),
  }
}

const MONEY_FIELDS = ['amount', 'debit', 'refunded', 'quantity'] as const
type Money = Partial<Record<(typeof MONEY_FIELDS)[number], Column | null>>

/** Beside an amount that the settings name, only what of it was given back is looked for. */
function moneyOf(search: MoneySearch & Search, { amount }: Fields): Money {
  const columnOf = (at: number | null | undefined) => (at == null ? null : { at: [at], confidence: 0.9 })
  if (search.settings.mapping.amount !== undefined)
    return { refunded: columnOf(refundedBeside({ ...search, quantity: null }, amount?.at ?? [])) }
  const money = findMoney(search)
  return {
    amount: money && { at: money.amount, confidence: money.confidence },
    debit: columnOf(money?.debit),
    refunded: columnOf(money?.refunded),
    quantity: columnOf(money?.quantity),
  }
}

/** Receipt numbers begin again in each shop; other numbers may, as the rows show. */
function isNumberOfShop(search: Search, fields: Fields, { idScope, isFiscal, isIdSure }: Traits): boolean {
  const { id, till, location } = fields
  if (till || !id || !location || isFiscal || search.settings.mapping.id !== undefined) return false
  return idScope === 'day' || (!isIdSure && isOfShops(search, fields))
}

function traitsOf({ names, settings, facts }: Search, { id }: Fields): Traits {
  const says = (words: RegExp) => id?.at.some((at) => words.test(names[at] ?? '')) ?? false
  const isFiscal =
    id?.at.length === FISCAL.length && FISCAL.every((words, n) => words.test(names[id.at[n] ?? -1] ?? ''))
  const isOrder = id?.at.some((at) => (facts[at]?.share((cell) => ORDER_NUMBER.test(cell)) ?? 0) > 0.5) ?? false
  return {
    isFiscal,
    idScope: settings.mapping.idScope ?? (says(DAILY) && !isFiscal && !isOrder ? 'day' : 'global'),
    isIdSure: says(SURE_ID),
    hasLines: names.some((name) => LINES.test(name)),
  }
}

function columnNamed({ headers, names }: Search, text: string): number {
  const exact = headers.indexOf(text.trim())
  if (exact >= 0) return exact
  const numbered = Number(/^#(\d{1,3})$/.exec(text.trim())?.[1] ?? 0)
  if (numbered > 0 && numbered <= headers.length) return numbered - 1
  const name = normalizeHeader(text)
  const similar = names.findIndex((one) => one === name && one !== '')
  if (similar >= 0) return similar
  throw new CrmError('malformed', { reason: 'column_missing', params: { column: text }, isFinal: true })
}

/** The found mapping by headers, as it can be saved. */
export function mappingOf(
  { columns, idScope }: Pick<Plan, 'columns' | 'idScope'>,
  headers: readonly string[],
): Readonly<Record<string, string | readonly string[]>> {
  const named = Object.entries(columns).map(([field, at]): [string, string | string[]] => {
    const [first = '', ...more] = at.map((column) => headers[column] ?? '')
    return [field, more.length === 0 ? first : [first, ...more]]
  })
  return { ...Object.fromEntries<string | string[]>(named), ...(columns.id && { idScope }) }
}
