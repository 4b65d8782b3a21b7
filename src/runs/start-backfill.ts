import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import type { Connector } from '#crm/connector.ts'
import type { Window } from '#crm/contract.ts'
import type { CrmType } from '#lib/crm-types.ts'
import { connectorOf } from '#crm/registry.ts'
import { Problem } from '#lib/errors.ts'
import { Instant } from '#lib/instant.ts'
import type { RunRow } from '#runs/schema.ts'
import { startBulk } from '#runs/start-bulk.ts'
import { isVisible, type TenantScope } from '#db/tenant.ts'
import type { LocalizedText } from '#lib/localized.ts'

/** A limit against mistyped years, which would plan hundreds of empty months. */
const TOO_EARLY: LocalizedText = {
  en: 'lies too far back: 2000-01-01 is the earliest',
  ru: 'слишком давно: самая ранняя дата 2000-01-01',
}
const EMPTY: LocalizedText = {
  en: 'the period is empty: `from` must be before `to` and now',
  ru: 'период пуст: `from` должен быть раньше `to` и текущего времени',
}
const EARLIEST = Date.parse('2000-01-01T00:00:00Z')
/** The sales per day are estimated from the last four whole weeks: fewer would miss the difference between weekdays. */
const RATE_DAYS = 28
/** Counting stops here, which is above 3,500 sales a day: the estimate must not read millions of rows. */
const RATE_ROWS_MAX = 100_000

export const Backfill = z
  .strictObject({
    from: Instant.meta({ description: 'Where the period begins; 2000-01-01 at the earliest.' }),
    to: Instant.optional().meta({ description: 'Where it ends, exclusive. Left out: now.' }),
  })
  .meta({ id: 'Backfill', description: 'A past period to pull.' })
type Backfill = z.infer<typeof Backfill>

export const BackfillDryRun = z.strictObject({
  dryRun: z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description: '`true`: only the estimate, nothing is started.' }),
})

export const BackfillEstimate = z
  .strictObject({
    from: z.iso.datetime().meta({ description: 'Where the period begins.' }),
    to: z.iso.datetime().meta({ description: 'Where it ends, exclusive.' }),
    estimatedCalls: z
      .int()
      .nullable()
      .meta({ description: 'The least number of calls to the CRM; null where there is no estimate.' }),
    estimatedSeconds: z
      .int()
      .nullable()
      .meta({ description: 'How long these calls take at the pace that the CRM allows.' }),
  })
  .meta({ id: 'BackfillEstimate', description: 'What a backfill would take.' })
type BackfillEstimate = z.infer<typeof BackfillEstimate>

type BackfillRequest = TenantScope & Backfill

/** What a backfill would cost. Null: no such integration. Throws Problem `invalid_request` for an invalid period. */
export async function estimateBackfill(context: Context, request: BackfillRequest): Promise<BackfillEstimate | null> {
  const window = windowOf(request, context.clock.now())
  // A young integration has fewer days, and a large one more sales than are counted.
  const { rows } = await context.db.execute<{ crm_type: CrmType; per_day: number }>(sql`
    select i.crm_type, coalesce((
      select count(*) / greatest(extract(epoch from now() - min(occurred_at)) / 86400, 1)
      from (
        select t.occurred_at from crm_transactions t where t.integration_id = i.id and t.occurred_at <= now()
          and t.occurred_at >= now() - ${RATE_DAYS}::int * interval '1 day'
        order by t.occurred_at desc limit ${RATE_ROWS_MAX}::int) recently), 0)::float8 as per_day
    from crm_integrations i
    where ${isVisible(request)}`)
  const [row] = rows
  if (!row) return null
  const connector = connectorOf(row.crm_type)
  if (!connector.capabilities.backfill) {
    throw new Problem('invalid_request', {
      detail: {
        en: `${connector.title} has no past periods to pull.`,
        ru: `${connector.title}: прошлые периоды не загружаются.`,
      },
    })
  }
  return { ...window, ...estimate(connector, window, row.per_day) }
}

function estimate(connector: Connector<unknown, unknown>, window: Window, salesPerDay: number) {
  const estimatedCalls = connector.estimateCalls?.(window, salesPerDay) ?? null
  const estimatedSeconds = estimatedCalls && Math.ceil(estimatedCalls / connector.pace.requestsPerSecond)
  return { estimatedCalls, estimatedSeconds }
}

function windowOf({ from, to }: BackfillRequest, now: Date): Window {
  const [start, end] = [Date.parse(from), Math.min(to === undefined ? Infinity : Date.parse(to), now.getTime())]
  const refuse = (path: string, code: 'too_small' | 'not_allowed', message: LocalizedText) =>
    new Problem('invalid_request', { errors: [{ path, code, message }] })
  if (start < EARLIEST) throw refuse('from', 'too_small', TOO_EARLY)
  if (start >= end) throw refuse(to === undefined ? 'from' : 'to', 'not_allowed', EMPTY)
  return { from: new Date(start).toISOString(), to: new Date(end).toISOString() }
}

/**
 * Puts a backfill in line. Null: no such integration. Throws Problem `invalid_request`, or `too_many_runs` when the
 * line is full.
 */
export async function startBackfill(context: Context, request: BackfillRequest): Promise<RunRow | null> {
  const plan = await estimateBackfill(context, request)
  if (!plan) return null
  const columns = sql`window_from, window_to, estimated_calls`
  const values = sql`${plan.from}::timestamptz, ${plan.to}::timestamptz, ${plan.estimatedCalls}::int`
  return startBulk(context, request, {
    ...({ trigger: 'backfill', task: 'pull', action: 'backfill.started' } as const),
    ...{ columns, values },
  })
}

/**
 * Puts a run in line that reads quarantined records again, one by one. Returns the run that is already in line, if
 * there is one. Null and throws as above.
 */
export async function retryQuarantine(context: Context, request: TenantScope): Promise<RunRow | null> {
  const columns = sql`progress_total`
  const values = sql`(select count(*)::int from quarantined_records q where q.integration_id = i.id)`
  const same = sql`r.task = 'quarantine'`
  return startBulk(context, request, {
    ...({ trigger: 'backfill', task: 'quarantine', action: 'quarantine.retried' } as const),
    ...{ columns, values, same },
  })
}
