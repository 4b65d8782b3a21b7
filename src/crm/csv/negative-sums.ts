// What sums below zero are. A few among many are refunds by their sign. Where they are the greater part, or the file is
// a bank's statement, they may as well be expenses, which only its sender knows.
import type { Deciding } from '#crm/csv/decide.ts'
import { optionOf } from '#crm/csv/doubts.ts'
import type { Plan } from '#crm/csv/plan.ts'

/** Headers of statements, which tills and shops do not have. */
const BANK =
  /^(?:описание|назначение.*|детали.*|основание|контрагент|корреспондент|остаток.*|баланс.*|mcc|мсс|description|details|balance.*|running balance|payee|counterparty|memo|reference|narrative|particulars|категория|кэшбэк|cashback|бик|инн.*|счет.*|дата проводки|value date|booking date)$/

/** One or two rows have no greater part. */
const MOST_MIN = 3

export function decideNegative({ table, settings, found, columns, words, asking }: Deciding): Plan['negative'] {
  if (settings.negative) return settings.negative
  const { amount = [], debit = [] } = columns
  const sums = amount.map((at) => found.facts[at]?.sums() ?? [])
  const outs = debit.map((at) => found.facts[at]?.sums() ?? [])
  const counts = { below: 0, above: 0 }
  let example = ''
  for (const [row, { cells }] of table.rows.slice(0, found.facts[0]?.cells.length ?? 0).entries()) {
    const all = (columnsOf: readonly (readonly (number | null)[])[]) =>
      columnsOf.reduce((sum, column) => sum + (column[row] ?? 0), 0)
    const sum = (all(sums) - Math.abs(all(outs))) * (settings.sign === 'inverted' ? -1 : 1)
    if (sum > 0) counts.above += 1
    if (sum >= 0 || words.saysKind(cells)) continue
    counts.below += 1
    example ||= [...debit, ...amount].map((at) => cells[at] ?? '').find((cell) => cell !== '') ?? ''
  }
  const isBank = debit.length > 0 || found.names.some((name) => BANK.test(name))
  const areMost = counts.below >= MOST_MIN && counts.below > counts.above
  if (counts.below === 0 || (!isBank && !areMost)) return 'refund'
  const headers = [...amount, ...debit].map((at) => table.headers[at] ?? '')
  const answer = asking.ask({
    ...{ code: 'negative_sums', columns: headers, params: { column: headers.join('», «'), example } },
    options: [optionOf('ignore'), optionOf('refund'), optionOf('sale')],
  })
  return answer === 'sale' || answer === 'refund' ? answer : 'ignore'
}
