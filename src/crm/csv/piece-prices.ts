// A price and a quantity beside a sum: where they do not come to it, and no discount says why, the sum may be that of
// one piece.
import { type Asking, optionOf } from '#crm/csv/doubts.ts'
import type { ColumnFacts } from '#crm/csv/facts.ts'
import { decimalOf } from '#crm/csv/money.ts'
import { ADJUSTERS, type MoneyColumn } from '#crm/csv/money-arithmetic.ts'

/** Cards of regulars and rounded weights change a few sums; more of them need a word. */
const OTHERS_SHARE_MAX = 0.1
const ROWS_COMPARED = 300

interface Priced {
  readonly amount: MoneyColumn
  readonly columns: readonly MoneyColumn[]
  readonly quantity: { readonly header: string; readonly facts: ColumnFacts }
  readonly asking: Asking
}

/** The column of prices, where they are to be multiplied. */
export function multipliedPrice({ amount, columns, quantity, asking }: Priced): MoneyColumn | null {
  const [price, ...others] = columns.filter(({ is, at }) => is === 'price' && at !== amount.at)
  const isExplained = columns.some(({ is, facts }) => ADJUSTERS.has(is) && facts.sums().some((sum) => (sum ?? 0) !== 0))
  if (!price || others.length > 0 || isExplained) return null
  const [sums, prices] = [amount.facts.sums(), price.facts.sums()]
  let [rows, differ] = [0, 0]
  for (const [row, sum] of sums.slice(0, ROWS_COMPARED).entries()) {
    const one = prices[row] ?? null
    const count = Math.abs(Number(decimalOf(quantity.facts.cells[row] ?? '', ',') ?? Number.NaN))
    if (sum === null || one === null || !Number.isFinite(count)) continue
    rows += 1
    // Weights are shown rounded.
    if (Math.abs(Math.abs(sum) - Math.abs(one) * count) > 1 + Math.abs(one) * 0.001) differ += 1
  }
  if (differ <= rows * OTHERS_SHARE_MAX) return null
  const params = { column: amount.header, price: price.header, quantity: quantity.header }
  const answer = asking.ask({
    ...{ code: 'price_quantity', subject: amount.header, params },
    columns: [amount.header, price.header, quantity.header],
    options: [optionOf('as_it_is'), optionOf('multiply')],
  })
  return answer === 'multiply' ? price : null
}
