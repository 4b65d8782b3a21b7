CREATE TABLE "never_paid_seen" (
	"integration_id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"version_at" timestamp with time zone,
	"seen_seq" bigint NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "never_paid_seen_integration_id_external_id_pk" PRIMARY KEY("integration_id","external_id")
);
--> statement-breakpoint
ALTER TABLE "webhook_deliveries" DROP CONSTRAINT "webhook_deliveries_status";--> statement-breakpoint
DROP INDEX "webhook_deliveries_due";--> statement-breakpoint
ALTER TABLE "crm_integrations" ADD COLUMN "page_seq" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "crm_integrations" ADD COLUMN "webhook_registration" text;--> statement-breakpoint
ALTER TABLE "crm_integrations" ADD COLUMN "webhook_last_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "crm_integrations" ADD COLUMN "webhook_missed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "crm_integrations" ADD COLUMN "inbox_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD COLUMN "kind" text DEFAULT 'hook' NOT NULL;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD COLUMN "hints" jsonb;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD COLUMN "repeats" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD COLUMN "received_seq" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "never_paid_seen" ADD CONSTRAINT "never_paid_seen_integration_id_crm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."crm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_inbox" ON "webhook_deliveries" USING btree ("integration_id","due_at") WHERE "webhook_deliveries"."status" = 'new';--> statement-breakpoint
CREATE INDEX "webhook_deliveries_age" ON "webhook_deliveries" USING brin ("received_at");--> statement-breakpoint
ALTER TABLE "webhook_deliveries" DROP COLUMN "external_id";--> statement-breakpoint
ALTER TABLE "webhook_deliveries" DROP COLUMN "enqueued_at";--> statement-breakpoint
ALTER TABLE "webhook_deliveries" DROP COLUMN "lease_until";--> statement-breakpoint
ALTER TABLE "crm_integrations" ADD CONSTRAINT "crm_integrations_webhook_registration" CHECK ("crm_integrations"."webhook_registration" in ('registered','absent','disabled','occupied','failed'));--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_kind" CHECK ("webhook_deliveries"."kind" in ('hook','recheck'));--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_status" CHECK ("webhook_deliveries"."status" in ('new','done','ignored','rejected','failed'));