CREATE TABLE "businesses" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"timezone" text NOT NULL,
	"currency" char(3) NOT NULL,
	"tested_at" timestamp with time zone[] DEFAULT '{}' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "crm_integrations" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"business_id" uuid NOT NULL,
	"crm_type" varchar(50) NOT NULL,
	"api_key" "bytea",
	"api_secret" "bytea",
	"api_url" varchar(500),
	"additional_config" jsonb,
	"sync_enabled" boolean DEFAULT false,
	"sync_interval_minutes" integer DEFAULT 5,
	"last_sync_at" timestamp with time zone,
	"last_sync_status" varchar(20),
	"next_sync_at" timestamp with time zone,
	"total_syncs" integer DEFAULT 0,
	"successful_syncs" integer DEFAULT 0,
	"failed_syncs" integer DEFAULT 0,
	"last_error" text,
	"transactions_synced" integer DEFAULT 0,
	"created_at" timestamp with time zone DEFAULT now(),
	"updated_at" timestamp with time zone DEFAULT now(),
	"settings_epoch" integer DEFAULT 1 NOT NULL,
	"connection_status" text DEFAULT 'untested' NOT NULL,
	"connection_checked_at" timestamp with time zone,
	"lease_epoch" bigint DEFAULT 0 NOT NULL,
	"lease_run_id" uuid,
	"lease_until" timestamp with time zone,
	"consecutive_failures" integer DEFAULT 0 NOT NULL,
	"change_seq" bigint DEFAULT 0 NOT NULL,
	"page_seq" bigint DEFAULT 0 NOT NULL,
	"cursor" jsonb,
	"map_version" integer DEFAULT 1 NOT NULL,
	"called_at" timestamp with time zone,
	"refused_at" timestamp with time zone,
	"stopped_by" text,
	"passing_refusal" text,
	"passing_refusal_since" timestamp with time zone,
	"extra_secret" "bytea",
	"session_token" "bytea",
	"session_token_until" timestamp with time zone,
	"webhook_token" "bytea",
	"webhook_token_hash" "bytea",
	"webhook_rotated_at" timestamp with time zone,
	"webhook_secret_required" boolean DEFAULT false NOT NULL,
	"webhook_registration" text,
	"webhook_checked_at" timestamp with time zone,
	"webhook_last_at" timestamp with time zone,
	"webhook_missed_at" timestamp with time zone,
	"inbox_until" timestamp with time zone,
	"hook_reads" integer DEFAULT 0 NOT NULL,
	"hook_reads_since" timestamp with time zone,
	CONSTRAINT "crm_integrations_business_id_unique" UNIQUE("business_id"),
	CONSTRAINT "crm_integrations_webhook_token_hash_unique" UNIQUE("webhook_token_hash"),
	CONSTRAINT "crm_integrations_crm_type" CHECK ("crm_integrations"."crm_type" in ('yclients','iiko','1c','amo_crm','renovatio','csv')),
	CONSTRAINT "crm_integrations_last_sync_status" CHECK ("crm_integrations"."last_sync_status" in ('success','failed','in_progress')),
	CONSTRAINT "crm_integrations_connection_status" CHECK ("crm_integrations"."connection_status" in ('untested','ok','failed')),
	CONSTRAINT "crm_integrations_webhook_registration" CHECK ("crm_integrations"."webhook_registration" in ('registered','absent','disabled','occupied','failed')),
	CONSTRAINT "crm_integrations_stopped_by" CHECK ("crm_integrations"."stopped_by" in ('person','vendor','uninstall','freeze')),
	CONSTRAINT "crm_integrations_interval" CHECK ("crm_integrations"."sync_interval_minutes" between 1 and 1440),
	CONSTRAINT "crm_integrations_lease" CHECK (("crm_integrations"."lease_run_id" is null) = ("crm_integrations"."lease_until" is null)),
	CONSTRAINT "crm_integrations_totals" CHECK ("crm_integrations"."total_syncs" = "crm_integrations"."successful_syncs" + "crm_integrations"."failed_syncs")
);
--> statement-breakpoint
CREATE TABLE "crm_transactions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"business_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"amount_minor" bigint NOT NULL,
	"currency" char(3) NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"customer_external_id" text,
	"customer_name" text,
	"customer_phone" text,
	"customer_email" text,
	"customer_card" text,
	"items" jsonb NOT NULL,
	"location_external_id" text,
	"location_name" text,
	"source_updated_at" timestamp with time zone,
	"change_seq" bigint NOT NULL,
	"version_at" timestamp with time zone,
	"seen_seq" bigint NOT NULL,
	"settings_epoch" integer NOT NULL,
	"missing_since" timestamp with time zone,
	"alias" text,
	"run_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "crm_transactions_external" UNIQUE("integration_id","external_id"),
	CONSTRAINT "crm_transactions_kind" CHECK ("crm_transactions"."kind" in ('sale','refund')),
	CONSTRAINT "crm_transactions_status" CHECK ("crm_transactions"."status" in ('paid','unpaid','cancelled'))
);
--> statement-breakpoint
CREATE TABLE "transaction_changes" (
	"integration_id" uuid NOT NULL,
	"change_seq" bigint NOT NULL,
	"transaction_id" uuid NOT NULL,
	"before" jsonb NOT NULL,
	"source" text NOT NULL,
	"run_id" uuid,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "transaction_changes_integration_id_change_seq_pk" PRIMARY KEY("integration_id","change_seq"),
	CONSTRAINT "transaction_changes_source" CHECK ("transaction_changes"."source" in ('schedule','manual','webhook','import','backfill'))
);
--> statement-breakpoint
CREATE TABLE "file_notes" (
	"integration_id" uuid NOT NULL,
	"file_id" uuid NOT NULL,
	"key" uuid NOT NULL,
	"parts" jsonb NOT NULL,
	"noted_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "file_notes_integration_id_file_id_key_pk" PRIMARY KEY("integration_id","file_id","key")
);
--> statement-breakpoint
CREATE TABLE "issues" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"business_id" uuid,
	"integration_id" uuid,
	"code" text NOT NULL,
	"detail_key" text DEFAULT '' NOT NULL,
	"severity" text NOT NULL,
	"whose_turn" text NOT NULL,
	"params" jsonb NOT NULL,
	"since" timestamp with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"count" integer DEFAULT 1 NOT NULL,
	"resolved_at" timestamp with time zone,
	CONSTRAINT "issues_severity" CHECK ("issues"."severity" in ('info','warning','error')),
	CONSTRAINT "issues_whose_turn" CHECK ("issues"."whose_turn" in ('nobody','owner','operator','vendor'))
);
--> statement-breakpoint
CREATE TABLE "oauth_grants" (
	"integration_id" uuid PRIMARY KEY NOT NULL,
	"generation" integer DEFAULT 1 NOT NULL,
	"account_id" text,
	"access_until" timestamp with time zone NOT NULL,
	"refreshed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"fence_owner" uuid,
	"fence_until" timestamp with time zone,
	"previous_token" "bytea",
	"revoked_at" timestamp with time zone,
	CONSTRAINT "oauth_grants_fence" CHECK (("oauth_grants"."fence_owner" is null) = ("oauth_grants"."fence_until" is null))
);
--> statement-breakpoint
CREATE TABLE "oauth_states" (
	"state_hash" "bytea" PRIMARY KEY NOT NULL,
	"business_id" uuid NOT NULL,
	"subject" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	"return_url" text,
	"ticket_hash" "bytea",
	"parked" "bytea",
	CONSTRAINT "oauth_states_ticket_hash_unique" UNIQUE("ticket_hash")
);
--> statement-breakpoint
CREATE TABLE "open_uploads" (
	"integration_id" uuid NOT NULL,
	"file_id" uuid NOT NULL,
	"upload_id" text NOT NULL,
	"opened_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "open_uploads_integration_id_file_id_pk" PRIMARY KEY("integration_id","file_id")
);
--> statement-breakpoint
CREATE TABLE "quarantined_records" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"integration_id" uuid NOT NULL,
	"record_key" text NOT NULL,
	"external_id" text,
	"reason" text NOT NULL,
	"raw" jsonb,
	"run_id" uuid,
	"times" integer DEFAULT 1 NOT NULL,
	"first_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "quarantined_records_key" UNIQUE("integration_id","record_key")
);
--> statement-breakpoint
CREATE TABLE "rejected_rows" (
	"run_id" uuid NOT NULL,
	"line" bigint NOT NULL,
	"column_name" text,
	"reason" text NOT NULL,
	"raw" text,
	CONSTRAINT "rejected_rows_run_id_line_pk" PRIMARY KEY("run_id","line")
);
--> statement-breakpoint
CREATE TABLE "sync_runs" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"integration_id" uuid NOT NULL,
	"trigger" text NOT NULL,
	"task" text DEFAULT 'pull' NOT NULL,
	"status" text NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"cursor" jsonb,
	"settings_epoch" integer NOT NULL,
	"window_from" timestamp with time zone,
	"window_to" timestamp with time zone,
	"pages" integer DEFAULT 0 NOT NULL,
	"fetched" integer DEFAULT 0 NOT NULL,
	"inserted" integer DEFAULT 0 NOT NULL,
	"updated" integer DEFAULT 0 NOT NULL,
	"unchanged" integer DEFAULT 0 NOT NULL,
	"skipped" integer DEFAULT 0 NOT NULL,
	"quarantined" integer DEFAULT 0 NOT NULL,
	"readable" integer DEFAULT 0 NOT NULL,
	"newly_quarantined" integer DEFAULT 0 NOT NULL,
	"refused_pages" integer DEFAULT 0 NOT NULL,
	"map_version" integer,
	"progress_done" integer DEFAULT 0 NOT NULL,
	"progress_total" integer,
	"estimated_calls" integer,
	"brake_changed" integer DEFAULT 0 NOT NULL,
	"brake_window_from" timestamp with time zone,
	"brake_window_to" timestamp with time zone,
	"brake_window_rows" integer DEFAULT 0 NOT NULL,
	"brake_off" boolean DEFAULT false NOT NULL,
	"confirmed_at" timestamp with time zone,
	"deaths" integer DEFAULT 0 NOT NULL,
	"dead_letters" integer DEFAULT 0 NOT NULL,
	"dead_letter_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"heartbeat_at" timestamp with time zone,
	"enqueued_at" timestamp with time zone DEFAULT now() NOT NULL,
	"resume_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"error" jsonb,
	CONSTRAINT "sync_runs_trigger" CHECK ("sync_runs"."trigger" in ('schedule','manual','backfill','webhook','import')),
	CONSTRAINT "sync_runs_task" CHECK ("sync_runs"."task" in ('pull','quarantine')),
	CONSTRAINT "sync_runs_status" CHECK ("sync_runs"."status" in ('queued','running','waiting','succeeded','failed','cancelled')),
	CONSTRAINT "sync_runs_waiting" CHECK (("sync_runs"."status" = 'waiting') = ("sync_runs"."resume_at" is not null)),
	CONSTRAINT "sync_runs_finished" CHECK (("sync_runs"."status" in ('succeeded','failed','cancelled')) = ("sync_runs"."finished_at" is not null)),
	CONSTRAINT "sync_runs_window" CHECK (("sync_runs"."window_from" is null) = ("sync_runs"."window_to" is null) and "sync_runs"."window_from" <= "sync_runs"."window_to")
);
--> statement-breakpoint
CREATE TABLE "unpaid_observations" (
	"integration_id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"version_at" timestamp with time zone,
	"seen_seq" bigint NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "unpaid_observations_integration_id_external_id_pk" PRIMARY KEY("integration_id","external_id")
);
--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"integration_id" uuid NOT NULL,
	"kind" text DEFAULT 'hook' NOT NULL,
	"dedupe_key" text NOT NULL,
	"status" text DEFAULT 'new' NOT NULL,
	"reason" text,
	"content_type" text,
	"body" "bytea",
	"hints" jsonb,
	"repeats" integer DEFAULT 0 NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"received_seq" bigint DEFAULT 0 NOT NULL,
	"due_at" timestamp with time zone DEFAULT now() NOT NULL,
	"done_at" timestamp with time zone,
	CONSTRAINT "webhook_deliveries_dedupe" UNIQUE("integration_id","dedupe_key"),
	CONSTRAINT "webhook_deliveries_kind" CHECK ("webhook_deliveries"."kind" in ('hook','recheck')),
	CONSTRAINT "webhook_deliveries_status" CHECK ("webhook_deliveries"."status" in ('new','done','ignored','rejected','failed'))
);
--> statement-breakpoint
CREATE TABLE "webhook_refusals" (
	"crm_type" text NOT NULL,
	"day" date NOT NULL,
	"answers" bigint NOT NULL,
	CONSTRAINT "webhook_refusals_crm_type_day_pk" PRIMARY KEY("crm_type","day")
);
--> statement-breakpoint
CREATE TABLE "webhook_usage" (
	"integration_id" uuid NOT NULL,
	"day" date NOT NULL,
	"bytes" bigint NOT NULL,
	CONSTRAINT "webhook_usage_integration_id_day_pk" PRIMARY KEY("integration_id","day")
);
--> statement-breakpoint
ALTER TABLE "crm_integrations" ADD CONSTRAINT "crm_integrations_business_id_businesses_id_fk" FOREIGN KEY ("business_id") REFERENCES "public"."businesses"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crm_transactions" ADD CONSTRAINT "crm_transactions_integration_id_crm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."crm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transaction_changes" ADD CONSTRAINT "transaction_changes_integration_id_crm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."crm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "file_notes" ADD CONSTRAINT "file_notes_integration_id_crm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."crm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "issues" ADD CONSTRAINT "issues_integration_id_crm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."crm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "oauth_grants" ADD CONSTRAINT "oauth_grants_integration_id_crm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."crm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "oauth_states" ADD CONSTRAINT "oauth_states_business_id_businesses_id_fk" FOREIGN KEY ("business_id") REFERENCES "public"."businesses"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "open_uploads" ADD CONSTRAINT "open_uploads_integration_id_crm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."crm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "quarantined_records" ADD CONSTRAINT "quarantined_records_integration_id_crm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."crm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rejected_rows" ADD CONSTRAINT "rejected_rows_run_id_sync_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."sync_runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sync_runs" ADD CONSTRAINT "sync_runs_integration_id_crm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."crm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "unpaid_observations" ADD CONSTRAINT "unpaid_observations_integration_id_crm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."crm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_integration_id_crm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."crm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_usage" ADD CONSTRAINT "webhook_usage_integration_id_crm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."crm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "idx_crm_integrations_business" ON "crm_integrations" USING btree ("business_id");--> statement-breakpoint
CREATE INDEX "idx_crm_integrations_type" ON "crm_integrations" USING btree ("crm_type");--> statement-breakpoint
CREATE INDEX "idx_crm_integrations_next_sync" ON "crm_integrations" USING btree ("next_sync_at") WHERE "crm_integrations"."sync_enabled" = true;--> statement-breakpoint
CREATE INDEX "crm_integrations_failing" ON "crm_integrations" USING btree ("consecutive_failures") WHERE "crm_integrations"."sync_enabled" = true and "crm_integrations"."consecutive_failures" >= 3;--> statement-breakpoint
CREATE INDEX "crm_integrations_refused" ON "crm_integrations" USING btree ("crm_type","refused_at") WHERE "crm_integrations"."refused_at" is not null;--> statement-breakpoint
CREATE INDEX "crm_integrations_newest" ON "crm_integrations" USING btree ("created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "crm_transactions_feed" ON "crm_transactions" USING btree ("integration_id","change_seq");--> statement-breakpoint
CREATE INDEX "crm_transactions_newest" ON "crm_transactions" USING btree ("integration_id","occurred_at","id");--> statement-breakpoint
CREATE INDEX "crm_transactions_phone" ON "crm_transactions" USING btree ("integration_id","customer_phone","occurred_at","id") WHERE "crm_transactions"."customer_phone" is not null;--> statement-breakpoint
CREATE INDEX "crm_transactions_alias" ON "crm_transactions" USING btree ("integration_id","alias") WHERE "crm_transactions"."alias" is not null;--> statement-breakpoint
CREATE INDEX "transaction_changes_age" ON "transaction_changes" USING brin ("at");--> statement-breakpoint
CREATE INDEX "transaction_changes_of" ON "transaction_changes" USING btree ("transaction_id","change_seq");--> statement-breakpoint
CREATE INDEX "file_notes_age" ON "file_notes" USING brin ("noted_at");--> statement-breakpoint
CREATE UNIQUE INDEX "issues_one_open" ON "issues" USING btree ("integration_id","code","detail_key") WHERE "issues"."resolved_at" is null and "issues"."integration_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "issues_one_open_of_crm" ON "issues" USING btree ("code","detail_key") WHERE "issues"."resolved_at" is null and "issues"."integration_id" is null;--> statement-breakpoint
CREATE INDEX "issues_business" ON "issues" USING btree ("business_id");--> statement-breakpoint
CREATE INDEX "issues_newest" ON "issues" USING btree ("integration_id","since","id");--> statement-breakpoint
CREATE INDEX "issues_resolved" ON "issues" USING btree ("resolved_at") WHERE "issues"."resolved_at" is not null;--> statement-breakpoint
CREATE INDEX "oauth_grants_account" ON "oauth_grants" USING btree ("account_id");--> statement-breakpoint
CREATE INDEX "oauth_grants_idle" ON "oauth_grants" USING btree ("refreshed_at") WHERE "oauth_grants"."revoked_at" is null;--> statement-breakpoint
CREATE INDEX "oauth_states_expiry" ON "oauth_states" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "oauth_states_open" ON "oauth_states" USING btree ("business_id") WHERE "oauth_states"."used_at" is null;--> statement-breakpoint
CREATE INDEX "open_uploads_age" ON "open_uploads" USING btree ("opened_at");--> statement-breakpoint
CREATE INDEX "quarantined_records_newest" ON "quarantined_records" USING btree ("integration_id","first_seen_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "sync_runs_one_live" ON "sync_runs" USING btree ("integration_id") WHERE "sync_runs"."trigger" in ('schedule','manual','webhook') and "sync_runs"."status" in ('queued','running','waiting');--> statement-breakpoint
CREATE UNIQUE INDEX "sync_runs_one_bulk" ON "sync_runs" USING btree ("integration_id") WHERE "sync_runs"."trigger" in ('backfill','import') and "sync_runs"."status" in ('running','waiting');--> statement-breakpoint
CREATE INDEX "sync_runs_braked" ON "sync_runs" USING btree ("integration_id") WHERE "sync_runs"."status" = 'failed' and "sync_runs"."error" ->> 'reason' = 'brake' and "sync_runs"."confirmed_at" is null;--> statement-breakpoint
CREATE INDEX "sync_runs_dead" ON "sync_runs" USING btree ("dead_letter_at") WHERE "sync_runs"."dead_letter_at" is not null;--> statement-breakpoint
CREATE INDEX "sync_runs_age" ON "sync_runs" USING brin ("created_at");--> statement-breakpoint
CREATE INDEX "sync_runs_newest" ON "sync_runs" USING btree ("integration_id","created_at","id");--> statement-breakpoint
CREATE INDEX "sync_runs_active" ON "sync_runs" USING btree ("enqueued_at") WHERE "sync_runs"."status" in ('queued','running','waiting');--> statement-breakpoint
CREATE INDEX "sync_runs_integration_active" ON "sync_runs" USING btree ("integration_id") WHERE "sync_runs"."status" in ('queued','running','waiting');--> statement-breakpoint
CREATE INDEX "webhook_deliveries_inbox" ON "webhook_deliveries" USING btree ("integration_id","due_at") WHERE "webhook_deliveries"."status" = 'new';--> statement-breakpoint
CREATE INDEX "webhook_deliveries_newest" ON "webhook_deliveries" USING btree ("integration_id","received_at","id");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_age" ON "webhook_deliveries" USING brin ("received_at");--> statement-breakpoint
-- Free space on each page for updates that change no index: every written page changes leases and counters. Without it
-- such an update must also write all indexes; with more, the tables only grow. Chosen, not measured.
ALTER TABLE "sync_runs" SET (fillfactor = 80);--> statement-breakpoint
ALTER TABLE "crm_transactions" SET (fillfactor = 90);--> statement-breakpoint
-- Every sync changes `next_sync_at` and leaves a dead entry in the index that the cron claims by. With the default of a
-- fifth of the table, a claim among a million integrations would step over up to 200,000 of them.
ALTER TABLE "crm_integrations" SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
