// A repair: the backfill of some days, and a check of them behind it. Both are in line from the beginning, so nothing
// that dies in between loses the check.
import { sql } from 'drizzle-orm'
import { findCalendar } from '#checks/calendar.ts'
import { CHECK_DAYS_MAX, requireCrm, requirePeriod } from '#checks/period.ts'
import type { CheckedPeriod } from '#checks/start-check.ts'
import type { Context } from '#context.ts'
import type { TenantScope } from '#db/tenant.ts'
import { estimateBackfill } from '#runs/start-backfill.ts'
import type { RunRow } from '#runs/schema.ts'
import { startBulk } from '#runs/start-bulk.ts'
import { toCheckCursor } from '#sync/check-cursor.ts'

/**
 * Null: no such integration. Throws Problem as `startCheck`. The brake stays off: a person has seen what differs.
 */
export async function startRepair(context: Context, request: TenantScope & CheckedPeriod): Promise<RunRow | null> {
  const { from, to } = request
  requirePeriod(request, { path: 'to', most: CHECK_DAYS_MAX })
  if ((await requireCrm(context, request)) === null) return null
  const calendar = await findCalendar(context, request)
  if (calendar === null) return null
  const plan = await estimateBackfill(context, { ...request, ...calendar.windowOf([from, to]) })
  if (plan === null) return null
  return startBulk(context, request, {
    ...({ trigger: 'backfill', task: 'pull', action: 'repair.started' } as const),
    columns: sql`window_from, window_to, estimated_calls, brake_off`,
    values: sql`${plan.from}::timestamptz, ${plan.to}::timestamptz, ${plan.estimatedCalls}::int, true`,
    also: sql`behind as (
        insert into sync_runs (integration_id, trigger, task, status, settings_epoch, window_from, window_to, cursor,
          created_at)
        select o.integration_id, 'check', 'check', 'queued', o.settings_epoch, ${from}::timestamptz, ${to}::timestamptz,
          ${toCheckCursor([[from, to]])}::jsonb, o.created_at + interval '1 millisecond'
        from opened o
      ), missed as ( -- the check was a complete reading without them: the backfill is the second
        update crm_transactions t set missing_since = c.read_at
        from opened o join check_records c on c.integration_id = o.integration_id and c.outcome = 'extra'
          and c.stored_day >= ${from}::date and c.stored_day <= ${to}::date
        where t.integration_id = o.integration_id and t.external_id = c.external_id and t.missing_since is null
          and t.status <> 'cancelled'
      )`,
  })
}
