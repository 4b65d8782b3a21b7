CREATE TABLE "transaction_feed" (
	"integration_id" uuid NOT NULL,
	"change_seq" bigint NOT NULL,
	"transaction_id" uuid NOT NULL,
	CONSTRAINT "transaction_feed_integration_id_change_seq_pk" PRIMARY KEY("integration_id","change_seq")
);
--> statement-breakpoint
-- What is stored already: without it, readers of the feed would begin with the next change.
INSERT INTO "transaction_feed" ("integration_id", "change_seq", "transaction_id")
SELECT "integration_id", "change_seq", "id" FROM "crm_transactions";
--> statement-breakpoint
ALTER TABLE "crm_transactions" DROP CONSTRAINT "crm_transactions_integration_id_crm_integrations_id_fk";
--> statement-breakpoint
ALTER TABLE "transaction_changes" DROP CONSTRAINT "transaction_changes_integration_id_crm_integrations_id_fk";
--> statement-breakpoint
DROP INDEX "crm_transactions_feed";--> statement-breakpoint
ALTER TABLE "crm_transactions" ALTER COLUMN "id" SET DEFAULT uuidv7();--> statement-breakpoint
ALTER TABLE "crm_transactions" ADD COLUMN "content_hash" uuid;--> statement-breakpoint
-- A foreign key would be checked for each row of each page, though every write holds the integration's row. So they go
-- with it by this trigger, whose queries see whatever was committed before the row was deleted.
CREATE FUNCTION "delete_sales"() RETURNS trigger LANGUAGE plpgsql AS $$
begin
  delete from transaction_feed where integration_id = old.id;
  delete from transaction_changes where integration_id = old.id;
  delete from crm_transactions where integration_id = old.id;
  return null;
end $$;
--> statement-breakpoint
CREATE TRIGGER "delete_sales" AFTER DELETE ON "crm_integrations" FOR EACH ROW EXECUTE FUNCTION "delete_sales"();
