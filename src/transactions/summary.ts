// Sales by day, week or month on the business's calendar. The periods are made here, by the same rules of zones as
// everywhere else, and the database only sorts the sales into them.
import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { businessZone, CalendarMoment, dayStart, inZone } from '#businesses/period.ts'
import { TRANSACTION_KINDS, TRANSACTION_STATUSES } from '#crm/contract.ts'
import { arrayOf } from '#db/array.ts'
import { matches } from '#db/filter.ts'
import { isVisible, type TenantScope } from '#db/tenant.ts'
import { Problem } from '#lib/errors.ts'
import { addDays, localDate } from '#lib/time.ts'
import { CONDITIONS, TransactionFilter } from '#transactions/filter.ts'

/** A year and a month: the same season of two years fits into one answer. */
export const RANGE_DAYS_MAX = 400

export const SummarizeTransactions = z.strictObject({
  from: CalendarMoment.meta({ description: 'The first day, or a time: `occurredAt` at or after it.' }),
  to: CalendarMoment.meta({
    description: `The last day, or a time: \`occurredAt\` before it. At most ${RANGE_DAYS_MAX} days.`,
  }),
  groupBy: z.enum(['day', 'week', 'month']).meta({ description: 'Weeks begin on Monday.' }),
  locationId: TransactionFilter.shape.locationId,
})
type SummarizeTransactions = z.infer<typeof SummarizeTransactions>

export const TransactionSummary = z
  .strictObject({
    items: z
      .array(
        z.strictObject({
          period: z.iso.date().meta({ description: 'The first day of the period, on the business’s calendar.' }),
          locationId: z.string().nullable().meta({ description: '`location.externalId` of the sales.' }),
          kind: z.enum(TRANSACTION_KINDS).meta({ description: 'Sales or refunds.' }),
          status: z.enum(TRANSACTION_STATUSES).meta({ description: 'Their status.' }),
          currency: z.string().meta({ description: 'ISO 4217.' }),
          count: z.int().positive().meta({ description: 'How many.' }),
          amountMinor: z.int().meta({ description: 'Their sum in signed minor units.' }),
        }),
      )
      .meta({ description: 'By period, location, kind, status and currency; those without sales are left out.' }),
    nextCursor: z.string().nullable().meta({ description: 'Always null: all items are in one answer.' }),
  })
  .meta({ id: 'TransactionSummary', description: 'Numbers and sums of sales by period.' })
type TransactionSummary = z.infer<typeof TransactionSummary>
type Item = TransactionSummary['items'][number]

interface SummaryRow extends Record<string, unknown> {
  /** Counts from 1. */
  readonly bucket: number
  readonly location_external_id: string | null
  readonly kind: Item['kind']
  readonly status: Item['status']
  readonly currency: string
  readonly sales: number
  readonly amount: string
}

/** Null: no such integration for this tenant. Throws Problem `invalid_request` or `range_too_large`. */
export async function summarizeTransactions(
  context: Context,
  request: TenantScope & SummarizeTransactions,
): Promise<TransactionSummary | null> {
  const zone = await businessZone(context, request)
  if (zone === null) return null
  const { from, to } = inZone(request, zone)
  const periods = periodsOf({ from, to, zone, groupBy: request.groupBy })
  const { rows } = await context.db.execute<SummaryRow>(summary(request, { from, to, zone, periods }))
  const items = rows.map((row) => ({
    period: periods[row.bucket - 1] ?? '',
    ...{ locationId: row.location_external_id, kind: row.kind, status: row.status, currency: row.currency },
    ...{ count: row.sales, amountMinor: Number(row.amount) },
  }))
  return { items, nextCursor: null }
}

interface Sorted {
  readonly from: string
  readonly to: string
  readonly zone: string
  readonly periods: readonly string[]
}

/** Reads the index by `occurred_at`; test/transactions/summary.test.ts looks at its plan. */
export function summary(
  { locationId, ...scope }: TenantScope & Pick<SummarizeTransactions, 'locationId'>,
  { from, to, zone, periods }: Sorted,
) {
  const starts = arrayOf(periods.map((day) => dayStart(day, zone)))
  return sql`
    select width_bucket(t.occurred_at, ${starts}::timestamptz[]) as bucket, t.location_external_id, t.kind, t.status,
      t.currency, count(*)::int as sales, sum(t.amount_minor)::text as amount
    from crm_integrations i join crm_transactions t on t.integration_id = i.id
    where ${isVisible(scope)} and ${matches({ from, to, locationId }, SUMMED)}
    group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5`
}

const { from: since, to: until, locationId: atLocation } = CONDITIONS
const SUMMED = { from: since, to: until, locationId: atLocation }

const EMPTY = {
  en: 'the period is empty: `from` must be before `to`',
  ru: 'период пуст: `from` должен быть раньше `to`',
}

/** The first days of all periods that the range touches. Throws Problem. */
function periodsOf({ from, to, zone, groupBy }: Omit<Sorted, 'periods'> & Pick<SummarizeTransactions, 'groupBy'>) {
  if (Date.parse(from) >= Date.parse(to)) {
    throw new Problem('invalid_request', { errors: [{ path: 'query.to', code: 'not_allowed', message: EMPTY }] })
  }
  const last = localDate(new Date(Date.parse(to) - 1), zone)
  const first = localDate(new Date(from), zone)
  if (addDays(first, RANGE_DAYS_MAX - 1) < last) throw new Problem('range_too_large', { detail: TOO_LARGE })
  const periods: string[] = []
  for (let day = startOf(groupBy, first); day <= last; day = NEXT[groupBy](day)) periods.push(day)
  return periods
}

const TOO_LARGE = {
  en: `A summary covers ${RANGE_DAYS_MAX} days at most.`,
  ru: `Сводка строится не более чем за ${RANGE_DAYS_MAX} дней.`,
}

const NEXT: Readonly<Record<SummarizeTransactions['groupBy'], (start: string) => string>> = {
  day: (start) => addDays(start, 1),
  week: (start) => addDays(start, 7),
  month: (start) => `${addDays(start, 31).slice(0, 7)}-01`,
}

function startOf(groupBy: SummarizeTransactions['groupBy'], day: string): string {
  if (groupBy === 'day') return day
  if (groupBy === 'month') return `${day.slice(0, 7)}-01`
  // `getUTCDay` counts from Sunday.
  return addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7))
}
