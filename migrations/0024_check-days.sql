CREATE TABLE "check_days" (
	"integration_id" uuid NOT NULL,
	"day" date NOT NULL,
	"location_id" text NOT NULL,
	"stored_count" integer NOT NULL,
	"stored_minor" bigint NOT NULL,
	"crm_count" integer NOT NULL,
	"crm_minor" bigint NOT NULL,
	"total" jsonb,
	"missing" integer NOT NULL,
	"extra" integer NOT NULL,
	"different" integer NOT NULL,
	"state" text NOT NULL,
	"equal_times" integer NOT NULL,
	"run_id" uuid NOT NULL,
	"checked_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "check_days_integration_id_day_location_id_pk" PRIMARY KEY("integration_id","day","location_id"),
	CONSTRAINT "check_days_state" CHECK ("check_days"."state" in ('equal','different','unchecked'))
);
--> statement-breakpoint
CREATE TABLE "check_records" (
	"run_id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"integration_id" uuid NOT NULL,
	"day" date,
	"location_id" text DEFAULT '' NOT NULL,
	"status" text NOT NULL,
	"kind" text,
	"amount_minor" bigint,
	"currency" text,
	"occurred_at" timestamp with time zone,
	"customer_external_id" text,
	"items_hash" uuid,
	"source_updated_at" timestamp with time zone,
	"alias" text,
	"snapshot_seq" bigint NOT NULL,
	"read_at" timestamp with time zone DEFAULT now() NOT NULL,
	"outcome" text,
	"stored" jsonb,
	"stored_day" date,
	"fields" text[],
	CONSTRAINT "check_records_run_id_external_id_pk" PRIMARY KEY("run_id","external_id")
);
--> statement-breakpoint
ALTER TABLE "sync_runs" DROP CONSTRAINT "sync_runs_trigger";--> statement-breakpoint
ALTER TABLE "sync_runs" DROP CONSTRAINT "sync_runs_task";--> statement-breakpoint
DROP INDEX "sync_runs_one_bulk";--> statement-breakpoint
CREATE INDEX "check_days_age" ON "check_days" USING btree ("checked_at");--> statement-breakpoint
CREATE INDEX "check_days_different" ON "check_days" USING btree ("integration_id") WHERE "check_days"."state" = 'different';--> statement-breakpoint
CREATE INDEX "check_records_staged" ON "check_records" USING btree ("run_id","day") WHERE "check_records"."outcome" is null;--> statement-breakpoint
CREATE INDEX "check_records_alias" ON "check_records" USING btree ("run_id","alias") WHERE "check_records"."alias" is not null;--> statement-breakpoint
CREATE INDEX "check_records_age" ON "check_records" USING btree ("read_at") WHERE "check_records"."outcome" is not null;--> statement-breakpoint
CREATE INDEX "check_records_found" ON "check_records" USING btree ("integration_id","day") WHERE "check_records"."outcome" is not null;--> statement-breakpoint
CREATE INDEX "check_records_found_stored" ON "check_records" USING btree ("integration_id","stored_day") WHERE "check_records"."outcome" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "sync_runs_one_bulk" ON "sync_runs" USING btree ("integration_id") WHERE "sync_runs"."trigger" in ('backfill','import','check') and "sync_runs"."status" in ('running','waiting');--> statement-breakpoint
ALTER TABLE "sync_runs" ADD CONSTRAINT "sync_runs_trigger" CHECK ("sync_runs"."trigger" in ('schedule','manual','backfill','webhook','import','check'));--> statement-breakpoint
ALTER TABLE "sync_runs" ADD CONSTRAINT "sync_runs_task" CHECK ("sync_runs"."task" in ('pull','quarantine','undo','check'));
--> statement-breakpoint
ALTER TABLE "check_records" SET (autovacuum_vacuum_scale_factor = 0.02);
--> statement-breakpoint
-- Keeps what a page of a check has shown (src/sync/check-page.ts), with the cursor that follows it, under the fence of
-- the run: it locks the integration's row first. Of two readings of a record the newer one stays; the time of the first
-- stays as long as the CRM shows it so.
CREATE PROCEDURE "stage_records"(
	"for_integration" uuid, "held_epoch" bigint, "by_run" uuid, "page_ordinal" integer, "page_count" integer,
	"lease_seconds" integer, "snapshot_seq" bigint, "next_cursor" jsonb, "done_count" integer, "total_count" integer,
	"fetched_count" integer, "skipped_count" integer, "unreadable_count" integer, "read_records" json,
	OUT "staged" json
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
declare
  seq bigint;
begin
  update crm_integrations i set lease_until = now() + lease_seconds * interval '1 second'
  where i.id = for_integration and i.lease_epoch = held_epoch returning i.change_seq into seq;
  if not found then
    return;
  end if;
  update sync_runs r set pages = r.pages + page_count, fetched = r.fetched + fetched_count,
    skipped = r.skipped + skipped_count, quarantined = r.quarantined + unreadable_count,
    cursor = coalesce(next_cursor, r.cursor), heartbeat_at = now(),
    attempt = case when next_cursor is null then r.attempt else 0 end,
    deaths = case when next_cursor is null then r.deaths else 0 end,
    progress_done = coalesce(done_count, r.progress_done), progress_total = coalesce(total_count, r.progress_total)
  where r.id = by_run and r.status = 'running' and r.pages = page_ordinal;
  if not found then
    return;
  end if;
  insert into check_records as c (run_id, external_id, integration_id, day, location_id, status, kind, amount_minor,
    currency, occurred_at, customer_external_id, items_hash, source_updated_at, alias, snapshot_seq)
  select by_run, p.external_id, for_integration, p.day, coalesce(p.location_id, ''), p.status, p.kind, p.amount_minor,
    p.currency, p.occurred_at, p.customer_external_id, md5(p.items::text)::uuid, p.source_updated_at, p.alias,
    snapshot_seq
  from json_to_recordset(read_records) as p(external_id text, day date, location_id text, status text, kind text,
    amount_minor bigint, currency text, occurred_at timestamptz, customer_external_id text, items jsonb,
    source_updated_at timestamptz, alias text)
  on conflict (run_id, external_id) do update set day = excluded.day, location_id = excluded.location_id,
    status = excluded.status, kind = excluded.kind, amount_minor = excluded.amount_minor, currency = excluded.currency,
    occurred_at = excluded.occurred_at, customer_external_id = excluded.customer_external_id,
    items_hash = excluded.items_hash, source_updated_at = excluded.source_updated_at, alias = excluded.alias,
    snapshot_seq = excluded.snapshot_seq,
    read_at = case when (c.status, c.kind, c.amount_minor, c.currency, c.occurred_at, c.location_id,
        c.customer_external_id, c.items_hash) is not distinct from (excluded.status, excluded.kind,
        excluded.amount_minor, excluded.currency, excluded.occurred_at, excluded.location_id,
        excluded.customer_external_id, excluded.items_hash) then c.read_at else excluded.read_at end
  -- What an earlier day has found stays, should this period show it too.
  where c.outcome is null and coalesce(excluded.source_updated_at >= c.source_updated_at, true);
  staged := json_build_object('seq', seq, 'liveWaits', exists (
    select from sync_runs l where l.integration_id = for_integration and l.id <> by_run
      and l.trigger in ('schedule','manual','webhook') and l.status in ('queued','running','waiting')
      and (l.resume_at is null or l.resume_at <= now())));
end $$;
--> statement-breakpoint
-- Compares a day of what a check has read with what is stored (src/sync/compare-day.ts), location by location. Whatever
-- a live read may have brought since is no difference: a sale that was stored after the CRM was asked counts as it is
-- stored, and a change that the last complete sync could not see yet is doubted. While there are doubts, or stored
-- sales of which the reading says nothing, the answer names them and the day stays; on the last try doubted sales leave
-- their location unchecked. The plan is a kept one: see write_page.
CREATE PROCEDURE "compare_day"(
	"for_integration" uuid, "held_epoch" bigint, "by_run" uuid, "page_ordinal" integer, "lease_seconds" integer,
	"of_day" date,
	-- When the day begins and ends, by location; the empty name: in any other.
	"bounds" jsonb,
	-- Locations that the CRM does not show now.
	"unread" text[],
	-- The change counter when the check began.
	"start_seq" bigint,
	-- When the reading was over: what it did not show was gone by then.
	"read_until" timestamptz,
	"late_seconds" integer, "ids_max" integer, "kept_max" integer, "is_last_try" boolean, "next_cursor" jsonb,
	OUT "compared" json
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_sort = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
declare
  known crm_integrations;
  day_from constant timestamptz := (select min((b.value ->> 0)::timestamptz) from jsonb_each(bounds) b);
  day_to constant timestamptz := (select max((b.value ->> 1)::timestamptz) from jsonb_each(bounds) b);
begin
  update crm_integrations i set lease_until = now() + lease_seconds * interval '1 second'
  where i.id = for_integration and i.lease_epoch = held_epoch returning i.* into known;
  if not found or not exists (
      select from sync_runs r where r.id = by_run and r.status = 'running' and r.pages = page_ordinal) then
    return;
  end if;
  with stored as materialized (
    select t from crm_transactions t cross join lateral (
      select coalesce(bounds -> t.location_external_id, bounds -> '') as day offset 0) b
    where t.integration_id = for_integration and t.occurred_at >= day_from and t.occurred_at < day_to
      and t.occurred_at >= (b.day ->> 0)::timestamptz and t.occurred_at < (b.day ->> 1)::timestamptz
      and coalesce(t.location_external_id, '') <> all (unread)
    order by t.occurred_at
  ), staged as materialized (
    (select s from check_records s where s.run_id = by_run and s.day = of_day and s.outcome is null order by s.day)
    union all -- what another day has shown to be another here
    (select s from check_records s
    where s.integration_id = for_integration and s.day = of_day and s.run_id = by_run and s.outcome is not null
    order by s.integration_id, s.day)
  ), pairs as materialized (
    select r.s, x.t, true as is_crm_day, coalesce((x.t).occurred_at >= (b.day ->> 0)::timestamptz
      and (x.t).occurred_at < (b.day ->> 1)::timestamptz, false) as is_stored_day
    from staged r left join lateral (
      select t from crm_transactions t where t.integration_id = for_integration
        and t.external_id >= (r.s).external_id and t.external_id <= (r.s).external_id order by t.external_id limit 1
    ) x on true
    cross join lateral (select coalesce(bounds -> (x.t).location_external_id, bounds -> '') as day offset 0) b
    union all
    select x.s, r.t, false, true from stored r left join lateral (
      select s from check_records s where s.run_id = by_run and s.external_id = (r.t).external_id offset 0
    ) x on true
    where (x.s).day is distinct from of_day
  ), classified as materialized (
    select (p.s).external_id as staged_id, (p.t).external_id as stored_id, p.is_crm_day, p.is_stored_day,
      (p.s).location_id as crm_location, coalesce((p.t).location_external_id, '') as stored_location,
      (p.s).amount_minor as crm_minor, (p.t).amount_minor as stored_minor, (p.s).status as crm_status,
      (p.t).status as stored_status, (p.t).occurred_at, f.fields, v.outcome,
      case when v.outcome in ('extra','different') then json_build_object('kind', (p.t).kind, 'status', (p.t).status,
        'amountMinor', (p.t).amount_minor, 'currency', (p.t).currency, 'occurredAt', (p.t).occurred_at,
        'locationId', (p.t).location_external_id) end as stored_as
    from pairs p
    cross join lateral (select array_remove(array[
      case when (p.s).status <> (p.t).status then 'status' end,
      case when (p.s).kind <> (p.t).kind then 'kind' end,
      case when (p.s).amount_minor <> (p.t).amount_minor then 'amountMinor' end,
      case when (p.s).currency <> (p.t).currency then 'currency' end,
      -- A sale that is no longer paid keeps its time.
      case when (p.s).status = 'paid' and (p.s).occurred_at <> (p.t).occurred_at then 'occurredAt' end,
      case when (p.s).customer_external_id is distinct from (p.t).customer_external_id then 'customer' end,
      case when (p.s).location_id <> coalesce((p.t).location_external_id, '') then 'location' end,
      case when (p.s).items_hash <> md5((p.t).items::text)::uuid then 'items' end], null) as fields offset 0) f
    cross join lateral (select coalesce(known.sync_enabled is not true or (p.s).read_at < known.as_of
      or (p.s).status in ('gone','missing') and read_until < known.as_of
      or (p.s).source_updated_at < known.as_of - late_seconds * interval '1 second', false) as is_settled offset 0) k
    cross join lateral (select case
      when (p.t).id is null then case
        when (p.s).status <> 'paid' then 'unpaid'
        -- The same sale stands under the id of another feed.
        when (p.s).alias is not null and ((
            select true from crm_transactions o where o.integration_id = for_integration
              and o.alias >= (p.s).alias and o.alias <= (p.s).alias order by o.alias limit 1)
          or (
            select true from check_records o where o.run_id = by_run and o.alias >= (p.s).alias
              and o.alias <= (p.s).alias and o.status = 'paid' and o.external_id < (p.s).external_id
            order by o.alias limit 1)) then 'other_id'
        when not k.is_settled then 'doubt' else 'missing' end
      when (p.s).external_id is null then case
        when (p.t).change_seq > start_seq then 'newer'
        -- What another feed shows of the same sale may differ in detail, not in what it counts.
        else coalesce((
          select case when (o.status, o.kind, o.amount_minor) = ((p.t).status, (p.t).kind, (p.t).amount_minor)
              and o.occurred_at > (p.t).occurred_at - interval '12 hours'
              and o.occurred_at < (p.t).occurred_at + interval '12 hours'
            or 'paid' not in (o.status, (p.t).status) then 'other_id' else 'hidden' end
          from check_records o where o.run_id = by_run and o.alias >= (p.t).alias and o.alias <= (p.t).alias
          order by o.alias limit 1), case (p.t).status when 'cancelled' then 'equal' else 'unshown' end) end
      when (p.t).change_seq > (p.s).snapshot_seq then 'newer'
      when (p.s).status in ('unreadable','hidden') then (p.s).status
      when (p.s).status in ('gone','missing') then case
        when (p.t).status = 'cancelled' then 'equal' when k.is_settled then 'extra' else 'doubt' end
      when (p.t).settings_epoch = known.settings_epoch and (p.s).source_updated_at < (p.t).version_at then 'newer'
      when f.fields = '{}' then case when (p.s).amount_minor is null then 'hidden' else 'equal' end
      when not k.is_settled then 'doubt' else 'different' end as outcome offset 0) v
  ), open as (
    select json_build_object(
      'doubts', coalesce(json_agg(c.staged_id) filter (where c.outcome = 'doubt'), '[]'),
      'unshown', coalesce(json_agg(json_build_object('externalId', c.stored_id, 'occurredAt', c.occurred_at,
        'locationId', nullif(c.stored_location, ''))) filter (where c.outcome = 'unshown'), '[]')) as ids
    from (
      select * from classified c where c.outcome in ('doubt','unshown') and not is_last_try
      order by coalesce(c.staged_id, c.stored_id) limit ids_max) c
    having count(*) > 0
  ), sides as ( -- one for each location that a sale stands at
    select c.outcome, s.location, bool_or(s.is_stored) as is_stored, bool_or(s.is_crm) as is_crm,
      max(c.stored_minor) as stored_minor, max(c.crm_minor) as crm_minor, max(c.stored_status) as stored_status,
      max(c.crm_status) as crm_status
    from classified c cross join lateral (
      select c.stored_location as location, true as is_stored, false as is_crm where c.is_stored_day
      union all select c.crm_location, false, true where c.is_crm_day and c.outcome in ('missing','different','doubt')
    ) s
    where not exists (select from open) and c.outcome not in ('unpaid') and s.location <> all (unread)
    group by c.staged_id, c.stored_id, c.outcome, s.location
  ), locations as (
    select s.location,
      count(*) filter (where s.is_stored and s.stored_status = 'paid') as stored_count,
      coalesce(sum(s.stored_minor) filter (where s.is_stored and s.stored_status = 'paid'), 0) as stored_minor,
      count(*) filter (where x.counts) as crm_count,
      coalesce(sum(x.minor) filter (where x.counts), 0) as crm_minor,
      count(*) filter (where s.outcome = 'missing') as missing,
      count(*) filter (where s.outcome = 'extra') as extra,
      count(*) filter (where s.outcome = 'different') as different,
      count(*) filter (where s.outcome in ('doubt','hidden','unreadable','unshown')) as open
    from sides s cross join lateral (select
      case when s.outcome in ('missing','different') then s.is_crm and s.crm_status = 'paid'
        else s.outcome in ('equal','newer','other_id') and s.is_stored and s.stored_status = 'paid'
        end as counts,
      case when s.outcome in ('missing','different') then s.crm_minor else s.stored_minor end as minor offset 0) x
    group by s.location
  ), days as (
    insert into check_days as d (integration_id, day, location_id, stored_count, stored_minor, crm_count, crm_minor,
      missing, extra, different, state, equal_times, run_id)
    select for_integration, of_day, l.location, l.stored_count, l.stored_minor, l.crm_count, l.crm_minor, l.missing,
      l.extra, l.different, case when l.missing + l.extra + l.different > 0 then 'different'
        when l.open > 0 then 'unchecked' else 'equal' end,
      (l.missing + l.extra + l.different + l.open = 0)::int, by_run
    from locations l
    where l.stored_count + l.crm_count + l.missing + l.extra + l.different + l.open > 0
    on conflict (integration_id, day, location_id) do update set stored_count = excluded.stored_count,
      stored_minor = excluded.stored_minor, crm_count = excluded.crm_count, crm_minor = excluded.crm_minor,
      total = null, missing = excluded.missing, extra = excluded.extra, different = excluded.different,
      state = excluded.state, run_id = excluded.run_id, checked_at = excluded.checked_at,
      equal_times = case when excluded.state = 'equal' then d.equal_times + 1 else 0 end
  ), without_sales as (
    delete from check_days d where d.integration_id = for_integration and d.day = of_day
      and d.location_id <> all (unread) and not exists (select from open)
      and not exists (select from locations l where l.location = d.location_id)
  ), outdated as (
    delete from check_records c where c.integration_id = for_integration and c.outcome is not null
      and c.run_id <> by_run and (c.day = of_day or c.stored_day = of_day) and not exists (select from open)
  ), found as (
    update check_records c set outcome = f.outcome, stored = f.stored_as,
      -- The other day may not be checked with this one: then it stays as it was found before.
      stored_day = case when f.is_stored_day then of_day else coalesce(c.stored_day, (
        select o.stored_day from check_records o where o.integration_id = for_integration and o.day = of_day
          and o.outcome = 'different' and o.run_id <> by_run and o.external_id = f.staged_id limit 1)) end,
      fields = case when f.outcome = 'different' then f.fields else '{}' end
    from (
      select c.* from classified c
      where c.outcome in ('missing','extra','different') and not exists (select from open)
      order by c.staged_id limit kept_max) f
    cross join lateral (
      select s.ctid from check_records s where s.run_id = by_run and s.external_id = f.staged_id offset 0) x
    where c.ctid = x.ctid
  )
  select case when exists (select from open) then (select o.ids from open o) else json_build_object(
    'equal', count(*) filter (where c.outcome in ('equal','newer','other_id') and c.is_stored_day),
    'unpaid', count(*) filter (where c.outcome = 'unpaid')) end
  from classified c into compared;

  if compared -> 'equal' is not null then
    delete from check_records where ctid = any (array(
      select s.ctid from check_records s where s.run_id = by_run and s.day = of_day and s.outcome is null
      order by s.day));
    update sync_runs r set pages = r.pages + 1, unchanged = r.unchanged + (compared ->> 'equal')::int,
      skipped = r.skipped + (compared ->> 'unpaid')::int, cursor = next_cursor, heartbeat_at = now(), attempt = 0,
      deaths = 0
    where r.id = by_run;
  end if;
  compared := (compared::jsonb || jsonb_build_object('seq', known.change_seq, 'at', now(), 'liveWaits', exists (
    select from sync_runs l where l.integration_id = for_integration and l.id <> by_run
      and l.trigger in ('schedule','manual','webhook') and l.status in ('queued','running','waiting')
      and (l.resume_at is null or l.resume_at <= now()))))::json;
end $$;
--> statement-breakpoint
-- Deletes what checks have read that are over and did not clear it themselves. One index lookup a check.
CREATE FUNCTION "clear_staged"("rows_max" integer) RETURNS integer LANGUAGE plpgsql
SET enable_seqscan = off AS $$
declare
  cleared integer;
begin
  with recursive run as (
    (select run_id from check_records where outcome is null order by run_id limit 1)
    union all
    select n.run_id from run, lateral (
      select c.run_id from check_records c where c.outcome is null and c.run_id > run.run_id order by c.run_id limit 1) n
  )
  delete from check_records where ctid = any (array(
    select c.ctid from run w join check_records c on c.run_id = w.run_id and c.outcome is null
    where not exists (
      select from sync_runs r where r.id = w.run_id and r.status in ('queued','running','waiting'))
    limit rows_max));
  get diagnostics cleared = row_count;
  return cleared;
end $$;
