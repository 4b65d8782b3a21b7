import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { DayTotal } from '#crm/connector.ts'
import { holds } from '#sync/end-slice.ts'
import type { TakenRun } from '#sync/take-run.ts'

/** A total of all locations together belongs to a day that has only one. */
export async function storeTotals(context: Context, run: TakenRun, totals: readonly DayTotal[]): Promise<void> {
  const rows = totals.map(({ day, locationId, count, amountMinor, source }) => ({
    ...{ day, location: locationId ?? '', total: { count, amountMinor, source } },
  }))
  await context.db.execute(sql`
    update check_days d set total = t.total
    from crm_integrations i, json_to_recordset(${JSON.stringify(rows)}::json) as t(day date, location text, total jsonb)
    where ${holds(run)} and d.integration_id = i.id and d.day = t.day and (d.location_id = t.location
      or t.location = '' and not exists (
        select from check_days o where o.integration_id = i.id and o.day = d.day and o.location_id <> d.location_id))`)
}
