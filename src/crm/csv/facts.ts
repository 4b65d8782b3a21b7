// What the cells of each column hold, counted once over the first rows of the sample and only where it is asked for.
import { readDate, readTime } from '#crm/csv/dates.ts'
import { decimalMarkOf, decimalOf, isSum } from '#crm/csv/money.ts'
import type { SampleRow } from '#crm/csv/table.ts'
import { normalizePhone } from '#lib/phone.ts'

/** Thousands show what a column holds; more would only take longer. */
const ROWS_COUNTED = 2000
/** Where each cell takes long, or a few say it. */
const CELLS_TRIED = 200

export interface ColumnFacts {
  /** One for each row, empty ones too. */
  readonly cells: readonly string[]
  readonly filled: readonly string[]
  /** Shares of the filled cells, 0 where there are none. */
  readonly money: () => number
  readonly dates: () => number
  readonly times: () => number
  /** Numbers without a country are of this one. */
  readonly phones: (callingCode: string) => number
  readonly distinct: () => number
  readonly share: (fits: (cell: string) => boolean) => number
  /** Hundredths, so that they can be compared; null for empty cells and what is no sum. */
  readonly sums: () => readonly (number | null)[]
}

/** By the rows, since each answer to a question is tried on the same ones. */
const factsCache = new WeakMap<readonly SampleRow[], readonly ColumnFacts[]>()

export function factsOf(rows: readonly SampleRow[], width: number): readonly ColumnFacts[] {
  const known = factsCache.get(rows)
  if (known?.length === width) return known
  const counted = rows.slice(0, ROWS_COUNTED)
  const facts = Array.from({ length: width }, (_, at) => columnFacts(counted.map(({ cells }) => cells[at] ?? '')))
  factsCache.set(rows, facts)
  return facts
}

function columnFacts(cells: readonly string[]): ColumnFacts {
  const filled = cells.filter((cell) => cell !== '')
  const tried = filled.slice(0, CELLS_TRIED)
  const phones = new Map<string, number>()
  const share = (fits: (cell: string) => boolean) => (tried.length === 0 ? 0 : tried.filter(fits).length / tried.length)
  return {
    cells,
    filled,
    share,
    money: once(() => share(isSum)),
    dates: once(() => share((cell) => readDate(cell, 'dmy') !== null || readDate(cell, 'mdy') !== null)),
    times: once(() => share((cell) => readTime(cell) !== null)),
    phones: (callingCode) => {
      const known = phones.get(callingCode) ?? share((cell) => normalizePhone(cell, callingCode) !== null)
      phones.set(callingCode, known)
      return known
    },
    distinct: once(() => (filled.length === 0 ? 0 : new Set(filled).size / filled.length)),
    sums: once(() => {
      const mark = decimalMarkOf(filled)
      return cells.map((cell) => hundredths(cell, mark ?? ','))
    }),
  }
}

function hundredths(cell: string, mark: '.' | ','): number | null {
  const decimal = cell === '' ? null : decimalOf(cell, mark)
  return decimal === null ? null : Math.round(Number(decimal) * 100)
}

function once<T>(find: () => T): () => T {
  let found: { readonly value: T } | null = null
  return () => (found ??= { value: find() }).value
}

/** Whether two columns have the same sum wherever both have one, and there are such rows. */
export function isEqualWhereBoth(one: ColumnFacts, other: ColumnFacts): boolean {
  const [a, b] = [one.sums(), other.sums()]
  const both = a.flatMap((sum, row) => (sum === null || b[row] == null ? [] : [sum === b[row]]))
  return both.length > 0 && both.every(Boolean)
}

/** Whether two columns say the same in all rows, as sums or as texts. */
export function isEqual(one: ColumnFacts, other: ColumnFacts): boolean {
  const [a, b] = [one.sums(), other.sums()]
  return one.cells.every((cell, row) => cell === other.cells[row] || (a[row] !== null && a[row] === b[row]))
}
