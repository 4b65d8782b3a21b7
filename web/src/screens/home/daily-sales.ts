// The sums of a summary, by day: a chart needs the days without sales too, and one currency at a time.
import type { components } from '#client/schema.ts'

type SummaryItem = components['schemas']['TransactionSummary']['items'][number]

export interface DailySales {
  readonly day: string
  /** Paid sales less refunds, in minor units. */
  readonly amountMinor: number
  /** Paid sales. */
  readonly sales: number
  readonly refunds: number
}

export interface Sales {
  readonly currency: string
  readonly days: readonly DailySales[]
  /** There are sales in further currencies. */
  readonly hasOthers: boolean
}

/** `days` are all days to show, oldest first. The currency with the most sales; null where nothing was sold. */
export function dailySales(items: readonly SummaryItem[], days: readonly string[]): Sales | null {
  const paid = items.filter(({ status }) => status === 'paid')
  const currency = mainCurrency(paid)
  if (currency === null) return null
  const byDay = new Map(days.map((day) => [day, { day, amountMinor: 0, sales: 0, refunds: 0 }]))
  for (const item of paid) {
    const sum = byDay.get(item.period)
    if (!sum || item.currency !== currency) continue
    sum.amountMinor += item.amountMinor
    sum[item.kind === 'sale' ? 'sales' : 'refunds'] += item.count
  }
  return { currency, days: [...byDay.values()], hasOthers: paid.some((item) => item.currency !== currency) }
}

function mainCurrency(items: readonly SummaryItem[]): string | null {
  const counts = new Map<string, number>()
  for (const { currency, count } of items) counts.set(currency, (counts.get(currency) ?? 0) + count)
  const [first] = [...counts].toSorted(([, a], [, b]) => b - a)
  return first?.[0] ?? null
}
