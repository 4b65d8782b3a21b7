ALTER TABLE "transaction_changes" DROP CONSTRAINT "transaction_changes_source";--> statement-breakpoint
ALTER TABLE "sync_runs" DROP CONSTRAINT "sync_runs_task";--> statement-breakpoint
ALTER TABLE "crm_transactions" ADD COLUMN "undone" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "sync_runs" ADD COLUMN "import_id" uuid;--> statement-breakpoint
ALTER TABLE "sync_runs" ADD COLUMN "from_seq" bigint;--> statement-breakpoint
CREATE INDEX "sync_runs_import" ON "sync_runs" USING btree ("import_id") WHERE "sync_runs"."import_id" is not null;--> statement-breakpoint
ALTER TABLE "transaction_changes" ADD CONSTRAINT "transaction_changes_source" CHECK ("transaction_changes"."source" in ('schedule','manual','webhook','import','backfill','undo'));--> statement-breakpoint
ALTER TABLE "sync_runs" ADD CONSTRAINT "sync_runs_task" CHECK ("sync_runs"."task" in ('pull','quarantine','undo'));