// Rows that are labelled as totals and have a date, so that they look like sales. One that comes to the rows above it
// is a total; one that does not may be a sale of a customer with that name.
import { type Asking, optionOf } from '#crm/csv/doubts.ts'
import type { ColumnFacts } from '#crm/csv/facts.ts'
import type { Plan } from '#crm/csv/plan.ts'
import type { SampleRow } from '#crm/csv/table.ts'
import { isTotals } from '#crm/csv/words.ts'

/** A cell with this word alone. */
const ALONE = /^\s*(?:итого|всего|total|разом|усього|всього|барлығы|жиыны|razem|summe|gesamt)\s*:?\s*$/i
const ALONE_LENGTH_MAX = 20
/** Digits, signs and quotes come before the letters. */
const LETTERS_FROM = 65

/** By its id, by any text of a row without an id, or by a cell that says nothing else. */
export function isLabelledTotal(cells: readonly string[], { id = [] }: Plan['columns']): boolean {
  let isNumbered = false
  for (const at of id) {
    const number = cells[at] ?? ''
    if (number.trim() === '') continue
    isNumbered = true
    if (!(number.charCodeAt(0) < LETTERS_FROM) && isTotals(number.trim())) return true
  }
  return cells.some((cell) => {
    if (cell === '' || cell.charCodeAt(0) < LETTERS_FROM) return false
    return (!isNumbered && isTotals(cell.trim())) || (cell.length < ALONE_LENGTH_MAX && ALONE.test(cell))
  })
}

interface Totalled {
  readonly rows: readonly SampleRow[]
  readonly facts: readonly ColumnFacts[]
  readonly columns: Plan['columns']
  readonly asking: Asking
  /** Whether a row gives money back. */
  readonly isRefund: (cells: readonly string[]) => boolean
}

/** `reject`: there is none in the sample, so that one further down would be a surprise. */
export function decideTotals({ rows, facts, columns, asking, isRefund }: Totalled): Plan['totals'] {
  const { date = [], amount = [] } = columns
  const sums = amount.map((at) => facts[at]?.sums() ?? [])
  const above = { last: createSum(), all: createSum(), days: new Map<string, Sum>() }
  let found: Plan['totals'] = 'reject'
  for (const [index, { cells, line }] of rows.slice(0, facts[0]?.cells.length ?? 0).entries()) {
    const sum = sums.reduce((all, column) => all + (column[index] ?? 0), 0)
    const day = cells[date[0] ?? -1]?.split(/[ T]/)[0] ?? ''
    const ofDay = above.days.get(day) ?? createSum()
    if (!isLabelledTotal(cells, columns)) {
      for (const part of [above.last, above.all, ofDay]) part.add(sum, isRefund(cells))
      above.days.set(day, ofDay)
      continue
    }
    if (day === '') continue
    if (![above.last, above.all, ofDay].some((part) => part.is(sum))) {
      const example = cells.find((cell) => isTotals(cell)) ?? ''
      const params = { line: String(line), example }
      const answer = asking.ask({
        ...{ code: 'looks_like_totals', columns: [], params, options: [optionOf('skip'), optionOf('sale')] },
      })
      return answer === 'sale' ? 'sale' : 'skip'
    }
    found = 'skip'
    above.last = createSum()
  }
  return found
}

interface Sum {
  readonly add: (sum: number, isRefund: boolean) => void
  /** With or without the refunds taken off. */
  readonly is: (sum: number) => boolean
}

function createSum(): Sum {
  let [count, plain, net] = [0, 0, 0]
  return {
    add: (sum, isRefund) => {
      count += 1
      plain += sum
      net += isRefund ? -Math.abs(sum) : sum
    },
    is: (sum) => count > 0 && (Math.abs(sum - plain) <= 1 || Math.abs(sum - net) <= 1),
  }
}
