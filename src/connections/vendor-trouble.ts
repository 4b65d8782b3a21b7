// A vendor that refuses many businesses at once has a fault of its own: nobody is switched off for it. Each stop takes
// the lock of its CRM first, so refusals are counted one after the other and no two workers decide by half the picture.
// Without a stop none of this runs.
import { type SQL, sql } from 'drizzle-orm'
import { describeError } from '#crm/messages.ts'
import { connectorOf } from '#crm/registry.ts'
import { nextSlot } from '#runs/schedule-slots.ts'
import { resolveIssues, wrongRows } from '#issues/statements.ts'
import type { CrmType } from '#lib/crm-types.ts'

/** Two rounds of the default interval: long enough to see all integrations, short enough to be one event. */
const PERIOD = sql.raw(`interval '10 minutes'`)
/** Fewer may be a chance meeting of owners whose keys ended. */
const REFUSED_MIN = 20
/** More than a fifth of those that called; of a large CRM, some keys end every hour. */
const REFUSED_ONE_IN = 5

/** How long a count holds: in an outage of a large CRM it would otherwise be made many times a second. */
const COUNTED = sql.raw(`interval '1 minute'`)

/** Before the integration's row is locked: whoever holds this lock waits for rows of others. */
export const lockVendor = (crmType: CrmType): SQL =>
  sql`select pg_advisory_xact_lock(hashtextextended('vendor_trouble ' || ${crmType}::text, 0))`

/** In a statement after `recordRefusal` in its transaction: the refusal stands, and the integration may be stopped. */
export const isNoTrouble = (crmType: CrmType): SQL => sql`not exists (
  select from issues t where t.code = 'vendor_trouble' and t.detail_key = ${crmType} and t.integration_id is null
    and t.resolved_at is null and t.last_seen_at = now())`

/**
 * Records that the CRM refused the integration that `isOurs` selects by the alias `i`. Answers one row with
 * `is_trouble`: then all that were switched off within the period are on again. While a trouble is known the share
 * alone counts, since integrations that wait longer and longer would otherwise be switched off one by one.
 */
export function recordRefusal(crmType: CrmType, isOurs: SQL): SQL {
  const { title, messages } = connectorOf(crmType)
  const cause = { kind: 'unavailable', reason: 'refuses_many', params: {} } as const
  const { en, ru } = describeError(cause, messages, { when: 'schedule' })
  const failure = JSON.stringify({ ...cause, message: en, messageRu: ru })
  return sql`
    with refused as (
      update crm_integrations i set refused_at = now() where ${isOurs} and i.sync_enabled returning i.id
    ), counts as (
      select count(*)::int as refused from (
        select i.id from crm_integrations i where i.crm_type = ${crmType} and i.refused_at > now() - ${PERIOD}
        union select id from refused) r
    ), known as materialized (
      select (t.params ->> 'countedAt')::timestamptz as counted_at from issues t
      where t.code = 'vendor_trouble' and t.detail_key = ${crmType} and t.integration_id is null and t.resolved_at is null
    ), fresh as materialized (select counted_at from known where counted_at > now() - ${COUNTED}
    ), trouble as materialized (
      select c.refused, coalesce((select counted_at from fresh), now()) as counted_at from counts c
      where exists (select from fresh)
        or (c.refused >= ${REFUSED_MIN}::int or exists (select from known)) and c.refused * ${REFUSED_ONE_IN}::int > (
          select count(*) from (
            select from crm_integrations i where i.crm_type = ${crmType} and i.called_at > now() - ${PERIOD}
            limit c.refused * ${REFUSED_ONE_IN}::int) called)
    ), switched_on as (
      update crm_integrations i set sync_enabled = true, stopped_by = null, connection_status = 'ok',
        next_sync_at = ${nextSlot}, last_error = ${`unavailable.refuses_many: ${en}`},
        last_failure = ${failure}::jsonb, updated_at = clock_timestamp()
      from trouble where i.crm_type = ${crmType} and i.refused_at > now() - ${PERIOD} and i.stopped_by = 'vendor'
        and i.connection_status = 'failed'
      returning i.id
    ), resolved as (${resolveIssues(sql`select id from switched_on`, ['connection_refused'])}
    ), told as (
      insert into issues as s (code, detail_key, severity, whose_turn, params)
      select w.code, w.detail_key, w.severity, w.whose_turn,
        w.params || jsonb_build_object('refused', t.refused::text, 'countedAt', t.counted_at::text)
      from trouble t, (${wrongRows([{ code: 'vendor_trouble', detailKey: crmType, params: { crmType: title } }])}) w
      on conflict (code, detail_key) where resolved_at is null and integration_id is null
      do update set last_seen_at = now(), count = s.count + 1, params = excluded.params)
    select exists (select from trouble) as is_trouble`
}
