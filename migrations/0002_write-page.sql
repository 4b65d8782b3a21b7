-- What a column was, for the history: nothing when it stays as it is.
CREATE FUNCTION "was"("name" text, "old" anycompatible, "new" anycompatible) RETURNS jsonb LANGUAGE sql STABLE
AS $$ select case when old is distinct from new then jsonb_build_object(name, old) else '{}' end $$;
--> statement-breakpoint
-- A row as it was: what is stored now, with the former values of one change after the other, the newest change first.
CREATE AGGREGATE "jsonb_merge"(jsonb) (sfunc = jsonb_concat, stype = jsonb, initcond = '{}');
--> statement-breakpoint
-- The statement that writes sales (src/transactions/page-statement.ts), as a procedure: PostgreSQL plans its queries
-- once a session, and planning them cost four times as much as running them on a small page.
--
-- It locks the integration's row first. Each later query begins after that, so it sees what the previous writer has
-- committed. The vendor's version decides which of two reads of an object is newer, else the change counter; where
-- neither does, the object is read again.
--
-- A kept plan must be right for tables of any size, also when it was made on empty ones. So no join may scan a table:
-- rows are looked up one by one (LATERAL ... LIMIT 1) and changed by ON CONFLICT, where the planner has no choice. On
-- an empty table all indexes that begin with the integration cost the same. A lookup is therefore a range with an
-- order, which only the right index has.
CREATE PROCEDURE "write_page"(
	-- The writer. A slice of a run is fenced by its lease and the page's ordinal, a hook's read by the settings.
	"for_integration" uuid, "fence_epoch" bigint, "by_run" uuid, "page_ordinal" integer, "page_count" integer,
	"lease_seconds" integer, "origin" text, "recheck_seconds" integer,
	-- The change counter from before the vendor was asked, and how many numbers to reserve.
	"snapshot_seq" bigint, "reserved" integer,
	-- What becomes of the run. Without a cursor more of the same page follows.
	"fetched_count" integer, "skipped_count" integer, "readable_count" integer, "ends_refused" boolean,
	"next_cursor" jsonb, "done_count" integer, "total_count" integer, "unreadable_records" json,
	-- The records, one of each id.
	"external_ids" text[], "gones" boolean[], "missings" boolean[], "ever_paids" boolean[],
	"version_ats" timestamptz[], "alias_list" text[], "alias_owners" boolean[],
	"kinds" text[], "statuses" text[], "amounts" bigint[], "currencies" text[], "occurred_ats" timestamptz[],
	"customer_ids" text[], "customer_names" text[], "customer_phones" text[], "customer_emails" text[],
	"customer_cards" text[], "location_ids" text[], "location_names" text[], "hashes" uuid[], "source_lines" bigint[],
	"items_list" jsonb,
	-- How many erasures of the business the page has been masked by.
	"known_erasures" integer,
	OUT "written" json
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
declare
  -- The brake stops a run that would change at least 20 stored rows and more than a fifth of its period. Both numbers
  -- are chosen, not measured. Below 20, an evening's corrections in a small shop would need a person. Far above it, a
  -- small shop has no protection: a wrong time zone or an empty branch could rewrite all its sales. A tenth would stop
  -- a price change that reaches back a few days; a half would let a lost branch of two pass.
  brake_rows_min constant integer := 20;
  brake_one_in constant integer := 5;
  -- Rejected rows kept of one run. A file with more is wrong as a whole, and the first ones show how. Without a limit a
  -- file of 1 GiB could store millions of rows that are never read; with a few hundred a person could not correct the
  -- rows of a usual file in one pass.
  rejected_max constant integer := 100000;

  is_hook constant boolean := by_run is null;
  business uuid;
  epoch integer;
  seq bigint;
  base bigint;
  last_page bigint;
  has_unpaid boolean;

  run_started timestamptz := now();
  run_is_bulk boolean;
  run_rejected integer;
  run_brake_off boolean := true;
  run_changed integer := 0;
  run_from timestamptz;
  run_to timestamptz;
  run_rows integer;

  erasure_count integer;
  is_braked boolean := false;
  period_rows integer;
  new_count integer := 0;
  changed_count integer := 0;
  overwritten_count integer := 0;
  cancelled_count integer := 0;
  recheck_count integer := 0;
  left_seqs bigint[];
  recheck_ids text[];
  unpaid_ids text[];
  unpaid_versions timestamptz[];
  unpaid_seqs bigint[];
  unreadable_count integer := json_array_length(unreadable_records);
  newly_unreadable integer := 0;
begin
  update crm_integrations i set change_seq = i.change_seq + reserved,
    page_seq = case when is_hook then i.page_seq else i.change_seq + reserved end,
    lease_until = case when is_hook then i.lease_until else now() + lease_seconds * interval '1 second' end
  where i.id = for_integration and case when is_hook then i.settings_epoch else i.lease_epoch end = fence_epoch
  returning i.business_id, i.settings_epoch, i.change_seq, i.change_seq - reserved, i.page_seq
  into business, epoch, seq, base, last_page;
  if not found then
    return;
  end if;
  if not is_hook then
    select r.started_at, r.trigger in ('backfill','import','check'), r.quarantined, r.brake_off, r.brake_changed,
      r.brake_window_from, r.brake_window_to, r.brake_window_rows
    from sync_runs r where r.id = by_run and r.status = 'running' and r.pages = page_ordinal
    into run_started, run_is_bulk, run_rejected, run_brake_off, run_changed, run_from, run_to, run_rows;
    if not found then
      return;
    end if;
  end if;

  -- Read under the lock: an erasure counts itself and then waits for the lock, so it finds what is written before.
  if external_ids is not null or unreadable_count > 0 then
    select b.erasures from businesses b where b.id = business into erasure_count;
    if erasure_count <> known_erasures then
      written := json_build_object('erasures', erasure_count);
      return;
    end if;
  end if;

  if external_ids is not null then
    has_unpaid := exists (select from unpaid_observations s where s.integration_id = for_integration);
    with page as (
      select p.*, coalesce(p.is_gone, false) as gone, coalesce(p.is_missing, false) as missing
      from rows from (
        unnest(external_ids, gones, missings, ever_paids, kinds, statuses, amounts, currencies, occurred_ats,
          customer_ids, customer_names, customer_phones, customer_emails, customer_cards, location_ids, location_names,
          version_ats, alias_list, alias_owners, hashes, source_lines),
        jsonb_array_elements(items_list)
      ) with ordinality as p(external_id, is_gone, is_missing, ever_paid, kind, status, amount_minor, currency,
        occurred_at, customer_external_id, customer_name, customer_phone, customer_email, customer_card,
        location_external_id, location_name, source_updated_at, alias, owns_alias, content_hash, source_line, items, n)
    ), classified as materialized (
      select p.external_id, base + p.n as seq, v.outcome,
        x.kind, x.status, x.amount_minor, x.currency, x.occurred_at, x.customer_external_id, x.customer_name,
        x.customer_phone, x.customer_email, x.customer_card, x.items, x.location_external_id, x.location_name,
        case when not g.is_absent then p.content_hash end as content_hash,
        p.source_updated_at, p.alias, p.source_line, o.source_line as old_source_line, o.status as old_status,
        o.occurred_at as stored_at,
        o.source_updated_at as old_source_updated_at, o.version_at as old_version_at, o.seen_seq as old_seen_seq,
        o.settings_epoch < epoch as is_of_old_settings, o.missing_since as old_missing_since, o.alias as old_alias,
        o.change_seq as old_change_seq, o.content_hash as old_hash, o.run_id as old_run_id, o.created_at,
        o.updated_at as old_updated_at, o.undone as old_undone,
        case when v.outcome = 'changed' then
          jsonb_build_object('change_seq', o.change_seq, 'updated_at', o.updated_at, 'run_id', o.run_id,
            'source_updated_at', o.source_updated_at, 'version_at', o.version_at, 'undone', o.undone)
          || was('status', o.status, x.status)
          || was('amount_minor', o.amount_minor, x.amount_minor)
          || was('items', o.items, x.items)
          || was('source_line', o.source_line, p.source_line)
          || case when ( -- these seldom change
              o.kind, o.currency, o.occurred_at, o.customer_external_id, o.customer_name, o.customer_phone,
              o.customer_email, o.customer_card, o.location_external_id, o.location_name
            ) is not distinct from (
              x.kind, x.currency, x.occurred_at, x.customer_external_id, x.customer_name, x.customer_phone,
              x.customer_email, x.customer_card, x.location_external_id, x.location_name
            ) then '{}' else was('kind', o.kind, x.kind)
              || was('currency', o.currency, x.currency)
              || was('occurred_at', o.occurred_at, x.occurred_at)
              || was('customer_external_id', o.customer_external_id, x.customer_external_id)
              || was('customer_name', o.customer_name, x.customer_name)
              || was('customer_phone', o.customer_phone, x.customer_phone)
              || was('customer_email', o.customer_email, x.customer_email)
              || was('customer_card', o.customer_card, x.customer_card)
              || was('location_external_id', o.location_external_id, x.location_external_id)
              || was('location_name', o.location_name, x.location_name) end end as before,
        v.outcome = 'same' and (is_hook or o.missing_since is not null or o.settings_epoch < epoch
          or p.source_updated_at > coalesce(o.version_at, '-infinity') or (o.alias is null and p.alias is not null)
        ) as touch,
        case when v.outcome = 'new' then uuidv7() else o.id end as id
      from page p
      left join lateral (
        select * from crm_transactions t where t.integration_id = for_integration
          and t.external_id >= p.external_id and t.external_id <= p.external_id
        order by t.external_id limit 1
      ) o on true
      -- A hook's read may have found the record unpaid meanwhile: then it is here and not in the table of sales.
      left join lateral (
        select * from unpaid_observations s where has_unpaid and o.id is null
          and s.integration_id = for_integration and s.external_id = p.external_id offset 0
      ) u on true
      -- An earlier run under the same settings missed it too: this is the second complete scan without it.
      cross join lateral (
        select x.gone, x.gone or p.missing as is_absent from (select p.gone or (
          p.missing and coalesce(o.missing_since < run_started and o.settings_epoch = epoch, false)) as gone) x
        offset 0) g
      cross join lateral (select
        case when g.is_absent then o.kind else p.kind end as kind,
        case when g.gone then 'cancelled' when p.missing then o.status else p.status end as status,
        case when g.is_absent then o.amount_minor else p.amount_minor end as amount_minor,
        case when g.is_absent then o.currency else p.currency end as currency,
        case when g.is_absent or o.id is not null and p.status <> 'paid' then o.occurred_at
          else p.occurred_at end as occurred_at,
        case when g.is_absent then o.customer_external_id else p.customer_external_id end as customer_external_id,
        case when g.is_absent then o.customer_name else p.customer_name end as customer_name,
        case when g.is_absent then o.customer_phone else p.customer_phone end as customer_phone,
        case when g.is_absent then o.customer_email else p.customer_email end as customer_email,
        case when g.is_absent then o.customer_card else p.customer_card end as customer_card,
        case when g.is_absent then o.items else p.items end as items,
        case when g.is_absent then o.location_external_id else p.location_external_id end as location_external_id,
        case when g.is_absent then o.location_name else p.location_name end as location_name
        offset 0) x
      cross join lateral (select case
        when o.id is null then case
          when not p.ever_paid or p.gone or p.missing or (p.alias is not null and not p.owns_alias) or (
            -- The same sale is already stored under the id of another feed.
            select true from crm_transactions t where t.integration_id = for_integration
              and t.alias >= p.alias and t.alias <= p.alias order by t.alias limit 1) then 'skipped'
          when p.source_updated_at < u.version_at then 'stale'
          when u.seen_seq > snapshot_seq and not coalesce(p.source_updated_at > u.version_at, false) then 'overlap'
          else 'new' end
        when o.settings_epoch = epoch and p.source_updated_at < o.version_at then 'stale'
        when p.missing and not g.gone then
          case when o.status = 'cancelled' or o.seen_seq > snapshot_seq then 'ignored' else 'missed' end
        when (
          x.kind, x.status, x.amount_minor, x.currency, x.occurred_at, x.customer_external_id, x.customer_name,
          x.customer_phone, x.customer_email, x.customer_card, x.items, x.location_external_id, x.location_name
        ) is not distinct from (
          o.kind, o.status, o.amount_minor, o.currency, o.occurred_at, o.customer_external_id, o.customer_name,
          o.customer_phone, o.customer_email, o.customer_card, o.items, o.location_external_id, o.location_name
        ) then 'same'
        when o.settings_epoch = epoch and o.seen_seq > snapshot_seq
          and not coalesce(p.source_updated_at > o.version_at, false) then 'overlap'
        else 'changed' end as outcome offset 0) v
    ), counts as materialized (
      select count(*) filter (where outcome = 'new')::int as inserted,
        count(*) filter (where outcome = 'changed')::int as updated,
        -- Nobody relies on a sale that an undo has cancelled, so the brake does not count it.
        count(*) filter (where outcome = 'changed' and not old_undone)::int as overwritten,
        count(*) filter (where outcome = 'changed' and status = 'cancelled' and old_status <> 'cancelled')::int
          as cancelled,
        count(*) filter (where outcome = 'skipped')::int as skipped,
        array_agg(old_change_seq) filter (where outcome = 'changed') as left_seqs,
        array_agg(external_id) filter (where recheck_seconds is not null and (outcome = 'overlap'
          or (is_hook and outcome in ('new','changed') and last_page > snapshot_seq))) as recheck_ids,
        array_agg(external_id) filter (where is_hook and outcome = 'skipped') as unpaid_ids,
        array_agg(source_updated_at) filter (where is_hook and outcome = 'skipped') as unpaid_versions,
        array_agg(seq) filter (where is_hook and outcome = 'skipped') as unpaid_seqs,
        least(run_from, min(stored_at)) as period_from, greatest(run_to, max(stored_at)) as period_to
      from classified
    ), brake as materialized ( -- counts the period again only when the changes have doubled, and only as far as needed
      select case
        when run_brake_off or c.overwritten = 0 or run_changed + c.overwritten < brake_rows_min then null
        when run_rows >= (run_changed + c.overwritten) * brake_one_in then run_rows
        else (
          select count(*)::int from (
            select from crm_transactions t where t.integration_id = for_integration
              and t.occurred_at >= c.period_from and t.occurred_at <= c.period_to
            order by t.occurred_at limit (run_changed + c.overwritten) * 2 * brake_one_in) period) end as rows
      from counts c
    ), gate as materialized (
      select b.rows from counts c, brake b
      where b.rows is null or b.rows >= (run_changed + c.overwritten) * brake_one_in
    ), inserted as (
      insert into crm_transactions (id, business_id, integration_id, external_id,
        kind, status, amount_minor, currency, occurred_at, customer_external_id, customer_name, customer_phone,
        customer_email, customer_card, items, location_external_id, location_name,
        content_hash, source_updated_at, version_at, seen_seq, settings_epoch, change_seq, run_id, alias, source_line)
      select d.id, business, for_integration, d.external_id,
        d.kind, d.status, d.amount_minor, d.currency, d.occurred_at, d.customer_external_id, d.customer_name,
        d.customer_phone, d.customer_email, d.customer_card, d.items, d.location_external_id, d.location_name,
        d.content_hash, d.source_updated_at, d.source_updated_at, d.seq, epoch, d.seq, by_run, d.alias,
        d.source_line
      from classified d, gate where d.outcome = 'new'
    ), updated as (
      -- Changed; or touched: equal content, read by a hook, with a newer version or an alias, under new settings or
      -- after a miss; or missed. Under new settings the versions and the count of misses start again.
      insert into crm_transactions (id, business_id, integration_id, external_id,
        kind, status, amount_minor, currency, occurred_at, customer_external_id, customer_name, customer_phone,
        customer_email, customer_card, items, location_external_id, location_name,
        content_hash, source_updated_at, version_at, seen_seq, settings_epoch, missing_since, change_seq, run_id,
        undone, alias, source_line, created_at, updated_at)
      select d.id, business, for_integration, d.external_id,
        d.kind, d.status, d.amount_minor, d.currency, d.occurred_at, d.customer_external_id, d.customer_name,
        d.customer_phone, d.customer_email, d.customer_card, d.items, d.location_external_id, d.location_name,
        case when d.outcome = 'changed' then d.content_hash else coalesce(d.content_hash, d.old_hash) end,
        case when d.outcome = 'changed' then coalesce(d.source_updated_at, d.old_source_updated_at)
          else d.old_source_updated_at end,
        case when d.outcome = 'missed' then case when not d.is_of_old_settings then d.old_version_at end
          when d.is_of_old_settings then coalesce(d.source_updated_at, d.old_version_at)
          else greatest(d.old_version_at, d.source_updated_at) end,
        case when d.outcome = 'changed' or d.touch then d.seq else d.old_seen_seq end,
        epoch,
        case when d.outcome = 'missed' then
          case when d.is_of_old_settings then now() else coalesce(d.old_missing_since, now()) end end,
        case when d.outcome = 'changed' then d.seq else d.old_change_seq end,
        case when d.outcome = 'changed' then by_run else d.old_run_id end,
        d.outcome <> 'changed' and d.old_undone,
        case when d.outcome = 'missed' then d.old_alias else coalesce(d.old_alias, d.alias) end,
        case when d.outcome = 'changed' then d.source_line else d.old_source_line end,
        d.created_at,
        case when d.outcome = 'changed' then now() else d.old_updated_at end
      from classified d, gate where d.outcome in ('changed','missed') or d.touch
        or (d.outcome = 'same' and d.content_hash is not null and d.content_hash is distinct from d.old_hash)
      on conflict (integration_id, external_id) do update set
        kind = excluded.kind, status = excluded.status, amount_minor = excluded.amount_minor,
        currency = excluded.currency, occurred_at = excluded.occurred_at,
        customer_external_id = excluded.customer_external_id, customer_name = excluded.customer_name,
        customer_phone = excluded.customer_phone, customer_email = excluded.customer_email,
        customer_card = excluded.customer_card, items = excluded.items,
        location_external_id = excluded.location_external_id, location_name = excluded.location_name,
        content_hash = excluded.content_hash, source_updated_at = excluded.source_updated_at,
        version_at = excluded.version_at, seen_seq = excluded.seen_seq, settings_epoch = excluded.settings_epoch,
        missing_since = excluded.missing_since, change_seq = excluded.change_seq, run_id = excluded.run_id,
        undone = excluded.undone, alias = excluded.alias, source_line = excluded.source_line,
        updated_at = excluded.updated_at
    ), feed as (
      insert into transaction_feed (integration_id, change_seq, transaction_id)
      select for_integration, d.seq, d.id from classified d, gate where d.outcome in ('new','changed')
    ), history as (
      insert into transaction_changes (integration_id, change_seq, transaction_id, before, source, run_id)
      select for_integration, d.seq, d.id, d.before, origin, by_run
      from classified d, gate where d.outcome = 'changed'
    ) -- What is inserted into the feed becomes an event for whoever listens, by the trigger publish_changes.
    select not exists (select from gate), b.rows, c.inserted, c.updated, c.overwritten, c.cancelled,
      skipped_count + c.skipped, c.period_from, c.period_to, c.left_seqs, c.recheck_ids, c.unpaid_ids,
      c.unpaid_versions, c.unpaid_seqs
    from counts c, brake b
    into is_braked, period_rows, new_count, changed_count, overwritten_count, cancelled_count, skipped_count, run_from,
      run_to, left_seqs, recheck_ids, unpaid_ids, unpaid_versions, unpaid_seqs;
    -- What few pages need is no part of the statement above, where it would be prepared for each.
    if not is_braked and left_seqs is not null then
      delete from transaction_feed f where f.integration_id = for_integration and f.change_seq = any (left_seqs);
    end if;
    if not is_braked and recheck_ids is not null then
      -- Two reads overlapped and no version says which is newer; or a page was written since the hook's read began, and
      -- a page leaves no trace in rows that it found equal. The vendor is asked once more, after both.
      insert into webhook_deliveries (integration_id, kind, dedupe_key, hints, due_at)
      select for_integration, 'recheck', 'recheck:' || r.id, jsonb_build_array(jsonb_build_object('externalId', r.id)),
        now() + recheck_seconds * interval '1 second'
      from unnest(recheck_ids) as r(id)
      on conflict (integration_id, dedupe_key) do update set status = 'new', due_at = excluded.due_at, attempts = 0,
        repeats = webhook_deliveries.repeats + 1, reason = null, done_at = null, received_at = now();
      get diagnostics recheck_count = row_count;
    end if;
    if not is_braked and unpaid_ids is not null then -- for pages that were requested before this read
      insert into unpaid_observations (integration_id, external_id, version_at, seen_seq)
      select for_integration, u.* from unnest(unpaid_ids, unpaid_versions, unpaid_seqs) u
      on conflict (integration_id, external_id) do update set seen_seq = excluded.seen_seq, at = now(),
        version_at = greatest(unpaid_observations.version_at, excluded.version_at);
    end if;
  end if;

  if not is_braked and unreadable_count > 0 then
    with unreadable as (
      insert into quarantined_records (integration_id, record_key, external_id, reason, raw, run_id)
      select distinct on (q.record_key) for_integration, q.record_key, q.external_id, q.reason, q.raw, by_run
      from json_to_recordset(unreadable_records)
        as q(record_key text, external_id text, reason text, raw jsonb, line bigint)
      where q.line is null
      on conflict (integration_id, record_key) do update set reason = excluded.reason, raw = excluded.raw,
        run_id = excluded.run_id, times = quarantined_records.times + 1, last_seen_at = now()
      returning xmax = 0 as is_new
    ) select count(*) filter (where is_new) from unreadable into newly_unreadable;
    if run_rejected < rejected_max then -- rows of a file are kept with the run that read it
      insert into rejected_rows (run_id, line, column_name, reason, raw)
      select by_run, q.line, q.column_name, q.reason, q.raw
      from json_to_recordset(unreadable_records) as q(line bigint, column_name text, reason text, raw text)
      where q.line is not null
      on conflict do nothing;
    end if;
  end if;
  -- A record that maps again leaves quarantine.
  if not is_braked and external_ids is not null and exists (
      select from quarantined_records q where q.integration_id = for_integration) then
    delete from quarantined_records q where q.integration_id = for_integration
      and q.record_key = any (array(
        select p.external_id from unnest(external_ids, missings) as p(external_id, missing)
        where p.missing is not true
        except select u.record_key from json_to_recordset(unreadable_records) as u(record_key text)));
  end if;

  if is_hook and new_count + changed_count > 0 then
    update crm_integrations i set transactions_synced = i.transactions_synced + new_count + changed_count
    where i.id = for_integration;
  elsif not is_hook and not is_braked then
    update sync_runs r set pages = r.pages + page_count, fetched = r.fetched + fetched_count,
      inserted = r.inserted + new_count, updated = r.updated + changed_count, skipped = r.skipped + skipped_count,
      quarantined = r.quarantined + unreadable_count, readable = r.readable + readable_count,
      newly_quarantined = r.newly_quarantined + newly_unreadable,
      refused_pages = r.refused_pages + ends_refused::int,
      unchanged = r.unchanged + fetched_count - new_count - changed_count - skipped_count - unreadable_count,
      cursor = coalesce(next_cursor, r.cursor), heartbeat_at = now(),
      -- A part of a page is no progress: a rest that kills its worker must use up the attempts.
      attempt = case when next_cursor is null then r.attempt else 0 end,
      deaths = case when next_cursor is null then r.deaths else 0 end,
      progress_done = coalesce(done_count, r.fetched + fetched_count),
      progress_total = coalesce(total_count, r.progress_total),
      brake_changed = r.brake_changed + overwritten_count, brake_window_from = run_from, brake_window_to = run_to,
      brake_window_rows = greatest(r.brake_window_rows, period_rows)
    where r.id = by_run;
  end if;
  written := json_build_object('seq', seq, 'braked', is_braked, 'rows', period_rows, 'changedBefore', run_changed,
    'inserted', new_count, 'updated', changed_count, 'overwritten', overwritten_count, 'cancelled', cancelled_count,
    'from', run_from, 'to', run_to, 'rechecks', recheck_count,
    'liveWaits', run_is_bulk and exists (
      select from sync_runs l where l.integration_id = for_integration and l.id <> by_run
        and l.trigger in ('schedule','manual','webhook') and l.status in ('queued','running','waiting')
        and (l.resume_at is null or l.resume_at <= now())));
end $$;
--> statement-breakpoint
-- A page of a run that brings nothing new, as the overlap of every sync does. Of each record it has only the hash of
-- its content. When all of them are stored as they are, the page ends here. Else the answer says that some differ,
-- nothing is changed, and the page comes again to write_page, which trusts nothing of this.
CREATE PROCEDURE "write_equal_page"(
	"for_integration" uuid, "fence_epoch" bigint, "by_run" uuid, "page_ordinal" integer, "page_count" integer,
	"lease_seconds" integer, "reserved" integer, "fetched_count" integer, "skipped_count" integer, "readable_count" integer, "next_cursor" jsonb,
	"done_count" integer, "total_count" integer,
	"external_ids" text[], "gones" boolean[], "missings" boolean[], "ever_paids" boolean[], "version_ats" timestamptz[],
	"alias_list" text[], "alias_owners" boolean[], "hashes" uuid[],
	OUT "written" json
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
declare
  epoch integer;
  differing integer;
  unsold integer;
  period_from timestamptz;
  period_to timestamptz;
begin
  select i.settings_epoch from crm_integrations i where i.id = for_integration and i.lease_epoch = fence_epoch
  for no key update into epoch;
  if not found or not exists (
      select from sync_runs r where r.id = by_run and r.status = 'running' and r.pages = page_ordinal) then
    return;
  end if;
  select count(*) filter (where (case
      -- A sale that is not stored is new, unless it is one that write_page skips.
      when o.id is null then not p.ever_paid or p.gone or p.missing or (p.alias is not null and (not p.owns_alias or (
        select true from crm_transactions t where t.integration_id = for_integration
          and t.alias >= p.alias and t.alias <= p.alias order by t.alias limit 1)))
      when o.settings_epoch <> epoch or o.missing_since is not null then false
      when p.source_updated_at < o.version_at then true
      when p.source_updated_at > coalesce(o.version_at, '-infinity') or (o.alias is null and p.alias is not null)
        then false
      when p.gone or p.missing then o.status = 'cancelled'
      else o.content_hash = p.content_hash end) is not true),
    count(*) filter (where o.id is null), min(o.occurred_at), max(o.occurred_at)
  from (
    select p.external_id, coalesce(p.gone, false) as gone, coalesce(p.missing, false) as missing, p.ever_paid,
      p.source_updated_at, p.alias, p.owns_alias, p.content_hash
    from unnest(external_ids, gones, missings, ever_paids, version_ats, alias_list, alias_owners, hashes)
      as p(external_id, gone, missing, ever_paid, source_updated_at, alias, owns_alias, content_hash)
  ) p
  left join lateral (
    select t.id, t.settings_epoch, t.missing_since, t.version_at, t.alias, t.status, t.content_hash, t.occurred_at
    from crm_transactions t where t.integration_id = for_integration
      and t.external_id >= p.external_id and t.external_id <= p.external_id order by t.external_id limit 1
  ) o on true
  into differing, unsold, period_from, period_to;
  if differing > 0 or exists ( -- one that maps again leaves quarantine
      select from quarantined_records q
      where q.integration_id = for_integration and q.record_key = any (external_ids)) then
    written := json_build_object('differs', true);
    return;
  end if;
  -- The brake compares with the period that a run has read.
  update sync_runs r set brake_window_from = least(r.brake_window_from, period_from),
    brake_window_to = greatest(r.brake_window_to, period_to)
  where r.id = by_run and (period_from < coalesce(r.brake_window_from, 'infinity')
    or period_to > coalesce(r.brake_window_to, '-infinity'));
  call write_page(for_integration, fence_epoch, by_run, page_ordinal, page_count, lease_seconds, '', null, 0, reserved,
    fetched_count, skipped_count + unsold, readable_count, false, next_cursor, done_count, total_count, '[]',
    null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
    null, null, null, 0, written);
end $$;
