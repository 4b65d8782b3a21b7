import { type SQL, sql } from 'drizzle-orm'
import { issueRow } from '#issues/statements.ts'

/** Of the days that an issue names, the newest. A person looks at the calendar for all of them. */
const DAYS_MAX = 10

/**
 * CTEs behind one named `run` with a check that ends: while days differ the issue is open and names them, and when all
 * are equal it is over.
 */
export function daysDiffer(integrationId: string): SQL {
  const { severity, whose_turn: whoseTurn } = issueRow({ code: 'days_differ' })
  return sql`, differing as (
      select jsonb_build_object('days', string_agg(d.day::text, ', ' order by d.day)) as params from (
        select distinct c.day from check_days c where c.integration_id = ${integrationId}::uuid and c.state = 'different'
        order by c.day desc limit ${DAYS_MAX}::int) d
      having count(*) > 0
    ), opened as (
      insert into issues as s (business_id, integration_id, code, severity, whose_turn, params)
      select i.business_id, i.id, 'days_differ', ${severity}, ${whoseTurn}, d.params
      from run r join crm_integrations i on i.id = r.integration_id, differing d
      on conflict (integration_id, code, detail_key) where resolved_at is null and integration_id is not null
      do update set last_seen_at = now(), count = s.count + 1, params = excluded.params
    ), resolved as (
      update issues s set resolved_at = now() from run r
      where s.integration_id = r.integration_id and s.code = 'days_differ' and s.resolved_at is null
        and not exists (select from differing)
    )`
}
