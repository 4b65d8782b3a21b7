ALTER TABLE "crm_integrations" ADD COLUMN "webhook_secret_required" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "crm_integrations" ADD COLUMN "hook_reads" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "crm_integrations" ADD COLUMN "hook_reads_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sync_runs" ADD COLUMN "deaths" integer DEFAULT 0 NOT NULL;