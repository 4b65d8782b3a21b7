-- The receipt of a webhook (src/webhooks/store.ts). In the database, because sessions behind Neon's endpoint keep the plans
-- of functions and procedures and of nothing else (neondatabase/neon, tokio-postgres2, `reset_session_background`), and
-- planning this statement costs more than running it. A procedure, because what begins with SELECT is taken for a read and
-- tried twice. No id: nobody has such an address.
CREATE PROCEDURE "store_delivery"(
	"token_hash" bytea, "crm_type" text, "dedupe_key" text, "status" text, "reason" text, "content_type" text, "body" bytea,
	"hints" jsonb, "received_at" timestamp with time zone, "quiet_seconds" double precision,
	OUT "id" uuid, OUT "integration_id" uuid, OUT "first_status" text, OUT "repeats" integer
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
begin
  -- The integration is looked up by the hash alone: an index on the type would be no help, whatever the planner makes of
  -- it. Of a delivery that waited in the queue nobody knows any more what was stored when it arrived.
  insert into webhook_deliveries as d (integration_id, dedupe_key, status, reason, content_type, body, hints, received_at,
      received_seq, due_at, done_at)
    select i.id, coalesce(store_delivery.dedupe_key, 'body:' || encode(sha256(store_delivery.body), 'hex')),
      store_delivery.status, store_delivery.reason, store_delivery.content_type, store_delivery.body, store_delivery.hints,
      coalesce(store_delivery.received_at, now()),
      case when store_delivery.received_at is null then i.change_seq else 0 end,
      now() + store_delivery.quiet_seconds * interval '1 second',
      case when store_delivery.status <> 'new' then now() end
    from crm_integrations i
    where i.webhook_token_hash = store_delivery.token_hash and i.crm_type || '' = store_delivery.crm_type
  on conflict on constraint webhook_deliveries_dedupe do update set repeats = d.repeats + 1
  returning d.id, d.integration_id, d.status, d.repeats into id, integration_id, first_status, repeats;
end $$;
