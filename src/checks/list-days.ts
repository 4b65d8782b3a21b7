// The calendar: what the last check of each day has found, and what is stored on days that were not checked.
import { sql } from 'drizzle-orm'
import * as z from 'zod'
import { dayStart } from '#businesses/period.ts'
import { Day, LISTED_DAYS_MAX, requirePeriod } from '#checks/period.ts'
import type { CheckedDay } from '#checks/schema.ts'
import type { Context } from '#context.ts'
import { arrayOf } from '#db/array.ts'
import { isoInstantOrNull, safeInteger } from '#db/columns.ts'
import type { StoredTotal } from '#db/schema/checks.ts'
import { isVisible, type TenantScope } from '#db/tenant.ts'
import { addDays } from '#lib/time.ts'
import { findCalendar } from '#checks/calendar.ts'

export const ListDays = z.strictObject({
  from: Day.meta({ description: 'The first day.' }),
  to: Day.meta({ description: `The last day; at most ${LISTED_DAYS_MAX} days.` }),
})

interface DayRow extends Record<string, unknown> {
  readonly day: string
  readonly location_id: string
  readonly stored_count: number
  readonly stored_minor: string
  readonly crm_count: number | null
  readonly crm_minor: string | null
  readonly total: StoredTotal | null
  readonly missing: number
  readonly extra: number
  readonly different: number
  readonly state: CheckedDay['state']
  readonly checked_at: string | null
}

/** Null: no such integration. Throws Problem `invalid_request` or `range_too_large`. */
export async function listDays(
  context: Context,
  request: TenantScope & z.infer<typeof ListDays>,
): Promise<readonly CheckedDay[] | null> {
  requirePeriod(request, { path: 'query.to', most: LISTED_DAYS_MAX })
  const calendar = await findCalendar(context, request)
  if (calendar === null) return null
  const { from, to } = request
  const days: string[] = []
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day)
  const zones = [...calendar.zones].map(([zone, locations]) => ({
    locations: locations && arrayOf(locations),
    starts: arrayOf([...days, addDays(to, 1)].map((day) => dayStart(day, zone))),
  }))
  const window = calendar.windowOf([from, to])
  const { rows } = await context.db.execute<DayRow>(sql`
    with checked as (
      select d.* from crm_integrations i join check_days d on d.integration_id = i.id
      where ${isVisible(request)} and d.day >= ${from}::date and d.day <= ${to}::date
    ), zones as (
      select z.locations::text[], z.starts::timestamptz[]
      from json_to_recordset(${JSON.stringify(zones)}::json) as z(locations text, starts text)
    ), sales as (
      select ${from}::date + width_bucket(t.occurred_at, z.starts) - 1 as day,
        coalesce(t.location_external_id, '') as location_id, count(*)::int as sales, sum(t.amount_minor) as minor
      from crm_integrations i join crm_transactions t on t.integration_id = i.id cross join lateral (
        select z.starts from zones z where t.location_external_id = any (z.locations) or z.locations is null
        order by z.locations is null limit 1) z
      where ${isVisible(request)} and t.occurred_at >= ${window.from}::timestamptz
        and t.occurred_at < ${window.to}::timestamptz and t.status = 'paid'
      group by 1, 2
    )
    select c.day::text, c.location_id, c.stored_count, c.stored_minor::text, c.crm_count, c.crm_minor::text, c.total,
      c.missing, c.extra, c.different, c.state, c.checked_at::text
    from checked c
    union all
    select s.day::text, s.location_id, s.sales, s.minor::text, null, null, null, 0, 0, 0, 'unchecked', null
    from sales s where s.day >= ${from}::date and s.day <= ${to}::date and not exists (
      select from checked c where c.day = s.day and c.location_id = s.location_id)
    order by 1, 2`)
  return rows.map(toDay)
}

function toDay(row: DayRow): CheckedDay {
  const { day, missing, extra, different, state, total } = row
  const isCompared = state !== 'unchecked' && row.crm_count !== null && row.crm_minor !== null
  return {
    day,
    locationId: row.location_id || null,
    stored: { count: row.stored_count, amountMinor: safeInteger(row.stored_minor) },
    crm: isCompared ? { count: row.crm_count ?? 0, amountMinor: safeInteger(row.crm_minor ?? '0') } : null,
    ...{ total, missing, extra, different, state },
    checkedAt: isoInstantOrNull(row.checked_at),
  }
}
