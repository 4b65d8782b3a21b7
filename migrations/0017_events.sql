CREATE TABLE "event_deliveries" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"endpoint_id" uuid NOT NULL,
	"integration_id" uuid,
	"type" text NOT NULL,
	"data" jsonb NOT NULL,
	"status" text DEFAULT 'waiting' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"due_at" timestamp with time zone DEFAULT now() NOT NULL,
	"taken_at" timestamp with time zone,
	"attempted_at" timestamp with time zone,
	"answer_status" integer,
	"answer_body" text,
	"answer_ms" integer,
	"answer_error" text,
	CONSTRAINT "event_deliveries_status" CHECK ("event_deliveries"."status" in ('waiting','delivered','failed'))
);
--> statement-breakpoint
CREATE TABLE "event_endpoints" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"business_id" uuid,
	"url" text NOT NULL,
	"types" jsonb,
	"description" text,
	"is_enabled" boolean DEFAULT true NOT NULL,
	"secret" "bytea" NOT NULL,
	"former_secret" "bytea",
	"former_until" timestamp with time zone,
	"failing_since" timestamp with time zone,
	"disabled_at" timestamp with time zone,
	"lease_holder" uuid,
	"lease_until" timestamp with time zone,
	"enqueued_until" timestamp with time zone,
	"paused_until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "event_endpoints" ADD CONSTRAINT "event_endpoints_business_id_businesses_id_fk" FOREIGN KEY ("business_id") REFERENCES "public"."businesses"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "event_deliveries_newest" ON "event_deliveries" USING btree ("endpoint_id","id");--> statement-breakpoint
CREATE INDEX "event_deliveries_due" ON "event_deliveries" USING btree ("endpoint_id","due_at") WHERE "event_deliveries"."status" = 'waiting';--> statement-breakpoint
CREATE UNIQUE INDEX "event_deliveries_joined" ON "event_deliveries" USING btree ("endpoint_id","integration_id") WHERE "event_deliveries"."type" = 'transactions.changed' and "event_deliveries"."status" = 'waiting' and "event_deliveries"."taken_at" is null;--> statement-breakpoint
CREATE INDEX "event_endpoints_listening" ON "event_endpoints" USING btree ("business_id") WHERE "event_endpoints"."is_enabled";--> statement-breakpoint
CREATE INDEX "event_endpoints_newest" ON "event_endpoints" USING btree ("created_at","id");--> statement-breakpoint
-- Puts an event of a business into the outbox of all endpoints that listen to it. Without a business, only those that
-- listen to all of them.
CREATE FUNCTION "publish_event"("of_business" uuid, "of_integration" uuid, "of_type" text, "event" jsonb)
RETURNS void LANGUAGE plpgsql AS $$
begin
  insert into event_deliveries (endpoint_id, integration_id, type, data)
  select e.id, of_integration, of_type, event from event_endpoints e
  where e.is_enabled and (e.business_id = of_business or e.business_id is null)
    and (e.types is null or e.types ? of_type);
end $$;
--> statement-breakpoint
-- What a statement has written to the feed, as one event an integration. It joins the event before while that is not
-- taken, which it is after a second. All that writes to an integration's feed holds its row, so the ranges follow each
-- other.
CREATE FUNCTION "publish_changes"() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
begin
  if not exists (select from event_endpoints) then
    return null;
  end if;
  insert into event_deliveries as d (endpoint_id, integration_id, type, data, due_at)
  select e.id, a.integration_id, 'transactions.changed',
    jsonb_build_object('integrationId', a.integration_id, 'fromSeq', a.from_seq, 'toSeq', a.to_seq),
    now() + interval '1 second'
  from (
    select integration_id, min(change_seq) as from_seq, max(change_seq) as to_seq from added group by integration_id) a
  cross join lateral (select i.business_id from crm_integrations i where i.id = a.integration_id) i
  join event_endpoints e on e.is_enabled and (e.business_id = i.business_id or e.business_id is null)
    and (e.types is null or e.types ? 'transactions.changed')
  on conflict (endpoint_id, integration_id)
    where type = 'transactions.changed' and status = 'waiting' and taken_at is null
    do update set data = d.data || jsonb_build_object('toSeq', excluded.data -> 'toSeq');
  return null;
end $$;
--> statement-breakpoint
CREATE TRIGGER "publish_changes" AFTER INSERT ON "transaction_feed" REFERENCING NEW TABLE AS "added"
FOR EACH STATEMENT EXECUTE FUNCTION "publish_changes"();
--> statement-breakpoint
CREATE FUNCTION "publish_run"() RETURNS trigger LANGUAGE plpgsql AS $$
declare
  business uuid;
  event jsonb;
begin
  if not exists (select from event_endpoints) then
    return null;
  end if;
  select i.business_id from crm_integrations i where i.id = new.integration_id into business;
  if not found then -- it was deleted, and so was its run
    return null;
  end if;
  event := jsonb_build_object('integrationId', new.integration_id, 'runId', new.id, 'task', new.task,
    'status', new.status, 'counters', jsonb_build_object('pages', new.pages, 'fetched', new.fetched,
      'inserted', new.inserted, 'updated', new.updated, 'unchanged', new.unchanged, 'skipped', new.skipped,
      'quarantined', new.quarantined));
  perform publish_event(business, new.integration_id, 'run.finished', event);
  if new.task = 'check' then
    perform publish_event(business, new.integration_id, 'check.finished', event || (
      select jsonb_build_object('from', (new.window_from at time zone 'UTC')::date, 'to',
        (new.window_to at time zone 'UTC')::date,
        'equalDays', count(*) filter (where d.is_equal), 'differentDays', count(*) filter (where d.is_different))
      from (
        select bool_and(c.state = 'equal') as is_equal, bool_or(c.state = 'different') as is_different
        from check_days c where c.integration_id = new.integration_id and c.run_id = new.id group by c.day) d));
  end if;
  return null;
end $$;
--> statement-breakpoint
CREATE TRIGGER "publish_run" AFTER UPDATE OF "status" ON "sync_runs" FOR EACH ROW
WHEN (old.finished_at is null and new.finished_at is not null) EXECUTE FUNCTION "publish_run"();
--> statement-breakpoint
CREATE FUNCTION "publish_connection"() RETURNS trigger LANGUAGE plpgsql AS $$
begin
  perform publish_event(new.business_id, new.id, 'connection.changed', jsonb_build_object('integrationId', new.id,
    'status', new.connection_status, 'stoppedBy', new.stopped_by));
  return null;
end $$;
--> statement-breakpoint
CREATE TRIGGER "publish_connection" AFTER UPDATE OF "connection_status", "stopped_by" ON "crm_integrations" FOR EACH ROW
WHEN (old.connection_status <> new.connection_status or old.stopped_by is distinct from new.stopped_by)
EXECUTE FUNCTION "publish_connection"();
--> statement-breakpoint
-- The row as it is, and the CRM whose words it takes: src/issues/schema.ts makes the issue of it. An open issue that is
-- deleted goes with its integration, and so it is over.
CREATE FUNCTION "publish_issue"() RETURNS trigger LANGUAGE plpgsql AS $$
declare
  issue issues;
begin
  if not exists (select from event_endpoints) then
    return null;
  end if;
  issue := coalesce(new, old);
  if tg_op = 'DELETE' then
    issue.resolved_at := now();
  end if;
  perform publish_event(issue.business_id, issue.integration_id,
    case when tg_op = 'INSERT' then 'issue.opened' else 'issue.resolved' end,
    to_jsonb(issue) || jsonb_build_object('crm_type', (
      select i.crm_type from crm_integrations i where i.id = issue.integration_id)));
  return null;
end $$;
--> statement-breakpoint
CREATE TRIGGER "publish_issue_opened" AFTER INSERT ON "issues" FOR EACH ROW WHEN (new.resolved_at is null)
EXECUTE FUNCTION "publish_issue"();
--> statement-breakpoint
CREATE TRIGGER "publish_issue_resolved" AFTER UPDATE OF "resolved_at" ON "issues" FOR EACH ROW
WHEN (old.resolved_at is null and new.resolved_at is not null) EXECUTE FUNCTION "publish_issue"();
--> statement-breakpoint
CREATE TRIGGER "publish_issue_deleted" AFTER DELETE ON "issues" FOR EACH ROW WHEN (old.resolved_at is null)
EXECUTE FUNCTION "publish_issue"();
--> statement-breakpoint
-- Endpoints with events that are due and that no worker delivers, for the cron: each is taken to be in the queue for
-- half a minute. One index lookup an endpoint, however much waits for it. Null: there are no endpoints.
CREATE PROCEDURE "due_endpoints"("endpoints_max" integer, OUT "endpoints" json) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
begin
  if not exists (select from event_endpoints) then
    return;
  end if;
  with recursive waiting as (
    (select endpoint_id, due_at from event_deliveries where status = 'waiting' order by endpoint_id, due_at limit 1)
    union all
    select n.* from waiting w, lateral (
      select endpoint_id, due_at from event_deliveries d
      where d.status = 'waiting' and d.endpoint_id > w.endpoint_id order by endpoint_id, due_at limit 1) n
  ), due as (
    select e.id from waiting w join event_endpoints e on e.id = w.endpoint_id
    where w.due_at <= now() and e.is_enabled and coalesce(e.lease_until, '-infinity') < now()
      and coalesce(e.enqueued_until, '-infinity') < now() and coalesce(e.paused_until, '-infinity') < now()
    order by w.due_at limit endpoints_max for no key update of e skip locked
  ), enqueued as (
    update event_endpoints e set enqueued_until = now() + interval '30 seconds' from due where e.id = due.id
    returning e.id
  )
  select coalesce(json_agg(q.id), '[]') from enqueued q into endpoints;
end $$;
--> statement-breakpoint
-- Stores what became of deliveries and takes the next ones, for the worker that holds the endpoint or takes it over from
-- one whose lease has lapsed. Null: another worker holds it, or it is off or gone; what became of the deliveries is
-- stored even then.
CREATE PROCEDURE "work_endpoint"(
	"for_endpoint" uuid, "holder" uuid, "lease_seconds" integer, "deliveries_max" integer,
	-- id, attempts, is_delivered; status, body, ms, error of the answer.
	"settled" json,
	-- Seconds until the next try after so many; after the last of them a delivery has failed.
	"delays" integer[], "pause_seconds" integer, "failing_days" integer, "disabled_issue" jsonb,
	OUT "taken" json
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
declare
  e event_endpoints;
  delivered integer;
  failed integer;
begin
  select * from event_endpoints where id = for_endpoint for no key update into e;
  if not found then
    return;
  end if;
  with results as (
    select s.* from json_to_recordset(settled) as s(id uuid, attempts integer, is_delivered boolean, status integer,
      body text, ms integer, error text)
  ), stored as (
    update event_deliveries d set attempts = s.attempts, attempted_at = now(), answer_status = s.status,
      answer_body = s.body, answer_ms = s.ms, answer_error = s.error,
      status = case when s.is_delivered then 'delivered' when delays[s.attempts] is null then 'failed' else 'waiting' end,
      due_at = coalesce(now() + delays[s.attempts] * interval '1 second', d.due_at)
    from results s where d.id = s.id and d.status = 'waiting'
  )
  select count(*) filter (where is_delivered), count(*) filter (where not is_delivered) from results
  into delivered, failed;
  if delivered > 0 then
    e.failing_since := null;
  elsif failed > 0 then
    e.failing_since := coalesce(e.failing_since, now());
  end if;
  if e.is_enabled and e.failing_since < now() - failing_days * interval '1 day' then
    e.is_enabled := false;
    e.disabled_at := now();
    insert into issues as s (business_id, endpoint_id, detail_key, code, severity, whose_turn, params)
    select e.business_id, e.id, e.id::text, w.code, w.severity, w.whose_turn, jsonb_build_object('url', e.url)
    from jsonb_to_record(disabled_issue) as w(code text, severity text, whose_turn text)
    on conflict (code, detail_key) where resolved_at is null and integration_id is null
    do update set last_seen_at = now(), count = s.count + 1, params = excluded.params;
  end if;
  if e.lease_holder is distinct from holder and e.lease_until > now() then
    update event_endpoints set failing_since = e.failing_since, is_enabled = e.is_enabled, disabled_at = e.disabled_at
    where id = e.id;
    return;
  end if;
  if e.is_enabled and pause_seconds = 0 then
    with due as (
      select d.id from event_deliveries d
      where d.endpoint_id = for_endpoint and d.status = 'waiting' and d.due_at <= now()
      order by d.due_at limit deliveries_max for no key update of d skip locked
    ), claimed as (
      update event_deliveries d set taken_at = coalesce(d.taken_at, now()) from due where d.id = due.id returning d.*
    )
    select json_build_object('url', e.url, 'businessId', e.business_id, 'secret', e.secret,
      'formerSecret', case when e.former_until > now() then e.former_secret end,
      'deliveries', json_agg(json_build_object('id', c.id, 'type', c.type, 'data', c.data, 'createdAt', c.created_at,
        'attempts', c.attempts)))
    from claimed c having count(*) > 0 into taken;
  end if;
  update event_endpoints set failing_since = e.failing_since, is_enabled = e.is_enabled, disabled_at = e.disabled_at,
    lease_holder = case when taken is not null then holder end, enqueued_until = null,
    lease_until = case when taken is not null then now() + lease_seconds * interval '1 second' end, worked_at = now(),
    paused_until = case when pause_seconds > 0 then now() + pause_seconds * interval '1 second' end
  where id = e.id;
end $$;
--> statement-breakpoint
-- What waits or waited for a deleted endpoint goes in batches, as the rows of an integration.
CREATE FUNCTION "note_endpoint_removal"() RETURNS trigger LANGUAGE plpgsql AS $$
begin
  insert into removals (integration_id) values (old.id) on conflict do nothing;
  update issues set resolved_at = now() where endpoint_id = old.id and resolved_at is null;
  return null;
end $$;
--> statement-breakpoint
CREATE TRIGGER "note_endpoint_removal" AFTER DELETE ON "event_endpoints" FOR EACH ROW
EXECUTE FUNCTION "note_endpoint_removal"();
