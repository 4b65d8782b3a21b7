// After the wide scan of the night three days are checked: yesterday, a week ago, and an older one by lot. The lot is
// drawn among days that were synced, and a day that was equal twice at all locations is left out for a month.
import { type SQL, sql } from 'drizzle-orm'
import { dayStart } from '#businesses/period.ts'
import type { Context } from '#context.ts'
import { connectorOf } from '#crm/registry.ts'
import { localDate } from '#lib/time.ts'
import { enqueueAlone } from '#queue/enqueue.ts'
import { ACTIVE } from '#runs/states.ts'
import type { TakenRun } from '#sync/take-run.ts'

/** As far back as the lot goes. */
const LOT_DAYS = 365
const REST_DAYS = 30
/** A shop that is closed at weekends. */
const CLOSED_DAYS = 2

/** Puts the check of the night in line behind a live run that has ended well. */
export async function openNightlyCheck(context: Context, run: TakenRun): Promise<void> {
  const { integrationId, integration } = run
  if (!run.isNightly || !connectorOf(integration.crmType).capabilities.backfill) return
  const today = localDate(context.clock.now(), integration.timezone)
  const midnight = dayStart(today, integration.timezone)
  /** From so many days ago to so many before that. */
  const hasSales = (last: SQL, first: SQL) => sql`exists (
    select from crm_transactions t where t.integration_id = ${integrationId}::uuid
      and t.occurred_at >= ${midnight}::timestamptz - (${first}) * interval '1 day'
      and t.occurred_at < ${midnight}::timestamptz - (${last} - 1) * interval '1 day')`
  const { rows } = await context.db.execute<{ id: string }>(sql`
    with candidates as (
      select ${today}::date - n as day, n,
        n not in (1, 7) as is_lot, md5(${integrationId}::text || (${today}::date - n)::text || ${today}) as lot
      from generate_series(1, ${LOT_DAYS}::int) n
      where not exists (
        select from check_days c where c.integration_id = ${integrationId}::uuid and c.day = ${today}::date - n
        having bool_and(c.equal_times > 1 and c.checked_at > now() - ${REST_DAYS}::int * interval '1 day'))
    ), synced as ( -- of the first day that was synced only a part may be here
      select c.* from candidates c where c.n = 1
        or ${hasSales(sql`c.n`, sql`c.n`)} and ${hasSales(sql`c.n + 1`, sql`c.n + ${CLOSED_DAYS + 1}::int`)}
    ), days as (
      (select day from synced where not is_lot)
      union all
      (select day from synced where is_lot order by lot limit 1)
    )
    insert into sync_runs (integration_id, trigger, task, status, settings_epoch, window_from, window_to, cursor)
    select i.id, 'check', 'check', 'queued', i.settings_epoch, d.first, d.last, d.cursor
    from crm_integrations i, (
      select min(day)::timestamptz as first, max(day)::timestamptz as last,
        jsonb_build_object('ranges', jsonb_agg(jsonb_build_array(day, day) order by day desc)) as cursor
      from days having count(*) > 0) d
    where i.id = ${integrationId}::uuid and i.sync_enabled and not exists (
      select from sync_runs r where r.integration_id = i.id and r.task = 'check' and r.status in ${ACTIVE})
    returning id`)
  await enqueueAlone(
    context,
    rows.map(({ id: runId }) => ({ runId, delaySeconds: 0 })),
  )
}
