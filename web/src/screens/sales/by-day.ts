import type { components } from '#client/schema.ts'

type Transaction = components['schemas']['Transaction']

export interface SalesDay {
  readonly day: string
  readonly sales: readonly Transaction[]
}

/** A list that is newest first, cut at the days of the business. */
export function byDay(sales: readonly Transaction[], toDay: (instant: string) => string): readonly SalesDay[] {
  const days = Map.groupBy(sales, ({ occurredAt }) => toDay(occurredAt))
  return [...days].map(([day, sales]) => ({ day, sales }))
}
