-- The receipt of a webhook (src/webhooks/store.ts). In the database, because sessions behind Neon's endpoint keep the plans
-- of functions and procedures and of nothing else (neondatabase/neon, tokio-postgres2, `reset_session_background`), and
-- planning this costs more than running it. A procedure, because what begins with SELECT is taken for a read and tried
-- twice. No integration: nobody has such an address.
CREATE PROCEDURE "store_delivery"(
	"token_hash" bytea, "crm_type" text, "dedupe_key" text, "status" text, "reason" text, "content_type" text, "body" bytea,
	"hints" jsonb, "may_repeat_as_news" boolean, "received_at" timestamp with time zone, "quiet_seconds" double precision,
	OUT "integration_id" uuid, OUT "is_waiting" boolean
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
declare
  known_id uuid;
  known_status text;
  known_repeats integer;
  -- Of a delivery that waited in the queue nobody knows any more what was stored when it arrived.
  is_late boolean := store_delivery.received_at is not null;
  due timestamptz := now() + store_delivery.quiet_seconds * interval '1 second';
  settled timestamptz := case when store_delivery.status <> 'new' then now() end;
begin
  -- The integration is looked up by the hash alone: an index on the type would be no help, whatever the planner makes of it.
  insert into webhook_deliveries as d (integration_id, dedupe_key, status, reason, content_type, body, hints, received_at,
      received_seq, due_at, done_at)
    select i.id, coalesce(store_delivery.dedupe_key, 'body:' || encode(sha256(store_delivery.body), 'hex')),
      store_delivery.status, store_delivery.reason, store_delivery.content_type, store_delivery.body, store_delivery.hints,
      coalesce(store_delivery.received_at, now()), case when is_late then 0 else i.change_seq end,
      due, settled
    from crm_integrations i
    where i.webhook_token_hash = store_delivery.token_hash and i.crm_type || '' = store_delivery.crm_type
  on conflict on constraint webhook_deliveries_dedupe do update set repeats = d.repeats + 1
  returning d.integration_id, d.id, d.status, d.repeats into integration_id, known_id, known_status, known_repeats;

  -- The same came again and takes the place of the first: that was given up, or another account's by the settings of then,
  -- or worked off before this one came; or it is one of the few places for what leads to nothing. While the first waits,
  -- the repeat is only counted.
  if known_repeats > 0 and (status <> 'new' or known_status in ('failed', 'rejected')
      or known_status = 'done' and may_repeat_as_news) then
    update webhook_deliveries d set status = store_delivery.status, reason = store_delivery.reason,
      content_type = store_delivery.content_type, body = store_delivery.body, hints = store_delivery.hints,
      received_at = now(), received_seq = case when is_late then 0 else i.change_seq end,
      due_at = due, done_at = settled, attempts = 0
    from crm_integrations i where d.id = known_id and i.id = d.integration_id;
    known_status := status;
  end if;

  -- Hooks arrive, though not about sales; what waits is heard of by whoever works it off. A sync may hold the row at this
  -- moment: then the next one marks it. Once a minute at most: it shows that hooks arrive, not each of them.
  if status = 'ignored' and integration_id is not null then
    update crm_integrations i set webhook_last_at = now(), webhook_missed_at = null where i.id in (
      select i.id from crm_integrations i where i.id = store_delivery.integration_id
        and (i.webhook_missed_at is not null or coalesce(i.webhook_last_at, '-infinity') < now() - interval '1 minute')
      for no key update skip locked);
  end if;
  is_waiting := status = 'new' and known_status = 'new';
end $$;
