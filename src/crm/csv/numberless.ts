// Rows without a number, where the others have one: totals of a day or a shift have a date and no other word.
import type { Deciding } from '#crm/csv/deciding.ts'
import { optionOf } from '#crm/csv/doubts.ts'
import type { Plan } from '#crm/csv/plan.ts'
import { isLabelledTotal } from '#crm/csv/totals.ts'

export function decideNumberless({ table, found, columns, words, asking }: Deciding): Plan['numberless'] {
  const { id = [], date = [], amount = [] } = columns
  if (id.length === 0 || found.rows !== 'sales') return 'sale'
  const sums = amount.map((at) => found.facts[at]?.sums() ?? [])
  const dated = table.rows.slice(0, found.facts[0]?.cells.length ?? 0).map(({ cells, line }, row) => {
    const sum = sums.reduce((all, column) => all + (column[row] ?? 0), 0)
    const isNumbered = id.some((at) => (cells[at] ?? '') !== '')
    // Other totals are left out by their words.
    const isNone = date.every((at) => (cells[at] ?? '') === '') || isLabelledTotal(cells, columns)
    return { line, isNumbered, isNone, sum: words.isRefund(cells) ? -Math.abs(sum) : sum }
  })
  const rows = dated.filter(({ isNone }) => !isNone)
  const totals = rows.filter(({ isNumbered }) => !isNumbered)
  if (totals.length === 0 || totals.length * 2 > rows.length) return 'sale'
  const isTotal = (from: number, step: 1 | -1) => {
    let [at, sum] = [from + step, 0]
    for (; rows[at]?.isNumbered === true; at += step) sum += rows[at]?.sum ?? 0
    return Math.abs(at - from) > 1 && Math.abs(sum - (rows[from]?.sum ?? 0)) <= 1
  }
  const total = rows.findIndex(
    ({ isNumbered, sum }, at) => !isNumbered && sum !== 0 && (isTotal(at, 1) || isTotal(at, -1)),
  )
  const first = rows[total]
  if (!first) return 'sale'
  const column = id.map((at) => table.headers[at] ?? '').join('», «')
  const answer = asking.ask({
    ...{ code: 'numberless_totals', columns: [column], params: { line: String(first.line), column } },
    options: [optionOf('skip'), optionOf('sale')],
  })
  return answer === 'sale' ? 'sale' : 'skip'
}
