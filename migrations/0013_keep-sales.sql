CREATE TABLE "kept_integrations" (
	"integration_id" uuid PRIMARY KEY NOT NULL,
	"business_id" uuid NOT NULL,
	"crm_type" text NOT NULL,
	"account" jsonb,
	"connection_hash" "bytea" NOT NULL,
	"change_seq" bigint NOT NULL,
	"page_seq" bigint NOT NULL,
	"settings_epoch" integer NOT NULL,
	"lease_epoch" bigint NOT NULL,
	"map_version" integer NOT NULL,
	"kept_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "kept_integrations_business" ON "kept_integrations" USING btree ("business_id");