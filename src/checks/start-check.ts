// Starts a check: a run that reads some days again and compares them with what is stored (src/sync/check-steps.ts).
import { sql } from 'drizzle-orm'
import * as z from 'zod'
import { CHECK_DAYS_MAX, Day, requireCrm, requirePeriod } from '#checks/period.ts'
import type { Context } from '#context.ts'
import type { TenantScope } from '#db/tenant.ts'
import type { RunRow } from '#runs/schema.ts'
import { startBulk } from '#runs/start-bulk.ts'
import { toCheckCursor } from '#sync/check-cursor.ts'

export const CheckedPeriod = z
  .strictObject({
    from: Day.meta({ description: 'The first day, on the calendar of each location.' }),
    to: Day.meta({ description: `The last day; at most ${CHECK_DAYS_MAX} days.` }),
  })
  .meta({ id: 'CheckedPeriod', description: 'Some days.' })
export type CheckedPeriod = z.infer<typeof CheckedPeriod>

/**
 * Puts a check in line. Null: no such integration. Throws Problem `check_not_possible`, `invalid_request`,
 * `range_too_large`, `too_many_runs`.
 */
export async function startCheck(context: Context, request: TenantScope & CheckedPeriod): Promise<RunRow | null> {
  requirePeriod(request, { path: 'to', most: CHECK_DAYS_MAX })
  if ((await requireCrm(context, request)) === null) return null
  const { from, to } = request
  return startBulk(context, request, {
    ...({ trigger: 'check', task: 'check', action: 'check.started' } as const),
    columns: sql`window_from, window_to, cursor`,
    // The days as such, in UTC: each location has its own.
    values: sql`${from}::timestamptz, ${to}::timestamptz, ${toCheckCursor([[from, to]])}::jsonb`,
  })
}
