-- When integrations are synced. Each has a fixed phase within its interval, made from its id. This spreads syncs evenly
-- over time, and neither a late tick nor an outage makes them drift or bunch up. src/runs/schedule-slots.ts has the
-- same rules, and test/runs/schedule-slots.test.ts compares both.

-- Seconds between polls. While the CRM's hooks are silent it is polled more often: for 10 minutes (SILENT_MINUTES in
-- src/runs/schedule-slots.ts) a hook may still come. At most 15 minutes, since an integration that relies on hooks may
-- poll only once a day, and every minute would multiply the calls of all that are silent. Hooks that have been missing
-- for 7 days were probably switched off on purpose; less than a long weekend, and an outage would end the faster polls.
-- An adaptive integration whose hooks arrive is polled every 15 to 60 minutes: six times less often than it would be,
-- and never more often. No hook for 3 days proves nothing any more; a weekend without sales is shorter.
CREATE FUNCTION "sync_every"(
	"interval_minutes" integer, "hooks_missed_at" timestamptz, "hook_last_at" timestamptz, "config" jsonb
) RETURNS integer
LANGUAGE sql STABLE
RETURN 60 * case
  when hooks_missed_at < now() - interval '10 minutes' and hooks_missed_at > now() - interval '7 days'
    then greatest(least(15, coalesce(interval_minutes, 5) / 4), 1)
  when hooks_missed_at is null and hook_last_at > now() - interval '3 days' and config ->> 'adaptive' = 'true'
    then greatest(coalesce(interval_minutes, 5), least(60, greatest(15, 6 * coalesce(interval_minutes, 5))))
  else coalesce(interval_minutes, 5) end;
--> statement-breakpoint
-- Seconds after which what is stored counts as late: `freshness.targetMinutes` of src/integrations/present.ts.
CREATE FUNCTION "late_after"(
	"interval_minutes" integer, "hooks_missed_at" timestamptz, "hook_last_at" timestamptz, "config" jsonb
) RETURNS integer
LANGUAGE sql STABLE
RETURN greatest(2 * sync_every(interval_minutes, hooks_missed_at, hook_last_at, config),
  120 * coalesce(interval_minutes, 5), 180);
--> statement-breakpoint
-- Seconds into its interval at which an integration is synced, from the tail of its id, which is random in every kind
-- of UUID. Each of these functions is one expression, so that the planner puts it in the place of its call.
CREATE FUNCTION "sync_phase"("id" uuid, "every" integer) RETURNS integer LANGUAGE sql STABLE
RETURN ('x' || right(id::text, 7))::bit(28)::int % every;
--> statement-breakpoint
-- The integration's next regular time after another one.
CREATE FUNCTION "next_slot"(
	"id" uuid, "interval_minutes" integer, "hooks_missed_at" timestamptz, "hook_last_at" timestamptz, "config" jsonb,
	"after" timestamptz DEFAULT now()
) RETURNS timestamptz
LANGUAGE sql STABLE
RETURN to_timestamp(
  (floor((extract(epoch from after)
      - sync_phase(id, sync_every(interval_minutes, hooks_missed_at, hook_last_at, config)))
    / sync_every(interval_minutes, hooks_missed_at, hook_last_at, config)) + 1)
  * sync_every(interval_minutes, hooks_missed_at, hook_last_at, config)
  + sync_phase(id, sync_every(interval_minutes, hooks_missed_at, hook_last_at, config)));
--> statement-breakpoint
-- The local time as seconds. The Worker checks a zone's name and knows some that PostgreSQL does not: for those, the
-- time in UTC.
CREATE FUNCTION "local_seconds"("instant" timestamptz, "zone" text) RETURNS numeric LANGUAGE plpgsql STABLE AS $$
begin
  return extract(epoch from instant at time zone zone);
exception when invalid_parameter_value then
  return extract(epoch from instant);
end $$;
--> statement-breakpoint
-- Whether the time of the integration's wide scan lies after one time and not after another: it is spread over the
-- night (NIGHT_HOURS in src/runs/schedule-slots.ts) from an hour of its zone on.
CREATE FUNCTION "is_night_slot"(
	"id" uuid, "from_hour" integer, "zone" text, "after" timestamptz, "until" timestamptz
) RETURNS boolean LANGUAGE sql STABLE
RETURN floor((local_seconds(until, zone) - from_hour * 3600
      - ('x' || substr(id::text, 25, 5))::bit(20)::int % 21600 * (6 - from_hour) / 6) / 86400)
  > floor((local_seconds(after, zone) - from_hour * 3600
      - ('x' || substr(id::text, 25, 5))::bit(20)::int % 21600 * (6 - from_hour) / 6) / 86400);
--> statement-breakpoint
-- The next time after so many failed runs in a row: the interval doubled as many times, at most a day. So a sync
-- resumes within a day of a repair; with an hour, abandoned integrations would call their CRM 24 times a day. 10 % more
-- or less spread integrations that failed together. 20 doublings of a minute are years, so the limit is reached before,
-- and a larger exponent could overflow.
CREATE FUNCTION "backoff_slot"("interval_minutes" integer, "hooks_missed_at" timestamptz, "failures" integer)
RETURNS timestamptz LANGUAGE sql VOLATILE
RETURN now() + least(24 * 3600, sync_every(interval_minutes, hooks_missed_at, null, null) * 2 ^ least(failures, 20)
  * (0.9 + 0.2 * random())) * interval '1 second';
--> statement-breakpoint
-- Opens a run for each integration that is due or falls due within so many seconds, the oldest first, and sets its next
-- sync. A run that is not due yet is queued with the time at which it begins. An integration whose live run is still
-- active gets none: it is skipped once it is due, and not claimed ahead, since that run may be over by then. Answers
-- how many were due, and the runs: id, and seconds until it begins. It reads no other table, whose rows would be as far
-- apart as those of the integrations.
CREATE PROCEDURE "claim_due"("claim_max" integer, "ahead_seconds" integer, OUT "claimed" json) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
begin
  with due as (
    select i.id, i.next_sync_at as due_at from crm_integrations i
    where i.sync_enabled = true and i.next_sync_at <= now() + ahead_seconds * interval '1 second'
      -- A value and no `exists`, for which the planner might read all active runs.
      and (i.next_sync_at <= now() or (
        select r.id from sync_runs r where r.integration_id = i.id and r.trigger in ('schedule','manual','webhook')
          and r.status in ('queued','running','waiting')) is null)
    order by i.next_sync_at limit claim_max for no key update of i skip locked
  ), moved as (
    update crm_integrations i set next_sync_at = next_slot(i.id, i.sync_interval_minutes, i.webhook_missed_at,
      i.webhook_last_at, i.additional_config, greatest(d.due_at, now()))
    from due d where i.id = d.id
    returning i.id, i.settings_epoch, d.due_at
  ), opened as (
    insert into sync_runs (integration_id, trigger, status, settings_epoch, resume_at, enqueued_at)
    select m.id, 'schedule', 'queued', m.settings_epoch, case when m.due_at > now() then m.due_at end,
      greatest(m.due_at, now())
    from moved m
    on conflict (integration_id) where trigger in ('schedule','manual','webhook')
      and status in ('queued','running','waiting') do nothing
    returning id, resume_at)
  select json_build_object('due', (select count(*) from moved), 'runs', coalesce((
    select json_agg(json_build_array(o.id, coalesce(ceil(extract(epoch from o.resume_at - now())), 0)::int))
    from opened o), '[]')) into claimed;
end $$;
--> statement-breakpoint
-- Due runs that no worker holds: a message was lost, a wait is over, or a worker died. Answers their ids, each with
-- whether it has to run alone: then it goes to the bulk queue.
CREATE PROCEDURE "sweep_runs"("sweep_max" integer, "grace_seconds" integer, OUT "swept" json) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
begin
  with lost as (
    select r.id, r.trigger in ('backfill','import','check') or r.is_nightly or r.deaths > 0
      or i.lease_run_id is not distinct from r.id as is_alone
    from sync_runs r join crm_integrations i on i.id = r.integration_id
    where r.status in ('queued','running','waiting') and (r.resume_at is null or r.resume_at <= now())
      -- Leaves out, by the index, what is claimed for later.
      and r.enqueued_at <= now() and (i.lease_until is null or i.lease_until < now())
      and (r.enqueued_at < now() - grace_seconds * interval '1 second' or i.lease_run_id = r.id)
    order by r.enqueued_at limit sweep_max for no key update of r skip locked
  ), sent as (
    update sync_runs r set enqueued_at = now() from lost l where r.id = l.id returning r.id, l.is_alone)
  select coalesce(json_agg(json_build_array(s.id, s.is_alone)), '[]') from sent s into swept;
end $$;
--> statement-breakpoint
-- An issue with a time among its values, as a person reads it.
CREATE FUNCTION "with_time"("issue" jsonb, "name" text, "at" timestamptz) RETURNS jsonb LANGUAGE sql STABLE
RETURN jsonb_set(issue, '{params}', jsonb_build_object(name, to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI')));
--> statement-breakpoint
-- Opens issues of an integration: code, detail_key, severity, whose_turn, params.
CREATE PROCEDURE "open_issues"("for_business" uuid, "for_integration" uuid, "wrong_issues" jsonb) LANGUAGE plpgsql AS $$
#variable_conflict use_column
begin
  insert into issues as s (business_id, integration_id, code, detail_key, severity, whose_turn, params)
  select for_business, for_integration, w.code, w.detail_key, w.severity, w.whose_turn, w.params
  from jsonb_to_recordset(wrong_issues)
    as w(code text, detail_key text, severity text, whose_turn text, params jsonb)
  on conflict (integration_id, code, detail_key) where resolved_at is null and integration_id is not null
  do update set last_seen_at = now(), count = s.count + 1, params = excluded.params, severity = excluded.severity,
    whose_turn = excluded.whose_turn;
end $$;
--> statement-breakpoint
-- The active run of an integration that should continue now, live runs first; null: there is none.
CREATE FUNCTION "next_in_line"("for_integration" uuid) RETURNS uuid LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
begin
  return (
    select n.id from sync_runs n where n.integration_id = for_integration
      and n.status in ('queued','running','waiting') and (n.resume_at is null or n.resume_at <= now())
    order by n.trigger in ('backfill','import','check'), n.status = 'queued', n.created_at, n.id limit 1);
end $$;
--> statement-breakpoint
-- Ends a run (src/sync/finish-run.ts): statistics, cursor, schedule, issues and what becomes of the connection.
CREATE PROCEDURE "finish_run"(
	"ending_run" uuid, "for_integration" uuid, "held_epoch" bigint,
	-- How many pages must be committed: the call came with the last one. Null: any number.
	"at_pages" integer,
	"is_fine" boolean, "failure" jsonb, "turns_sync_off" boolean,
	-- The CRM, when a refusal would switch sync off: a trouble of the CRM that is known now keeps the run from ending.
	"judged_crm" text, "can_reread" boolean,
	-- What is wrong by what the slice has seen: code, detail_key, severity, whose_turn, params.
	"wrong_issues" jsonb, "answered_lists" jsonb,
	-- The same by its code, for what this procedure finds by itself.
	"own_issues" jsonb,
	OUT "finished" json
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
declare
  known crm_integrations;
  run sync_runs;
  is_live boolean;
  is_wide boolean;
  has_quarantine boolean;
  others_failed integer := 0;
  others_synced integer := 0;
  -- Polling found a change that no hook announced. Not on the first sync, which finds what happened before there were
  -- hooks, nor when a hook has arrived since two minutes before the run began: it may have announced the change.
  hooks_missed boolean;
begin
  select * from crm_integrations i where i.id = for_integration and i.lease_epoch = held_epoch
  for no key update into known;
  if found and not (judged_crm is not null and exists (
      select from issues t where t.code = 'vendor_trouble' and t.detail_key = judged_crm and t.integration_id is null
        and t.resolved_at is null and t.last_seen_at = now())) then
    update sync_runs r set finished_at = now(), heartbeat_at = now(),
      status = case when is_fine and r.refused_pages = 0 then 'succeeded' else 'failed' end,
      error = case when not (is_fine and r.refused_pages = 0) then failure end
    where r.id = ending_run and r.status = 'running' and (at_pages is null or r.pages = at_pages)
    returning r.* into run;
  end if;
  if run.id is not null then
    is_live := run.trigger in ('schedule','manual','webhook');
    is_fine := run.status = 'succeeded';
    is_wide := is_fine and run.map_version is not null;
    if is_fine and is_live then -- nothing is left to confirm
      update sync_runs b set confirmed_at = now()
      where b.integration_id = for_integration and b.trigger in ('schedule','manual','webhook')
        and b.status = 'failed' and b.error ->> 'reason' = 'brake' and b.confirmed_at is null;
    end if;
    if turns_sync_off then
      -- The CRM would refuse the other active runs, too. An import does not ask the CRM and continues.
      with refused as (
        update sync_runs o set status = 'failed', finished_at = now(), resume_at = null, error = failure
        where o.integration_id = for_integration and o.id <> ending_run and o.status in ('queued','running','waiting')
          and o.trigger <> 'import'
        returning o.inserted + o.updated as synced
      ) select count(*), coalesce(sum(synced), 0) from refused into others_failed, others_synced;
    end if;
    has_quarantine := exists (select from quarantined_records q where q.integration_id = for_integration);
    if can_reread and is_fine and run.map_version > known.map_version and has_quarantine then
      -- The rules of the mapping are new: what they could not read before is read again, one by one.
      insert into sync_runs (integration_id, trigger, task, status, settings_epoch, progress_total)
      select for_integration, 'backfill', 'quarantine', 'queued', known.settings_epoch, q.records
      from (
        select count(*)::int as records from quarantined_records q
        where q.integration_id = for_integration and q.first_seen_at < run.started_at) q
      where q.records > 0 and not exists (
        select from sync_runs o where o.integration_id = for_integration and o.task = 'quarantine'
          and o.status in ('queued','running','waiting'));
    end if;

    if run.newly_quarantined > 0 and run.readable = 0 then
      wrong_issues := wrong_issues || jsonb_set(own_issues -> 'nothing_readable', '{params}',
        jsonb_build_object('records', run.newly_quarantined::text));
    end if;
    if run.newly_quarantined > 0 or has_quarantine and not exists (
        -- Hooks put records there, too.
        select from issues s where s.integration_id = for_integration and s.code = 'records_unreadable'
          and s.resolved_at is null) then
      wrong_issues := wrong_issues || jsonb_set(own_issues -> 'records_unreadable', '{params}',
        jsonb_build_object('records', (
          select count(*)::text from quarantined_records q where q.integration_id = for_integration)));
    end if;
    if is_live and not is_fine and not turns_sync_off and known.sync_enabled
      and known.as_of < now() - late_after(known.sync_interval_minutes, known.webhook_missed_at, known.webhook_last_at,
        known.additional_config) * interval '1 second' then
      wrong_issues := wrong_issues || with_time(own_issues -> 'data_late', 'asOf', known.as_of);
    end if;
    -- As long as sync_every takes hooks for silent.
    if known.sync_enabled and not turns_sync_off and known.webhook_missed_at < now() - interval '10 minutes'
      and known.webhook_missed_at > now() - interval '7 days' then
      wrong_issues := wrong_issues || with_time(own_issues -> 'hooks_silent', 'since', known.webhook_missed_at);
    end if;
    if jsonb_array_length(wrong_issues) > 0 then
      call open_issues(known.business_id, for_integration, wrong_issues);
    end if;
    if exists (select from issues s where s.integration_id = for_integration and s.resolved_at is null) then
      update issues s set resolved_at = now()
      where s.integration_id = for_integration and s.resolved_at is null
        and case s.code
          when 'connection_refused' then is_fine and run.trigger <> 'import'
          when 'refused_for_now' then is_fine and run.trigger <> 'import' or turns_sync_off
          when 'mapping_unconfirmed' then is_fine and run.trigger <> 'import'
          -- A sync that fails otherwise shows that this is over, too.
          when 'crm_unavailable' then is_live
          when 'settings_rejected' then is_live
          when 'sync_failed' then is_live
          when 'backfill_failed' then is_fine and run.trigger = 'backfill' and run.task = 'pull'
          when 'data_late' then is_fine and is_live and not (run.newly_quarantined > 0 and run.readable = 0)
          when 'all_rejected' then run.readable > 0
          when 'nothing_readable' then run.readable > 0
          when 'records_unreadable' then not has_quarantine
          when 'brake' then not exists (
            select from sync_runs b where b.integration_id = for_integration
              and b.status = 'failed' and b.error ->> 'reason' = 'brake' and b.confirmed_at is null)
          -- A list that is not refused any more is known by its answer, or by a wide scan, which asks for all of them.
          when 'side_list_refused' then (is_wide or answered_lists ? s.detail_key) and s.last_seen_at < run.started_at
          when 'archived_receipts_gone' then is_wide and s.last_seen_at < run.started_at
          else false end
        -- What is wrong now is never over.
        and not exists (
          select from jsonb_to_recordset(wrong_issues) as w(code text, detail_key text)
          where w.code = s.code and w.detail_key = s.detail_key);
    end if;
    if is_fine and run.trigger <> 'import' then -- the trouble of its CRM is over
      update issues s set resolved_at = now() where s.id in (
        select t.id from issues t where t.code = 'vendor_trouble' and t.detail_key = known.crm_type
          and t.integration_id is null and t.resolved_at is null and t.last_seen_at < now() - interval '10 minutes'
        -- Its row may be held by a worker that waits for ours.
        for no key update of t skip locked);
    end if;

    hooks_missed := run.trigger in ('schedule','manual') and run.task = 'pull' and run.inserted + run.updated > 0
      and known.cursor is not null and (known.webhook_last_at is not null or known.webhook_registration = 'registered')
      and coalesce(known.webhook_last_at, '-infinity') < run.started_at - interval '2 minutes';
    update crm_integrations i set lease_run_id = null, lease_until = null, lease_epoch = i.lease_epoch + 1,
      last_sync_at = now(), last_sync_status = case when is_fine then 'success' else 'failed' end,
      total_syncs = i.total_syncs + 1 + others_failed,
      successful_syncs = i.successful_syncs + is_fine::int,
      failed_syncs = i.failed_syncs + (not is_fine)::int + others_failed,
      transactions_synced = i.transactions_synced + run.inserted + run.updated + others_synced,
      last_error = concat_ws('.', run.error ->> 'kind', run.error ->> 'reason') || ': ' || (run.error ->> 'message'),
      last_failure = run.error,
      as_of = case when is_fine and is_live and run.task = 'pull'
        and not (run.newly_quarantined > 0 and run.readable = 0)
        -- Where a feed is read less often than the others, the cursor names when it was read last.
        then least(run.started_at, (run.cursor ->> 'asOf')::timestamptz) else i.as_of end,
      consecutive_failures = case when not is_live then i.consecutive_failures
        when is_fine then 0 else i.consecutive_failures + 1 end,
      -- What a refused page has is read again from here.
      cursor = case when is_live and run.refused_pages = 0 then coalesce(run.cursor, i.cursor) else i.cursor end,
      map_version = case when is_fine then greatest(i.map_version, run.map_version) else i.map_version end,
      passing_refusal = case when not is_fine then i.passing_refusal end,
      passing_refusal_since = case when not is_fine then i.passing_refusal_since end,
      connection_status = case when turns_sync_off then 'failed'
        -- A test failed for a while, and the sync that is on shows that it passes again.
        when is_fine and run.trigger <> 'import' and i.sync_enabled and i.connection_status = 'failed' then 'ok'
        else i.connection_status end,
      connection_checked_at = case when turns_sync_off then now() else i.connection_checked_at end,
      stopped_by = case when turns_sync_off and i.sync_enabled then 'vendor' else i.stopped_by end,
      -- Moves the guard of callers' updates: one that read sync as on must not switch it on again.
      updated_at = case when turns_sync_off then clock_timestamp() else i.updated_at end,
      sync_enabled = i.sync_enabled and not turns_sync_off,
      next_sync_at = case when turns_sync_off then null
        when i.next_sync_at is null or not is_live then i.next_sync_at
        when not is_fine then greatest(i.next_sync_at,
          backoff_slot(i.sync_interval_minutes, i.webhook_missed_at, i.consecutive_failures + 1))
        when i.consecutive_failures > 0
          then least(i.next_sync_at, next_slot(i.id, i.sync_interval_minutes, i.webhook_missed_at, i.webhook_last_at,
            i.additional_config))
        -- A minute after hooks count as silent, and at the set interval at once where it was a longer one.
        when hooks_missed then least(i.next_sync_at, now() + interval '11 minutes',
          next_slot(i.id, i.sync_interval_minutes, null, null, null))
        else i.next_sync_at end,
      webhook_missed_at = case when hooks_missed then coalesce(i.webhook_missed_at, now()) else i.webhook_missed_at end
    where i.id = for_integration;
  end if;
  -- The place of a comparison with the CRM's own totals: the counters are final here, and both rows are locked.
  finished := json_build_object('isEnded', run.id is not null, 'next', next_in_line(for_integration));
end $$;
--> statement-breakpoint
-- Taking a run (src/sync/take-run.ts): locks the integration's row, then decides in a query that sees what was
-- committed before. The answer is null when there is nothing to do, and an object without an id when the run is held
-- back.
CREATE PROCEDURE "take_run"(
	"wanted_run" uuid, "is_alone" boolean, "lease_seconds" integer, "map_versions" jsonb, "night_hours" jsonb,
	OUT "taken" json
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
declare
  of_integration uuid;
begin
  select r.integration_id from sync_runs r where r.id = wanted_run into of_integration;
  -- Lock order everywhere: integration, run, transactions.
  perform from crm_integrations i where i.id = of_integration for no key update;
  with found as (
    select r.id, r.trigger,
      r.trigger in ('schedule','manual','webhook') and r.task = 'pull' as is_pull,
      r.trigger in ('backfill','import','check') as is_bulk, i.lease_run_id as lapsed_run_id,
      r.task in ('pull','quarantine') as is_sync, r.task <> 'undo' as calls_crm,
      r.deaths, r.is_nightly or r.trigger = 'schedule' and r.started_at is null and is_night_slot(
        i.id, coalesce((night_hours ->> i.crm_type)::int, 0), b.timezone,
        coalesce(r.resume_at, r.created_at) - sync_every(i.sync_interval_minutes, i.webhook_missed_at,
          i.webhook_last_at, i.additional_config) * interval '1 second', now()) as is_nightly
    from sync_runs r, crm_integrations i, businesses b
    where r.id = wanted_run and i.id = of_integration and b.id = i.business_id and r.status in ('queued','running','waiting')
      and (r.resume_at is null or r.resume_at <= now()) and (i.lease_until is null or i.lease_until < now())
      and not (r.trigger in ('backfill','import','check') and exists (
        select from sync_runs ahead where ahead.integration_id = of_integration and ahead.id <> r.id
          and ahead.status in ('queued','running','waiting') and (
            (ahead.trigger in ('schedule','manual','webhook') and (ahead.resume_at is null or ahead.resume_at <= now()))
            -- A run that has begun goes first, then the oldest by (created_at, id): no two block each other.
            or (ahead.trigger in ('backfill','import','check') and (ahead.status <> 'queued'
              or r.status = 'queued' and (ahead.created_at, ahead.id) < (r.created_at, r.id))))))
  ), candidate as (
    select * from found f
    where is_alone or f.deaths = 0 and f.lapsed_run_id is distinct from f.id and not f.is_bulk and not f.is_nightly
  ), lease as (
    update crm_integrations i set lease_epoch = i.lease_epoch + 1, lease_run_id = c.id,
      lease_until = now() + lease_seconds * interval '1 second',
      last_sync_status = case when c.is_sync then 'in_progress' else i.last_sync_status end,
      called_at = case when c.calls_crm then now() else i.called_at end
    from candidate c where i.id = of_integration
    returning i.*
  ), others as (
    update sync_runs o set status = 'queued',
      deaths = o.deaths + (o.id is not distinct from c.lapsed_run_id)::int,
      attempt = o.attempt + (o.id is not distinct from c.lapsed_run_id and o.deaths > 0)::int
    from candidate c where o.integration_id = of_integration and o.id <> c.id and o.status = 'running'
  ), went_before as ( -- changes of a failed live run still count, or the brake would pass one page with each run
    select p.brake_changed, p.brake_window_from, p.brake_window_to, p.brake_window_rows
    from lease i, candidate c, lateral (
      select * from sync_runs p where p.integration_id = of_integration and not c.is_bulk
        and p.trigger in ('schedule','manual','webhook') and p.status in ('succeeded','failed')
        and p.settings_epoch = i.settings_epoch
      order by p.created_at desc, p.id desc limit 1) p
    where p.status = 'failed' and not p.brake_off
  ), wide as (
    -- A person's scan, the first sync, and the first one by new rules of the mapping read all that there is to read.
    select v.version from lease i, candidate c, lateral (
      select (map_versions ->> i.crm_type)::int as version offset 0) v
    where c.is_pull and (c.trigger = 'manual' or i.cursor is null or i.map_version < v.version)
  ), run as (
    update sync_runs r set status = 'running', started_at = coalesce(r.started_at, now()), heartbeat_at = now(),
      resume_at = null, error = null,
      deaths = r.deaths + (r.id is not distinct from c.lapsed_run_id)::int,
      attempt = r.attempt + (r.id is not distinct from c.lapsed_run_id and r.deaths > 0)::int,
      is_nightly = c.is_nightly,
      -- The rest is set when a run is taken for the first time.
      map_version = case when r.started_at is null then w.version else r.map_version end,
      brake_changed = case when r.started_at is null then coalesce(b.brake_changed, 0) else r.brake_changed end,
      brake_window_from = case when r.started_at is null then b.brake_window_from else r.brake_window_from end,
      brake_window_to = case when r.started_at is null then b.brake_window_to else r.brake_window_to end,
      brake_window_rows = case when r.started_at is null then coalesce(b.brake_window_rows, 0)
        else r.brake_window_rows end
    from candidate c left join went_before b on true left join wide w on true where r.id = wanted_run
    returning r.*, c.is_bulk
  )
  select json_build_object('id', r.id, 'integrationId', r.integration_id, 'trigger', r.trigger, 'task', r.task,
    'isBulk', r.is_bulk, 'isNightly', r.is_nightly, 'startedAt', r.started_at, 'attempt', r.attempt,
    'pages', r.pages, 'from', r.window_from, 'to', r.window_to,
    'readsAll', coalesce(r.map_version > i.map_version, false) and i.cursor is not null,
    'ageSeconds', extract(epoch from now() - r.created_at)::float8,
    'cursor', case when r.is_bulk then r.cursor else coalesce(r.cursor, i.cursor) end,
    'leaseEpoch', i.lease_epoch, 'changeSeq', i.change_seq, 'syncEnabled', coalesce(i.sync_enabled, false),
    'settingsEpoch', i.settings_epoch,
    'session', json_build_object('business_id', i.business_id, 'crm_type', i.crm_type, 'api_url', i.api_url,
      'api_key', i.api_key, 'api_secret', i.api_secret, 'extra_secret', i.extra_secret,
      'session_token', case when i.session_token_until > now() then i.session_token end,
      'additional_config', i.additional_config, 'timezone', b.timezone, 'currency', b.currency))
  from found f left join run r on true left join lease i on true
    left join businesses b on b.id = i.business_id
  into taken;
end $$;
