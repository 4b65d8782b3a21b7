// The search for the columns of a file: what it goes by, and which columns may be a field.
import { contentScore } from '#crm/csv/column-fits.ts'
import type { Asking } from '#crm/csv/doubts.ts'
import type { ColumnFacts } from '#crm/csv/facts.ts'
import type { Plan } from '#crm/csv/plan.ts'
import type { Settings } from '#crm/csv/settings.ts'
import { type Field, headerScore } from '#crm/csv/words.ts'

export interface Column {
  /** Columns from 0. An id, an amount and a kind may have several; of dates the first that is filled counts. */
  readonly at: readonly number[]
  /** 0 to 1; 1 for columns that the settings name. */
  readonly confidence: number
}

export type Fields = Partial<Readonly<Record<Field, Column>>>

/** What the search for columns goes by. */
export interface Search {
  readonly headers: readonly string[]
  /** Normalized. */
  readonly names: readonly string[]
  readonly facts: readonly ColumnFacts[]
  readonly settings: Settings
  readonly asking: Asking
  readonly taken: Set<number>
  /** Columns without names are found by nothing: the settings have to name them. */
  readonly hasHeader: boolean
}

export interface Traits extends Pick<Plan, 'idScope' | 'isIdSure' | 'isFiscal'> {
  readonly hasLines: boolean
}

const CONFIDENCE_MIN = 0.35

/** The columns that may be a field, the likeliest first; equally likely ones by their headers. */
export function candidatesFor({ headers, names, facts, settings, taken }: Search, field: Field) {
  const scored = names.flatMap((name, at) => {
    const [byName, of] = [taken.has(at) ? 0 : headerScore(name, field), facts[at]]
    const score = of ? Math.round(byName * contentScore(field, of, settings) * 100) / 100 : 0
    return score < CONFIDENCE_MIN || !of ? [] : [{ at, header: headers[at] ?? '', name, score, facts: of }]
  })
  return scored.toSorted((a, b) => b.score - a.score || (a.header < b.header ? -1 : 1))
}

export function bestOf(search: Search, field: Field): Column | null {
  const [best] = candidatesFor(search, field)
  return best ? { at: [best.at], confidence: best.score } : null
}
