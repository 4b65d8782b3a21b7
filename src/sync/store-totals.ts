import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { DayTotal } from '#crm/connector.ts'
import { holds } from '#sync/end-slice.ts'
import type { TakenRun } from '#sync/take-run.ts'

/**
 * A total of all locations together belongs to a day that has only one. A day that has a total and no sale, neither
 * here nor in what the CRM still shows, is unchecked: all of it may have been lost.
 */
export async function storeTotals(context: Context, run: TakenRun, totals: readonly DayTotal[]): Promise<void> {
  const rows = totals.map(({ day, locationId, count, amountMinor, source }) => ({
    ...{ day, location: locationId ?? '', total: { count, amountMinor, source } },
  }))
  await context.db.execute(sql`
    with totals as (
      select i.id, t.* from crm_integrations i,
        json_to_recordset(${JSON.stringify(rows)}::json) as t(day date, location text, total jsonb)
      where ${holds(run)}
    ), told as (
      update check_days d set total = t.total from totals t
      where d.integration_id = t.id and d.day = t.day and (d.location_id = t.location
        or t.location = '' and not exists (
          select from check_days o where o.integration_id = t.id and o.day = d.day and o.location_id <> d.location_id))
    )
    insert into check_days (integration_id, day, location_id, stored_count, stored_minor, crm_count, crm_minor, total,
      missing, extra, different, state, equal_times, run_id)
    select t.id, t.day, t.location, 0, 0, 0, 0, t.total, 0, 0, 0, 'unchecked', 0, ${run.id}::uuid from totals t
    where (t.total ->> 'amountMinor')::bigint <> 0 and not exists (
      select from check_days d where d.integration_id = t.id and d.day = t.day
        and (d.location_id = t.location or t.location = ''))`)
}
