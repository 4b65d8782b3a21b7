-- The receipt of a webhook (src/webhooks/store.ts). In the database, because sessions behind Neon's endpoint keep the plans
-- of functions and of nothing else, and planning this statement costs more than running it. A procedure, because what
-- begins with SELECT is taken for a read and tried twice. No id: nobody has such an address.
CREATE PROCEDURE "store_delivery"(
	"token_hash" bytea, "type_of_crm" text, "key" text, "first_status" text, "why" text, "type_of_content" text,
	"raw" bytea, "pointed_at" jsonb, "arrived_at" timestamp with time zone, "quiet_seconds" double precision,
	OUT "id" uuid, OUT "integration_id" uuid, OUT "status" text, OUT "repeats" integer
) LANGUAGE plpgsql AS $$
begin
  -- The integration is looked up by the hash alone: an index on the type would be no help, whatever the planner makes of
  -- it. Of a delivery that waited in the queue nobody knows any more what was stored when it arrived.
  insert into webhook_deliveries as d (integration_id, dedupe_key, status, reason, content_type, body, hints, received_at,
      received_seq, due_at, done_at)
    select i.id, coalesce(key, 'body:' || encode(sha256(raw), 'hex')), first_status, why, type_of_content, raw, pointed_at, coalesce(arrived_at, now()),
      case when arrived_at is null then i.change_seq else 0 end, now() + quiet_seconds * interval '1 second',
      case when first_status <> 'new' then now() end
    from crm_integrations i
    where i.webhook_token_hash = token_hash and i.crm_type || '' = type_of_crm
  on conflict on constraint webhook_deliveries_dedupe do update set repeats = d.repeats + 1
  returning d.id, d.integration_id, d.status, d.repeats into id, integration_id, status, repeats;
end $$;
