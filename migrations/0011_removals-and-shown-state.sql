CREATE TABLE "idempotency_keys" (
	"key_hash" "bytea" PRIMARY KEY NOT NULL,
	"business_id" uuid,
	"claim_id" uuid NOT NULL,
	"claimed_until" timestamp with time zone NOT NULL,
	"request_hash" "bytea",
	"answer" "bytea",
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "removals" (
	"integration_id" uuid PRIMARY KEY NOT NULL,
	"removed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"emptied_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "file_notes" DROP CONSTRAINT "file_notes_integration_id_crm_integrations_id_fk";
--> statement-breakpoint
ALTER TABLE "quarantined_records" DROP CONSTRAINT "quarantined_records_integration_id_crm_integrations_id_fk";
--> statement-breakpoint
ALTER TABLE "sync_runs" DROP CONSTRAINT "sync_runs_integration_id_crm_integrations_id_fk";
--> statement-breakpoint
ALTER TABLE "unpaid_observations" DROP CONSTRAINT "unpaid_observations_integration_id_crm_integrations_id_fk";
--> statement-breakpoint
ALTER TABLE "webhook_deliveries" DROP CONSTRAINT "webhook_deliveries_integration_id_crm_integrations_id_fk";
--> statement-breakpoint
DROP INDEX "crm_transactions_phone";--> statement-breakpoint
ALTER TABLE "crm_integrations" ADD COLUMN "last_failure" jsonb;--> statement-breakpoint
ALTER TABLE "crm_integrations" ADD COLUMN "as_of" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "crm_integrations" ADD COLUMN "account" jsonb;--> statement-breakpoint
CREATE INDEX "idempotency_keys_age" ON "idempotency_keys" USING brin ("created_at");--> statement-breakpoint
CREATE INDEX "idempotency_keys_business" ON "idempotency_keys" USING btree ("business_id");--> statement-breakpoint
CREATE INDEX "crm_transactions_phone" ON "crm_transactions" USING btree ("integration_id",reverse("customer_phone") text_pattern_ops,"occurred_at","id") WHERE "crm_transactions"."customer_phone" is not null;--> statement-breakpoint
DROP TRIGGER "delete_sales" ON "crm_integrations";
--> statement-breakpoint
DROP FUNCTION "delete_sales"();
--> statement-breakpoint
-- Whatever deletes an integration, its rows are known to be left over, and no run of it is active any more.
CREATE FUNCTION "note_removal"() RETURNS trigger LANGUAGE plpgsql AS $$
begin
  insert into removals (integration_id) values (old.id) on conflict do nothing;
  update sync_runs set status = 'cancelled', finished_at = now(), resume_at = null
  where integration_id = old.id and status in ('queued','running','waiting');
  return null;
end $$;
--> statement-breakpoint
CREATE TRIGGER "note_removal" AFTER DELETE ON "crm_integrations" FOR EACH ROW EXECUTE FUNCTION "note_removal"();
--> statement-breakpoint
-- Deletes a batch of what a deleted integration has left (src/integrations/remove-rows.ts). Answers how many rows;
-- fewer than the most that it may delete are the last.
CREATE FUNCTION "remove_rows"("removed" uuid, "rows_max" integer) RETURNS integer LANGUAGE plpgsql
SET enable_seqscan = off AS $$
declare
  name text;
  gone integer;
  total integer;
  names text[] := array['webhook_deliveries', 'quarantined_records', 'file_notes', 'unpaid_observations', 'check_days',
    'sync_runs'];
begin
  -- One worker at a time, or each would take the other's share for the last rows. An integration that exists has none.
  perform from removals where integration_id = removed for update skip locked;
  if not found then
    return 0;
  end if;
  delete from rejected_rows where ctid = any (array(
    select w.ctid from sync_runs r join rejected_rows w on w.run_id = r.id where r.integration_id = removed
    limit rows_max));
  get diagnostics total = row_count;
  -- All that a deleted endpoint leaves.
  delete from event_deliveries where ctid = any (array(
    select d.ctid from event_deliveries d where d.endpoint_id = removed limit greatest(rows_max - total, 0)));
  get diagnostics gone = row_count;
  total := total + gone;
  -- What a check has read and not compared goes as that of any check that is over (clear_staged).
  delete from check_records where ctid = any (array(
    select c.ctid from check_records c where c.integration_id = removed and c.outcome is not null
    limit greatest(rows_max - total, 0)));
  get diagnostics gone = row_count;
  total := total + gone;
  if not exists (select from kept_integrations k where k.integration_id = removed) then
    names := names || array['transaction_feed', 'transaction_changes', 'crm_transactions'];
  end if;
  foreach name in array names loop
    exit when total >= rows_max;
    execute format('delete from %1$I where integration_id = $1
      and ctid = any (array(select ctid from %1$I where integration_id = $1 limit $2))', name)
    using removed, rows_max - total;
    get diagnostics gone = row_count;
    total := total + gone;
  end loop;
  if total < rows_max then
    delete from removals where integration_id = removed and emptied_at is not null;
    update removals set emptied_at = now() where integration_id = removed;
  end if;
  return total;
end $$;
