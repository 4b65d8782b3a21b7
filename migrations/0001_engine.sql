ALTER TABLE "crm_integrations" ADD COLUMN "consecutive_failures" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "crm_integrations" ADD COLUMN "session_token" "bytea";--> statement-breakpoint
ALTER TABLE "crm_integrations" ADD COLUMN "session_token_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sync_runs" ADD COLUMN "task" text DEFAULT 'pull' NOT NULL;--> statement-breakpoint
ALTER TABLE "sync_runs" ADD COLUMN "estimated_calls" integer;--> statement-breakpoint
ALTER TABLE "sync_runs" ADD COLUMN "looked_from" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sync_runs" ADD COLUMN "looked_to" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sync_runs" ADD COLUMN "looked_rows" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sync_runs" ADD COLUMN "brake_off" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "sync_runs" ADD COLUMN "confirmed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sync_runs" ADD COLUMN "dead_letters" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sync_runs" ADD COLUMN "dead_letter_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "crm_integrations_failing" ON "crm_integrations" USING btree ("consecutive_failures") WHERE "crm_integrations"."sync_enabled" = true and "crm_integrations"."consecutive_failures" >= 3;--> statement-breakpoint
CREATE INDEX "transaction_changes_age" ON "transaction_changes" USING brin ("at");--> statement-breakpoint
CREATE INDEX "sync_runs_dead" ON "sync_runs" USING btree ("dead_letter_at") WHERE "sync_runs"."dead_letter_at" is not null;--> statement-breakpoint
CREATE INDEX "sync_runs_age" ON "sync_runs" USING brin ("created_at");--> statement-breakpoint
ALTER TABLE "sync_runs" ADD CONSTRAINT "sync_runs_task" CHECK ("sync_runs"."task" in ('pull','quarantine'));