// Which column of money is what was paid for a sale. By the headers, and by arithmetic over the rows where that says
// more: a sum after a discount comes before the sum without it, a total before its parts. Never by the order of columns.
import { type Asking, askHeader } from '#crm/csv/doubts.ts'
import { type ColumnFacts, isEqualWhereBoth } from '#crm/csv/facts.ts'
import { type MoneyClass, moneyClassOf, type WholeClass } from '#crm/csv/money-headers.ts'

export interface MoneyColumn {
  readonly at: number
  readonly header: string
  readonly is: MoneyClass
  readonly facts: ColumnFacts
}

export interface MoneyFields {
  /** Several add up: means of payment. */
  readonly amount: readonly number[]
  readonly confidence: number
  readonly debit?: number
  readonly refunded?: number
  /** The amount is the price of a piece. */
  readonly quantity?: number
}

export interface MoneySearch {
  readonly headers: readonly string[]
  readonly facts: readonly ColumnFacts[]
  /** Columns that are known to be something else. */
  readonly taken: ReadonlySet<number>
  /** Of goods in lines, where there is one. */
  readonly quantity: number | null
  /** Rows of the same receipt; null where each row is a sale. */
  readonly receipts: readonly (readonly number[])[] | null
  readonly asking: Asking
  readonly hasHeader: boolean
}

const MONEY_MIN = 0.5
const RANK: Readonly<Record<WholeClass, number>> = {
  ...{ paid: 6, total: 5, plain: 4, net: 3, line: 3, weak: 2, price: 1.5, subtotal: 1 },
}
/** Sums of these classes that differ, and no other column says why, are rivals. */
const RIVALS: ReadonlySet<MoneyClass> = new Set(['paid', 'total', 'plain'])
const ROWS_COMPARED = 300

/** Null: no column is a sum. */
export function findMoney(search: MoneySearch): MoneyFields | null {
  const columns = moneyColumns(search)
  const of = (...classes: readonly MoneyClass[]) => columns.filter(({ is }) => classes.includes(is))
  const [[came], [went]] = [of('in'), of('out')]
  if (came && went) return { amount: [came.at], debit: went.at, confidence: 0.9 }
  const wholes = columns.filter(isWhole)
  const tenders = [...of('tender'), ...of('in')]
  const sure = bestOf(search, columns, wholes, tenders)
  if (!sure && tenders.length > 0) return { amount: tenders.map(({ at }) => at), confidence: 0.9 }
  const best = sure && RANK[sure.is] > RANK.weak ? sure : amongUnnamed(search, sure)
  if (!best) return null
  const refunded = refundedOf(best, columns)
  const isPrice = best.is === 'price' && search.quantity !== null
  return {
    ...{ amount: [best.at], confidence: confidenceOf(best) },
    ...(refunded && { refunded: refunded.at }),
    ...(isPrice && search.quantity !== null && { quantity: search.quantity }),
  }
}

function moneyColumns({ headers, facts, taken }: MoneySearch): readonly MoneyColumn[] {
  const columns = headers.flatMap((header, at) => {
    const [is, of] = [moneyClassOf(header), facts[at]]
    const isNone = !of || taken.has(at) || (of.filled.length > 0 && of.money() < MONEY_MIN)
    return is === null || isNone ? [] : [{ at, header, is, facts: of }]
  })
  // An account card of 1C has accounts under «Дебет» and «Кредит», and the sums in columns that say so.
  const isSide = ({ is }: MoneyColumn) => is === 'in' || is === 'out'
  const saysSum = ({ header }: MoneyColumn) => /сумм|amount|\bamt\b/i.test(header)
  return columns.some((one) => isSide(one) && saysSum(one))
    ? columns.filter((one) => !isSide(one) || saysSum(one))
    : columns
}

const isWhole = (column: MoneyColumn): column is MoneyColumn & { readonly is: WholeClass } => column.is in RANK

function confidenceOf({ is, facts }: MoneyColumn & { readonly is: WholeClass }): number {
  return Math.round((0.6 + RANK[is] * 0.06) * (0.5 + facts.money() / 2) * 100) / 100
}

/** No header says which column the sum is: it is asked, unless there is nothing but a likely one. */
function amongUnnamed({ headers, facts, taken, asking, hasHeader }: MoneySearch, likely: Whole | null): Whole | null {
  if (!hasHeader) return likely
  const unnamed = headers.flatMap((header, at): readonly Whole[] => {
    const of = facts[at]
    const isSum = of && of.money() > 0.9 && of.share((cell) => /[.,]\d\d(?!\d)|\p{Sc}/u.test(cell)) > 0.5
    return !isSum || taken.has(at) || moneyClassOf(header) !== null ? [] : [{ at, header, is: 'weak', facts: of }]
  })
  const all = [...(likely ? [likely] : []), ...unnamed.toSorted((a, b) => (a.header < b.header ? -1 : 1))]
  const [first, ...others] = all
  if (!first || unnamed.length === 0) return likely
  const chosen = askHeader(asking, 'amount_rivals', [first.header, ...others.map(({ header }) => header)])
  return all.find(({ header }) => header === chosen) ?? first
}

type Whole = MoneyColumn & { readonly is: WholeClass }

function bestOf(
  { asking, receipts }: MoneySearch,
  columns: readonly MoneyColumn[],
  wholes: readonly Whole[],
  tenders: readonly MoneyColumn[],
): Whole | null {
  const rankOf = (column: Whole) => RANK[column.is] - (receipts && isOfLines(column, receipts) ? 2 : 0)
  const sorted = filledOnes(wholes, receipts).toSorted(
    (a, b) => rankOf(b) - rankOf(a) || (a.header < b.header ? -1 : 1),
  )
  const countOf = ({ facts }: Whole) => facts.filled.length
  const unlike = sorted.filter(
    (column, index) =>
      !sorted.some(
        (one, at) =>
          isEqualWhereBoth(one.facts, column.facts) &&
          (countOf(one) > countOf(column) || (countOf(one) === countOf(column) && at < index)),
      ),
  )
  const isBefore = (column: Whole, other: Whole) =>
    RANK[other.is] > RANK.price && comesTo(column, other, columns, ADJUSTERS)
  // What is left of a sum without its fee is a payout.
  const isPayout = (column: Whole, other: Whole) => comesTo(other, column, columns, FEES)
  const last = unlike.filter(
    (column) => !unlike.some((other) => other !== column && (isBefore(column, other) || isPayout(column, other))),
  )
  const proven = last.filter((column) => isSumOf(column, tenders))
  const [best, ...others] = proven.length > 0 ? proven : last
  if (!best) return null
  const rivals = others.filter(
    (other) => RIVALS.has(other.is) && RIVALS.has(best.is) && rankOf(best) - rankOf(other) <= 1,
  )
  if (rivals.length === 0) return best
  const chosen = askHeader(asking, 'amount_rivals', [best.header, ...rivals.map(({ header }) => header)])
  return rivals.find(({ header }) => header === chosen) ?? best
}

/** Without columns that are empty, or zero throughout, beside others that are not. */
function filledOnes(wholes: readonly Whole[], receipts: MoneySearch['receipts']): readonly Whole[] {
  const most = Math.max(...wholes.map(({ facts }) => facts.filled.length))
  const isUsed = ({ facts }: Whole) => facts.filled.length * (receipts ? 20 : 2) > most
  const isZero = ({ facts }: Whole) => facts.sums().every((sum) => sum === null || sum === 0)
  if (most === 0) return wholes
  const used = wholes.filter((column) => column.facts.filled.length > 0 && isUsed(column))
  return used.some((column) => !isZero(column)) ? used.filter((column) => !isZero(column)) : used
}

/** The lines of a receipt have sums of their own in it. */
function isOfLines({ facts }: MoneyColumn, receipts: readonly (readonly number[])[]): boolean {
  const sums = facts.sums()
  return receipts.some((rows) => new Set(rows.flatMap((row) => sums[row] ?? [])).size > 1)
}

const TAKEN_OFF: ReadonlySet<MoneyClass> = new Set(['discount', 'refunded', 'fee'])
const ADJUSTERS: ReadonlySet<MoneyClass> = new Set(['discount', 'refunded', 'tax', 'shipping', 'tip'])
const FEES: ReadonlySet<MoneyClass> = new Set(['fee'])
const ADJUSTERS_MAX = 6

/** Whether discounts, taxes and the like lead from one sum to the other in all rows. */
function comesTo(
  before: MoneyColumn,
  after: MoneyColumn,
  columns: readonly MoneyColumn[],
  by: ReadonlySet<MoneyClass>,
): boolean {
  const adjusters = columns
    .filter(({ is, facts }) => by.has(is) && facts.sums().some((sum) => (sum ?? 0) !== 0))
    .slice(0, ADJUSTERS_MAX)
  const [from, to] = [before.facts.sums().slice(0, ROWS_COMPARED), after.facts.sums()]
  for (let subset = 1; subset < 2 ** adjusters.length; subset += 1) {
    const used = adjusters.filter((_, index) => (subset >> index) % 2 === 1)
    const signed = used.map(({ is, facts }) => ({ sums: facts.sums(), sign: TAKEN_OFF.has(is) ? -1 : 1 }))
    const changes = (row: number) =>
      signed.reduce((all, { sums, sign }) => all + (sign < 0 ? -Math.abs(sums[row] ?? 0) : (sums[row] ?? 0)), 0)
    if (isInAll(from, (sum, row) => isNear(sum + changes(row), to[row] ?? null))) return true
  }
  return false
}

/** The means of payment come to it. */
function isSumOf({ facts }: MoneyColumn, parts: readonly MoneyColumn[]): boolean {
  const sums = parts.map((part) => part.facts.sums())
  const all = (row: number) => sums.reduce((sum, column) => sum + (column[row] ?? 0), 0)
  return parts.length > 0 && isInAll(facts.sums().slice(0, ROWS_COMPARED), (sum, row) => isNear(sum, all(row)))
}

function isInAll(sums: readonly (number | null)[], fits: (sum: number, row: number) => boolean): boolean {
  return sums.some((sum) => sum !== null) && sums.every((sum, row) => sum === null || fits(sum, row))
}

function isNear(one: number, other: number | null): boolean {
  return other !== null && Math.abs(one - other) <= 1
}

/** A column of what was given back, unless the amount is already without it. */
function refundedOf(best: MoneyColumn, columns: readonly MoneyColumn[]): MoneyColumn | undefined {
  const found = columns.find(({ is, facts }) => is === 'refunded' && facts.sums().some((sum) => (sum ?? 0) !== 0))
  if (!found) return undefined
  const isWithout = columns.some(
    (other) => isWhole(other) && other !== best && comesTo(other, best, [found], ADJUSTERS),
  )
  return isWithout ? undefined : found
}
