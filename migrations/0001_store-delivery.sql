-- The receipt of a webhook (src/webhooks/store.ts). It is in the database, because planning it costs more than running
-- it, and sessions behind Neon's endpoint keep only the plans of functions and procedures (neondatabase/neon,
-- tokio-postgres2, `reset_session_background`). It is a procedure, because src/db/client.ts tries a SELECT twice.
-- `integration_id` is null when no integration has this address.
CREATE PROCEDURE "store_delivery"(
	"token_hash" bytea, "crm_type" text, "dedupe_key" text, "status" text, "reason" text, "content_type" text, "body" bytea,
	"hints" jsonb, "may_repeat_as_news" boolean, "received_at" timestamp with time zone, "quiet_seconds" double precision,
	"secret" text, OUT "integration_id" uuid, OUT "is_waiting" boolean, OUT "is_refused" boolean
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
declare
  business uuid;
  seq bigint;
  requires_secret boolean;
  are_many boolean;
  known_id uuid;
  known_status text;
  known_repeats integer;
  due timestamptz := now() + store_delivery.quiet_seconds * interval '1 second';
  settled timestamptz := case when store_delivery.status <> 'new' then now() end;
  -- Bytes of bodies for one integration in a day. A large account's busiest day has ten thousand hooks of 5 KB. This is
  -- twice as much; as bodies stay for a week, somebody who floods an address fills 700 MB at most.
  quota constant bigint := 100000000;
  -- A body is counted with a probability in proportion to its size, and then as at least this many bytes. The sum is
  -- right on average, and concurrent hooks seldom wait for each other to count.
  step constant integer := 65536;
  -- Deliveries that wait: as many as one delivery may name changes, EVENTS_MAX in src/crm/webhook.ts.
  waiting_max constant integer := 100;
begin
  is_waiting := false;
  is_refused := false;

  -- One statement, since the next one would cost as much again. `|| ''` keeps the planner from an index on the type: the
  -- hash alone finds the integration. For a delivery that waited in the queue, the change counter at its arrival is
  -- unknown.
  select i.id, i.business_id, case when store_delivery.received_at is null then i.change_seq else 0 end,
    i.webhook_secret_required, store_delivery.status = 'new' and store_delivery.body is not null and (
      exists (select from webhook_usage u where u.integration_id = i.id and u.day = current_date and u.bytes >= quota)
      or exists (
        select from webhook_deliveries d where d.integration_id = i.id and d.status = 'new' offset waiting_max))
  from crm_integrations i
  where i.webhook_token_hash = store_delivery.token_hash and i.crm_type || '' = store_delivery.crm_type
  into integration_id, business, seq, requires_secret, are_many;
  if not found then
    return;
  end if;

  if secret = 'absent' and requires_secret then -- as `rejected` in src/webhooks/examine.ts
    is_refused := true;
    dedupe_key := 'unverified:' || get_byte(sha256(coalesce(body, '')), 0) % 50;
    status := 'rejected';
    reason := 'unverified';
    body := substring(body for 4096);
    hints := '[]';
    may_repeat_as_news := false;
    settled := now();
  elsif are_many then -- they share one row without body and hints: RESCAN in src/webhooks/examine.ts
    dedupe_key := 'rescan';
    reason := 'too_many';
    body := null;
    hints := null;
    may_repeat_as_news := true;
  end if;
  if secret = 'shown' and not requires_secret then
    -- If a sync holds the row, the next hook notes it.
    update crm_integrations i set webhook_secret_required = true where i.id in (
      select i.id from crm_integrations i
      where i.id = store_delivery.integration_id and not i.webhook_secret_required
      for no key update skip locked);
  end if;
  -- Nobody reads such a body, and it could name an erased customer for as long as it is kept.
  if status = 'rejected' and body is not null then
    if exists (select from businesses b where b.id = business and b.erasures > 0) then
      body := null;
    end if;
  end if;

  insert into webhook_deliveries as d (integration_id, dedupe_key, status, reason, content_type, body, hints, received_at,
      received_seq, due_at, done_at)
    values (store_delivery.integration_id,
      coalesce(store_delivery.dedupe_key, 'body:' || encode(sha256(store_delivery.body), 'hex')), store_delivery.status,
      store_delivery.reason, store_delivery.content_type, store_delivery.body, store_delivery.hints,
      coalesce(store_delivery.received_at, now()), seq, due, settled)
  on conflict on constraint webhook_deliveries_dedupe do update set repeats = d.repeats + 1
  returning d.id, d.status, d.repeats into known_id, known_status, known_repeats;

  -- A repeat replaces the stored delivery when that one failed, was rejected under the settings of that time, or was
  -- done before this one came. It also does when the new one needs no work: those share a few rows. While the stored
  -- one waits, a repeat is only counted.
  if known_repeats > 0 and (status <> 'new' or known_status in ('failed', 'rejected')
      or known_status = 'done' and may_repeat_as_news) then
    update webhook_deliveries d set status = store_delivery.status, reason = store_delivery.reason,
      content_type = store_delivery.content_type, body = store_delivery.body, hints = store_delivery.hints,
      received_at = now(), received_seq = seq, due_at = due, done_at = settled, attempts = 0
    where d.id = known_id;
    known_status := status;
    known_repeats := 0;
  end if;

  if status = 'new' and known_repeats = 0 and random() * step < octet_length(body) then
    insert into webhook_usage as u (integration_id, day, bytes)
      values (integration_id, current_date, greatest(octet_length(body), step))
    on conflict on constraint webhook_usage_integration_id_day_pk do update set bytes = u.bytes + excluded.bytes;
  end if;

  -- An ignored hook shows that hooks arrive; for the others the worker of the inbox notes it. At most once a minute,
  -- since the time of each hook is not needed. If a sync holds the row, the next hook notes it.
  if status = 'ignored' then
    update crm_integrations i set webhook_last_at = now(), webhook_missed_at = null where i.id in (
      select i.id from crm_integrations i where i.id = store_delivery.integration_id
        and (i.webhook_missed_at is not null or coalesce(i.webhook_last_at, '-infinity') < now() - interval '1 minute')
      for no key update skip locked);
  end if;
  is_waiting := status = 'new' and known_status = 'new';
end $$;
