import type { components } from '#client/schema.ts'
import type { SalesFilter } from './filter.ts'

type SummaryItem = components['schemas']['TransactionSummary']['items'][number]

export interface Totals {
  readonly currency: string
  /** Paid sales, and what was given back of them. */
  readonly sales: Sum
  readonly refunds: Sum
  /** Both together. */
  readonly netMinor: number
  readonly unpaid: Sum
  readonly cancelled: Sum
}

interface Sum {
  readonly count: number
  readonly amountMinor: number
}

/** One for each currency, the one with the most money first. Only what the filter lets through counts. */
export function totalsOf(items: readonly SummaryItem[], { status, kind }: SalesFilter): readonly Totals[] {
  const counted = items.filter(
    (item) => (status === null || item.status === status) && (kind === null || item.kind === kind),
  )
  return [...Map.groupBy(counted, ({ currency }) => currency)]
    .map(([currency, own]) => totalsIn(currency, own))
    .toSorted((a, b) => Math.abs(b.netMinor) - Math.abs(a.netMinor))
}

export function totalsIn(currency: string, items: readonly SummaryItem[]): Totals {
  const sum = (isCounted: (item: SummaryItem) => boolean): Sum =>
    items.filter(isCounted).reduce(
      (total, { count, amountMinor }) => ({
        count: total.count + count,
        amountMinor: total.amountMinor + amountMinor,
      }),
      { count: 0, amountMinor: 0 },
    )
  const sales = sum(({ status, kind }) => status === 'paid' && kind === 'sale')
  const refunds = sum(({ status, kind }) => status === 'paid' && kind === 'refund')
  return {
    ...{ currency, sales, refunds, netMinor: sales.amountMinor + refunds.amountMinor },
    unpaid: sum(({ status }) => status === 'unpaid'),
    cancelled: sum(({ status }) => status === 'cancelled'),
  }
}
