// What arithmetic over the rows says of columns of sums: which is before a discount and which after it, and which is
// the whole of which parts.
import type { ColumnFacts } from '#crm/csv/facts.ts'
import type { MoneyClass } from '#crm/csv/money-headers.ts'

export interface MoneyColumn {
  readonly at: number
  readonly header: string
  readonly is: MoneyClass
  readonly facts: ColumnFacts
}

const ROWS_COMPARED = 300
const TAKEN_OFF: ReadonlySet<MoneyClass> = new Set(['discount', 'void', 'refunded', 'fee'])
export const ADJUSTERS: ReadonlySet<MoneyClass> = new Set(['discount', 'void', 'refunded', 'tax', 'shipping', 'tip'])
export const FEES: ReadonlySet<MoneyClass> = new Set(['fee'])
const ADJUSTERS_MAX = 6

/** Whether discounts, taxes and the like lead from one sum to the other in all rows. */
export function comesTo(
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
export function isSumOf({ facts }: MoneyColumn, parts: readonly MoneyColumn[]): boolean {
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
