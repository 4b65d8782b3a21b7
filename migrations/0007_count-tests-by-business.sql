ALTER TABLE "businesses" ADD COLUMN "tested_at" timestamp with time zone[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "crm_integrations" DROP COLUMN "tested_at";