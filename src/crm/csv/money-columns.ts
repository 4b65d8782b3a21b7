// Which column of money is what was paid for a sale. By the headers, and by arithmetic over the rows where that says
// more: a sum after a discount comes before the sum without it, a total before its parts. Never by the columns' order.
import { type Asking, askHeader, optionOf } from '#crm/csv/doubts.ts'
import { type ColumnFacts, isEqualWhereBoth } from '#crm/csv/facts.ts'
import { ADJUSTERS, comesTo, FEES, isSumOf, type MoneyColumn } from '#crm/csv/money-arithmetic.ts'
import { multipliedPrice } from '#crm/csv/piece-prices.ts'
import { type MoneyClass, moneyClassOf, type WholeClass } from '#crm/csv/money-headers.ts'

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
/** Taken only where no column of sums stands beside whose header nobody knows. */
const UNSURE: ReadonlySet<MoneyClass> = new Set(['net', 'subtotal', 'price', 'weak'])

/** Null: no column is a sum. */
export function findMoney(search: MoneySearch): MoneyFields | null {
  const columns = moneyColumns(search)
  const of = (...classes: readonly MoneyClass[]) => columns.filter(({ is }) => classes.includes(is))
  const [[came], [went]] = [of('in'), of('out')]
  if (came && went) return { amount: [came.at], debit: went.at, confidence: 0.9 }
  const wholes = columns.filter(isWhole)
  const tenders = [...of('tender'), ...of('in')]
  const sure = bestOf(search, columns, wholes, tenders)
  const best = sure && !UNSURE.has(sure.is) ? sure : amongUnnamed(search, { sure, tenders, columns })
  if (best === 'tenders') {
    const change = changeOf(search, of('change'), tenders)
    return { amount: tenders.map(({ at }) => at), confidence: 0.9, ...(change && { debit: change.at }) }
  }
  if (!best) return null
  const refunded = refundedOf(best, columns)
  const price = priceOf(search, best, columns)
  const voids = voidsOf(search, best, columns)
  return {
    ...{ amount: [price?.at ?? best.at], confidence: confidenceOf(best) },
    ...(refunded && { refunded: refunded.at }),
    ...(voids && { debit: voids.at }),
    ...(price && search.quantity !== null && { quantity: search.quantity }),
  }
}

/** Cash may be what was handed over, of which some was handed back. */
function changeOf({ asking }: MoneySearch, [change]: readonly MoneyColumn[], tenders: readonly MoneyColumn[]) {
  if (!change?.facts.sums().some((sum) => (sum ?? 0) !== 0)) return null
  const answer = asking.ask({
    ...{ code: 'change_given', subject: change.header, params: { column: change.header } },
    columns: [...tenders, change].map(({ header }) => header),
    options: [optionOf('take_off'), optionOf('without')],
  })
  return answer === 'take_off' ? change : null
}

/** The price that is to be multiplied by the quantity. Null: the sum stands by itself. */
function priceOf(
  { headers, facts, quantity, receipts, asking }: MoneySearch,
  best: Whole,
  columns: readonly MoneyColumn[],
) {
  const of = facts[quantity ?? -1]
  if (quantity === null || !of) return null
  if (best.is === 'price') return best
  // The sum of a receipt is not that of its lines.
  if (receipts && !isOfLines(best, receipts) && receipts.some((rows) => rows.length > 1)) return null
  return multipliedPrice({ amount: best, columns, quantity: { header: headers[quantity] ?? '', facts: of }, asking })
}

/** What was given back of an amount that is known. Null: no column says it. */
export function refundedBeside(search: MoneySearch, amount: readonly number[]): number | null {
  const [at, ...others] = amount
  const facts = search.facts[at ?? -1]
  if (at === undefined || !facts || others.length > 0) return null
  const best: MoneyColumn = { at, header: search.headers[at] ?? '', is: 'paid', facts }
  return refundedOf(best, moneyColumns(search))?.at ?? null
}

function moneyColumns({ headers, facts, taken }: MoneySearch): readonly MoneyColumn[] {
  const columns = headers.flatMap((header, at) => {
    const [is, of] = [moneyClassOf(header), facts[at]]
    const isNone = !of || taken.has(at) || (of.filled.length > 0 && of.money() < MONEY_MIN)
    return is === null || isNone ? [] : [{ at, header, is, facts: of }]
  })
  // An account card of 1C has accounts under «Дебет» and «Кредит», and the sums in columns that say so. What came in
  // stands in the debit of an account, and in the credit of a bank's statement.
  const isSide = ({ is }: MoneyColumn) => is === 'in' || is === 'out'
  const isAccount = (one: MoneyColumn) => isSide(one) && !/сумм|amount|\bamt\b/i.test(one.header)
  const sums = columns.filter((one) => isSide(one) && !isAccount(one))
  if (sums.length === 0 || !columns.some(isAccount)) return columns
  const turned = (one: MoneyColumn): MoneyColumn => ({ ...one, is: one.is === 'in' ? 'out' : 'in' })
  return columns.flatMap((one) => (isAccount(one) ? [] : [sums.includes(one) ? turned(one) : one]))
}

const isWhole = (column: MoneyColumn): column is MoneyColumn & { readonly is: WholeClass } => column.is in RANK

function confidenceOf({ is, facts }: MoneyColumn & { readonly is: WholeClass }): number {
  return Math.round((0.6 + RANK[is] * 0.06) * (0.5 + facts.money() / 2) * 100) / 100
}

interface Known {
  readonly sure: Whole | null
  readonly tenders: readonly MoneyColumn[]
  readonly columns: readonly MoneyColumn[]
}

/** What to take where the headers that are known name no total. Arithmetic may tell it; else it is asked. */
function amongUnnamed(search: MoneySearch, { sure, tenders, columns }: Known): Whole | 'tenders' | null {
  const all = search.hasHeader ? unnamedSums(search) : []
  const known = sure ?? (tenders.length > 0 ? 'tenders' : null)
  const isTold = (one: Whole) => isPartSum(one, tenders, all) || (sure && comesTo(sure, one, columns, ADJUSTERS))
  const told = all.filter((one) => isTold(one))
  if (told.length === 1) return told[0] ?? null
  const unnamed = all.filter((one) => hasCents(one) || (sure !== null && isLike(one, sure)))
  if (unnamed.length === 0) return known
  const parts = tenders.map(({ header }) => header).join(' + ')
  const headers = [...(sure ? [sure.header] : known === null ? [] : [parts]), ...unnamed.map(({ header }) => header)]
  const [first = '', ...others] = headers
  const chosen = askHeader(search.asking, 'amount_rivals', [first, ...others])
  return unnamed.find(({ header }) => header === chosen) ?? known ?? unnamed[0] ?? null
}

/** Columns of sums whose headers nobody knows. */
function unnamedSums({ headers, facts, taken }: MoneySearch): readonly Whole[] {
  const found = headers.flatMap((header, at): readonly Whole[] => {
    const of = facts[at]
    const isSum = of !== undefined && of.money() > 0.9
    return !isSum || taken.has(at) || moneyClassOf(header) !== null ? [] : [{ at, header, is: 'weak', facts: of }]
  })
  return found.toSorted((a, b) => (a.header < b.header ? -1 : 1))
}

function hasCents({ facts }: MoneyColumn): boolean {
  return facts.share((cell) => /[.,]\d\d(?!\d)|\p{Sc}/u.test(cell)) > 0.5
}

/** Numbers of goods, guests or receipts are of another size than sums. */
function isLike({ facts }: MoneyColumn, sure: MoneyColumn): boolean {
  const sums = facts.sums()
  const near = sure.facts.sums().flatMap((sum, row) => {
    const other = sums[row] ?? null
    return sum === null || other === null || sum === 0 ? [] : [other / sum > 1 / 3 && other / sum < 3]
  })
  return near.length > 0 && near.filter(Boolean).length > near.length * 0.8
}

/** Means of payment, those whose headers nobody knows among them, come to it. */
function isPartSum(total: Whole, tenders: readonly MoneyColumn[], unnamed: readonly Whole[]): boolean {
  const others = unnamed.filter((one) => one !== total)
  return tenders.length > 0 && (isSumOf(total, tenders) || others.some((one) => isSumOf(total, [...tenders, one])))
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
  const isPayout = (column: Whole, other: Whole) => comesTo(other, column, feesIn(columns), FEES)
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

/** What is below zero beside a fee is taken off by the same payer: the way of goods, too. */
function feesIn(columns: readonly MoneyColumn[]): readonly MoneyColumn[] {
  const hasFees = columns.some(({ is }) => is === 'fee')
  const isTaken = ({ facts }: MoneyColumn) => facts.sums().every((sum) => (sum ?? 0) <= 0)
  return columns.map((one) => (hasFees && one.is === 'shipping' && isTaken(one) ? { ...one, is: 'fee' } : one))
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

/** A column of what was given back, unless the amount is already without it. */
function refundedOf(best: MoneyColumn, columns: readonly MoneyColumn[]): MoneyColumn | undefined {
  return leftIn(best, 'refunded', columns)
}

/** A till's sum of cancelled lines may be in the sum of the sale. */
function voidsOf({ asking }: MoneySearch, best: MoneyColumn, columns: readonly MoneyColumn[]): MoneyColumn | null {
  const found = leftIn(best, 'void', columns)
  if (!found) return null
  const answer = asking.ask({
    ...{ code: 'voids_beside', subject: found.header, params: { column: found.header, amount: best.header } },
    columns: [best.header, found.header],
    options: [optionOf('as_it_is'), optionOf('take_voids_off')],
  })
  return answer === 'take_voids_off' ? found : null
}

/** The column of this class, unless the rows show that the amount is without it. */
function leftIn(best: MoneyColumn, of: MoneyClass, columns: readonly MoneyColumn[]): MoneyColumn | undefined {
  const found = columns.find(({ is, facts }) => is === of && facts.sums().some((sum) => (sum ?? 0) !== 0))
  if (!found) return undefined
  const isWithout = columns.some(
    (other) => isWhole(other) && other !== best && comesTo(other, best, [found], ADJUSTERS),
  )
  return isWithout ? undefined : found
}
