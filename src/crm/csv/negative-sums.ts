// What sums below zero are. A few among many are refunds by their sign. Where they are the greater part, or the file is
// a bank's statement, they may as well be expenses, which only its sender knows.
import type { Deciding } from '#crm/csv/deciding.ts'
import { optionOf } from '#crm/csv/doubts.ts'
import type { Plan } from '#crm/csv/plan.ts'

/** Headers of statements, which tills and shops do not have. */
const BANK =
  /остат|баланс|balance|saldo|\biban\b|\bmcc\b|\bмсс\b|\bbic\b|\bбик\b|контрагент|корреспондент|counterparty|payee|beneficiary|назначение|verwendungszweck|buchungstext|narrative|value date|booking date|дата (?:проводки|обработки)|rachunek|opis operacji|wertstellung|valuta|rekening|libelle/
/** What a statement has as well as other lists. */
const MAYBE_BANK =
  /описание|description|детали|details|memo|reference|категория|category|кэшбэк|cashback|particulars|concepto/
/** Lists of what came in and went out of a till, too. */
const OUTGOINGS = /статья|расход|\biban\b|\bmcc\b|назначение платежа|остаток после|balance after/
/** What no statement has. */
const TILL =
  /чек|касс|receipt|ticket|товар|номенклатур|qty|quantity|количеств|скидк|discount|заказ|order|cashier|налич|cash(?! ?back)|смена|kass|\btip|tax|customer|клиент|product|\bitem/

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
  const has = (words: RegExp) => found.names.some((name) => words.test(name))
  const isBank =
    debit.length > 0 || has(OUTGOINGS) || (!has(TILL) && (has(BANK) || (columns.id === undefined && has(MAYBE_BANK))))
  const areMost = counts.below >= MOST_MIN && counts.below > counts.above
  if (counts.below === 0 || (!isBank && !areMost)) return 'refund'
  const headerOf = (at: number) => table.headers[at] ?? ''
  const column = headerOf(debit[0] ?? amount[0] ?? -1)
  const answer = asking.ask({
    ...{ code: 'negative_sums', ...(debit.length > 0 && { text: 'money_out' }) },
    ...{ columns: [...amount, ...debit].map(headerOf), params: { column, example } },
    options: [optionOf('ignore'), optionOf('refund'), optionOf('sale')],
  })
  return answer === 'sale' || answer === 'refund' ? answer : 'ignore'
}
