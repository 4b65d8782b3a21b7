// Sides of a comparison take turns within one run, so that whatever else the machine does strikes all of them; what is
// reported is how they relate, with the spread.

export interface Spread {
  readonly min: number
  readonly median: number
  readonly max: number
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)] ?? Number.NaN
  return { min: at(0), median: at(0.5), max: at(1) }
}

/** Round by round `a / b`: neighbours in time are compared, not averages over the whole run. */
export function ratios(a: readonly number[], b: readonly number[]): Spread {
  return spreadOf(a.map((value, round) => value / (b[round] ?? Number.NaN)))
}

export interface Line {
  readonly name: string
  readonly value: Spread
  readonly unit: string
  /** Null: told for information. */
  readonly budget: { readonly kind: 'least' | 'most'; readonly value: number } | null
}

export function isKept({ budget, value }: Line): boolean {
  if (!budget) return true
  return budget.kind === 'least' ? value.median >= budget.value : value.median <= budget.value
}

const digits = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2))

export function print(lines: readonly Line[]): void {
  const rows = lines.map((line) => {
    const { min, median, max } = line.value
    const budget = line.budget ? `${line.budget.kind === 'least' ? '≥' : '≤'} ${line.budget.value}` : ''
    const verdict = line.budget ? (isKept(line) ? 'kept' : 'MISSED') : ''
    return [line.name, digits(min), digits(median), digits(max), line.unit, budget, verdict]
  })
  const table = [['what', 'min', 'median', 'max', '', 'budget', ''], ...rows]
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? []
  for (const row of table)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
  for (const line of lines) console.log(JSON.stringify({ ...line, kept: isKept(line) }))
}
