// Sides of a comparison take turns within one run, so that whatever else the machine does slows all of them; what is
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

/** A figure that is reckoned, not measured round by round. */
export const valueOf = (value: number): Spread => ({ min: value, median: value, max: value })

/** Round by round `a / b`: neighbours in time are compared, not averages over the whole run. */
export function ratios(a: readonly number[], b: readonly number[]): Spread {
  return spreadOf(a.map((value, round) => value / (b[round] ?? Number.NaN)))
}

/** The sides in the order of a round: every other round begins with the last. */
export function orderOf<Side>(sides: readonly Side[], round: number): readonly Side[] {
  return round % 2 === 0 ? sides : sides.toReversed()
}

/** What each side gives, round by round. The first round, of number 0, warms up all of them and does not count. */
export async function interleave<Name extends string, Value>(
  rounds: number,
  sides: Readonly<Record<Name, (round: number) => Promise<Value>>>,
): Promise<Record<Name, Value[]>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of `sides`
  const names = Object.keys(sides) as Name[]
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  const values = Object.fromEntries(names.map((name) => [name, [] as Value[]])) as Record<Name, Value[]>
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of orderOf(names, round)) {
      const value = await sides[name](round)
      if (round > 0) values[name].push(value)
    }
  }
  return values
}

/** Milliseconds. */
export async function timed(act: () => unknown): Promise<number> {
  const startedAt = performance.now()
  await act()
  return performance.now() - startedAt
}

export interface Line {
  readonly name: string
  readonly value: Spread
  readonly unit: string
  /** Null: for information. */
  readonly budget: { readonly kind: 'least' | 'most'; readonly value: number } | null
}

export function isKept({ budget, value }: Line): boolean {
  if (!budget) return true
  return budget.kind === 'least' ? value.median >= budget.value : value.median <= budget.value
}

/** Something was measured, whatever it was. */
export function isMeasured({ value: { min, median, max } }: Line): boolean {
  return [min, median, max].every((value) => Number.isFinite(value) && value >= 0)
}

const digits = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2))

/** A table for people, then a line of JSON for each. */
export function print(lines: readonly Line[]): void {
  const rows = lines.map((line) => {
    const { min, median, max } = line.value
    const budget = line.budget ? `${line.budget.kind === 'least' ? '≥' : '≤'} ${line.budget.value}` : ''
    const result = line.budget ? (isKept(line) ? 'kept' : 'MISSED') : ''
    return [line.name, digits(min), digits(median), digits(max), line.unit, budget, result]
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
