// A sum in two columns: whole units in one, kopecks or cents in the other.
import type { ColumnFacts } from '#crm/csv/facts.ts'
import { wordsOf } from '#crm/csv/fold.ts'
import { moneyClassOf } from '#crm/csv/money-headers.ts'
import type { Search } from '#crm/csv/search.ts'

const CENTS =
  /^(?:(?:сумма|сума|amount) )?(?:коп(?:еек|ейки|ійки|ійок)?|тиын|тийин|kopecks?|kopeks?|cents?|centimes?|centavos?|centimos?)$/
const WHOLE = /^[-−]?\d[\d\s]*$/

/** Null: no column has them, or no column beside it has whole units. */
export function findCents({ headers, facts, taken }: Search): number | null {
  const at = headers.findIndex((header, column) => {
    const of = facts[column]
    return of && !taken.has(column) && CENTS.test(wordsOf(header).join(' ')) && isCents(of)
  })
  const isBeside = headers.some(
    (header, column) => column !== at && moneyClassOf(header) !== null && isWhole(facts[column]),
  )
  return at >= 0 && isBeside ? at : null
}

/** Whether no cell of the sum has decimals of its own. */
export function isWhole(of: ColumnFacts | undefined): boolean {
  return of !== undefined && of.filled.length > 0 && of.filled.every((cell) => WHOLE.test(cell))
}

function isCents({ filled }: ColumnFacts): boolean {
  return filled.some((cell) => Number(cell) !== 0) && filled.every((cell) => /^\d{1,2}$/.test(cell))
}
