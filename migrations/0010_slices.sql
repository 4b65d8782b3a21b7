-- What a slice does between the begin and the end of its run (src/sync/end-slice.ts), and taking and ending the work of
-- an inbox (src/webhooks/inbox.ts). They are procedures, because planning them cost more than running them. Each locks
-- the integration's row first and changes nothing when another worker has taken it over.

-- Extends the lease of a slice that is still at work.
CREATE PROCEDURE "renew_lease"(
	"held_run" uuid, "for_integration" uuid, "held_epoch" bigint, "lease_seconds" integer, OUT "renewed" boolean
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
begin
  update crm_integrations i set lease_until = now() + lease_seconds * interval '1 second'
  where i.id = for_integration and i.lease_epoch = held_epoch;
  if found then
    update sync_runs r set heartbeat_at = now() where r.id = held_run;
  end if;
  renewed := found;
end $$;
--> statement-breakpoint
-- Ends a slice whose run is not over. It waits, or continues with the next message: then a bulk run lets live runs go
-- first.
CREATE PROCEDURE "leave_run"(
	"held_run" uuid, "for_integration" uuid, "held_epoch" bigint,
	-- Null: the run does not wait.
	"wait_seconds" double precision, "is_retry" boolean, "failure" jsonb,
	-- The CRM has answered: a refusal that may pass is over.
	"has_answered" boolean,
	-- What the slice has seen, as in finish_run.
	"wrong_issues" jsonb, "answered_lists" jsonb, "data_late" jsonb,
	OUT "released" json
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
declare
  known crm_integrations;
  run sync_runs;
begin
  update crm_integrations i set lease_run_id = null, lease_until = null,
    passing_refusal = case when not has_answered then i.passing_refusal end,
    passing_refusal_since = case when not has_answered then i.passing_refusal_since end
  where i.id = for_integration and i.lease_epoch = held_epoch
  returning i.* into known;
  if found then
    update sync_runs r set enqueued_at = now(), heartbeat_at = now(),
      resume_at = coalesce(now() + wait_seconds * interval '1 second', r.resume_at),
      attempt = r.attempt + is_retry::int, error = coalesce(failure, r.error),
      status = case when wait_seconds is not null then 'waiting'
        when r.trigger in ('backfill','import','check') and exists (
          select from sync_runs l where l.integration_id = for_integration
            and l.trigger in ('schedule','manual','webhook') and l.status in ('queued','running','waiting')) then 'queued'
        else r.status end
    where r.id = held_run and r.status = 'running' returning r.* into run;
  end if;
  if wait_seconds is not null and run.trigger in ('schedule','manual','webhook') and known.sync_enabled
    and known.as_of < now() - late_after(known.sync_interval_minutes, known.webhook_missed_at, known.webhook_last_at,
      known.additional_config) * interval '1 second' then
    wrong_issues := wrong_issues || with_time(data_late, 'asOf', known.as_of);
  end if;
  if run.id is not null and jsonb_array_length(wrong_issues) > 0 then
    call open_issues(known.business_id, for_integration, wrong_issues);
  end if;
  if run.id is not null and jsonb_array_length(answered_lists) > 0 then
    update issues s set resolved_at = now()
    where s.integration_id = for_integration and s.resolved_at is null and s.code = 'side_list_refused'
      and answered_lists ? s.detail_key and s.last_seen_at < run.started_at;
  end if;
  released := json_build_object('isReleased', run.id is not null, 'next', next_in_line(for_integration));
end $$;
--> statement-breakpoint
-- Takes the inbox of an integration as a whole. The answer is null when another worker has it, or nothing is ready. New
-- deliveries are taken before they are due, so that they are merged; failed ones wait until they are due.
CREATE PROCEDURE "take_inbox"(
	"for_integration" uuid, "lease_seconds" integer, "reads_seconds" integer, "deliveries_max" integer,
	-- Of all bodies but the first.
	"bytes_max" integer,
	OUT "taken" json
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
declare
  i crm_integrations;
begin
  update crm_integrations set inbox_until = now() + lease_seconds * interval '1 second', called_at = now()
  where id = for_integration and (inbox_until is null or inbox_until < now()) and exists (
    select from webhook_deliveries d where d.integration_id = for_integration and d.status = 'new'
      and (d.attempts = 0 or d.due_at <= now()))
  returning * into i;
  if not found then
    return;
  end if;
  with due as (
    select d.id, d.due_at, coalesce(octet_length(d.body), 0) as bytes from webhook_deliveries d
    where d.integration_id = for_integration and d.status = 'new' and (d.attempts = 0 or d.due_at <= now())
    order by d.due_at limit deliveries_max for no key update of d skip locked
  ), ready as (
    select u.id, sum(u.bytes) over (order by u.due_at, u.id) - u.bytes as bytes_before from due u
  ), claimed as (
    update webhook_deliveries d set attempts = d.attempts + 1 from ready r
    where d.id = r.id and r.bytes_before < bytes_max
    returning d.*
  )
  select json_build_object('id', i.id, 'settingsEpoch', i.settings_epoch,
    'isStopped', i.connection_status = 'failed' and i.sync_enabled is not true,
    'isRefusedForNow', i.passing_refusal is not null, 'changeSeq', i.change_seq, 'erasures', b.erasures,
    'reads', case when i.hook_reads_since > now() - reads_seconds * interval '1 second' then i.hook_reads else 0 end,
    'session', json_build_object('business_id', i.business_id, 'crm_type', i.crm_type, 'api_url', i.api_url,
      'api_key', i.api_key, 'api_secret', i.api_secret, 'extra_secret', i.extra_secret,
      'session_token', case when i.session_token_until > now() then i.session_token end,
      'additional_config', i.additional_config, 'timezone', b.timezone, 'currency', b.currency),
    'deliveries', (
      select coalesce(json_agg(json_build_object('id', d.id, 'kind', d.kind, 'contentType', d.content_type,
        'body', d.body, 'hints', d.hints, 'receivedSeq', d.received_seq, 'attempts', d.attempts,
        'repeats', d.repeats)), '[]')
      from claimed d))
  from businesses b where b.id = i.business_id
  into taken;
end $$;
--> statement-breakpoint
-- Stores what became of the deliveries and releases the inbox. A delivery that came again meanwhile stays new. The
-- answer says in how many seconds the next one is due, or null.
CREATE PROCEDURE "finish_inbox"(
	"for_integration" uuid,
	-- id, repeats, attempts; status and reason of those that are over, else seconds until the next try; waits.
	"settled" json,
	-- Objects that the slice had no time for: each becomes a recheck of its own.
	"left_hints" jsonb,
	"pause_seconds" double precision, "read_count" integer, "reads_seconds" integer, "silent_minutes" integer,
	OUT "next_seconds" double precision
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
declare
  last_at timestamptz;
  is_taken_over boolean;
begin
  -- Locked first, so that the queries below see a claim that was being made meanwhile.
  perform from crm_integrations i where i.id = for_integration for no key update;
  if not found then -- deleted, and the rows below go with it
    return;
  end if;
  -- Claiming counts an attempt: when a delivery has more, another worker has taken over the inbox. Our own rechecks,
  -- hooks of another account and replays of old hooks do not prove that hooks arrive.
  select max(d.received_at) filter (where d.kind = 'hook' and s.status is distinct from 'rejected'),
    coalesce(bool_or(d.attempts > s.attempts), false)
  from json_to_recordset(settled) as s(id uuid, attempts integer, status text)
    join webhook_deliveries d on d.id = s.id
  into last_at, is_taken_over;
  if not is_taken_over then
    update crm_integrations i set
      inbox_until = case when pause_seconds > 0 then now() + pause_seconds * interval '1 second' end,
      hook_reads = read_count
        + case when i.hook_reads_since > now() - reads_seconds * interval '1 second' then i.hook_reads else 0 end,
      hook_reads_since = case
        when i.hook_reads_since > now() - reads_seconds * interval '1 second' then i.hook_reads_since else now() end,
      webhook_last_at = greatest(i.webhook_last_at, last_at),
      webhook_missed_at = case
        when last_at > i.webhook_missed_at - silent_minutes * interval '1 minute' then null else i.webhook_missed_at end
    where i.id = for_integration;
  end if;
  update webhook_deliveries d set
    status = coalesce(s.status, 'new'), reason = s.reason, done_at = case when s.status is not null then now() end,
    due_at = case when s.seconds is null then d.due_at else now() + s.seconds * interval '1 second' end,
    attempts = case when s.waits then 1 else d.attempts - (s.status is null and s.seconds is null)::int end,
    -- It names an erased customer, and is needed no more.
    body = case when s.status is not null and s.names_erased then null else d.body end
  from json_to_recordset(settled) as s(id uuid, repeats integer, attempts integer, status text, reason text,
    seconds double precision, waits boolean, names_erased boolean)
  where d.id = s.id and d.repeats = s.repeats and d.attempts = s.attempts and d.status = 'new';
  if jsonb_array_length(left_hints) > 0 then
    insert into webhook_deliveries (integration_id, kind, dedupe_key, hints)
    select for_integration, 'recheck', 'recheck:' || (h ->> 'externalId'), jsonb_build_array(h)
    from jsonb_array_elements(left_hints) h
    on conflict (integration_id, dedupe_key) do update set status = 'new', due_at = now(), attempts = 0,
      hints = excluded.hints, repeats = webhook_deliveries.repeats + 1, reason = null, done_at = null,
      received_at = now();
  end if;
  select greatest(extract(epoch from min(case when d.attempts = 0 then now() else d.due_at end) - now())::float8,
    pause_seconds, 0)
  from webhook_deliveries d where d.integration_id = for_integration and d.status = 'new'
  having count(*) > 0
  into next_seconds;
end $$;
--> statement-breakpoint
-- Inboxes with overdue deliveries that no worker holds, for the cron. One index lookup an inbox, however full it is.
CREATE PROCEDURE "overdue_inboxes"("grace_seconds" integer, "inboxes_max" integer, OUT "inboxes" json)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
begin
  with recursive inbox as (
    (select integration_id, due_at from webhook_deliveries where status = 'new' order by integration_id, due_at limit 1)
    union all
    select n.* from inbox, lateral (
      select integration_id, due_at from webhook_deliveries d
      where d.status = 'new' and d.integration_id > inbox.integration_id order by integration_id, due_at limit 1) n
  ), overdue as (
    select o.integration_id, o.due_at from inbox o join crm_integrations i on i.id = o.integration_id
    where o.due_at < now() - grace_seconds * interval '1 second' and (i.inbox_until is null or i.inbox_until < now())
    order by o.due_at limit inboxes_max
  )
  select coalesce(json_agg(o.integration_id order by o.due_at), '[]') from overdue o into inboxes;
end $$;
--> statement-breakpoint
-- What a connector asks of stored sales (src/transactions/stored.ts): several questions in one request, answered in
-- their order. A kept plan must be right for tables of any size: see write_page.
CREATE FUNCTION "read_stored"("for_integration" uuid, "questions" jsonb) RETURNS json LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_sort = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
declare
  q jsonb;
  names text[];
  answer json;
  answers json[] := '{}';
begin
  for q in select * from jsonb_array_elements(questions) loop
    names := case when q ? 'among' then array(select distinct jsonb_array_elements_text(q -> 'among')) end;
    if q ->> 'about' = 'sales' then
      select json_agg(json_build_object('externalId', t.external_id, 'kind', t.kind, 'status', t.status,
        'amountMinor', t.amount_minor, 'currency', t.currency, 'occurredAt', t.occurred_at,
        'sourceUpdatedAt', t.source_updated_at, 'locationId', t.location_external_id, 'items', t.items,
        'customer', json_build_object('externalId', t.customer_external_id, 'name', t.customer_name,
          'phone', t.customer_phone, 'email', t.customer_email, 'card', t.customer_card)))
      from unnest(names) as n(name) cross join lateral (
        select * from crm_transactions t where t.integration_id = for_integration
          and t.external_id >= n.name and t.external_id <= n.name order by t.external_id limit 1) t
      into answer;
    elsif q ->> 'about' = 'aliases' then
      select json_agg(t.alias)
      from unnest(names) as n(name) cross join lateral (
        select t.alias from crm_transactions t where t.integration_id = for_integration
          and t.alias >= n.name and t.alias <= n.name order by t.alias limit 1) t
      into answer;
    elsif names is not null then
      select json_agg(t.external_id)
      from unnest(names) as n(name) cross join lateral (
        select * from crm_transactions t where t.integration_id = for_integration
          and t.external_id >= n.name and t.external_id <= n.name order by t.external_id limit 1) t
      where t.occurred_at between (q ->> 'from')::timestamptz and (q ->> 'to')::timestamptz
        and t.status <> 'cancelled' and starts_with(t.external_id, q ->> 'prefix')
        and (t.location_external_id = q ->> 'locationId' or not q ? 'locationId')
      into answer;
    else
      select json_agg(t.external_id) from (
        select t.external_id from crm_transactions t where t.integration_id = for_integration
          and t.occurred_at >= (q ->> 'from')::timestamptz and t.occurred_at <= (q ->> 'to')::timestamptz
          and t.status <> 'cancelled' and starts_with(t.external_id, q ->> 'prefix')
          and (t.location_external_id = q ->> 'locationId' or not q ? 'locationId')
        order by t.occurred_at) t
      into answer;
    end if;
    answers := answers || coalesce(answer, '[]'::json);
  end loop;
  return array_to_json(answers);
end $$;
