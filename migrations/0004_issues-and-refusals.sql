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
ALTER TABLE "crm_integrations" ADD COLUMN "map_version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "crm_integrations" ADD COLUMN "called_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "crm_integrations" ADD COLUMN "refused_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "crm_integrations" ADD COLUMN "stopped_by" text;--> statement-breakpoint
ALTER TABLE "crm_integrations" ADD COLUMN "passing_refusal" text;--> statement-breakpoint
ALTER TABLE "crm_integrations" ADD COLUMN "passing_refusal_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sync_runs" ADD COLUMN "readable" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sync_runs" ADD COLUMN "newly_quarantined" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sync_runs" ADD COLUMN "refused_pages" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sync_runs" ADD COLUMN "map_version" integer;--> statement-breakpoint
ALTER TABLE "issues" ADD CONSTRAINT "issues_integration_id_crm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."crm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "issues_one_open" ON "issues" USING btree ("integration_id","code","detail_key") WHERE "issues"."resolved_at" is null and "issues"."integration_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "issues_one_open_of_crm" ON "issues" USING btree ("code","detail_key") WHERE "issues"."resolved_at" is null and "issues"."integration_id" is null;--> statement-breakpoint
CREATE INDEX "issues_business" ON "issues" USING btree ("business_id");--> statement-breakpoint
CREATE INDEX "issues_newest" ON "issues" USING btree ("integration_id","since","id");--> statement-breakpoint
CREATE INDEX "issues_resolved" ON "issues" USING btree ("resolved_at") WHERE "issues"."resolved_at" is not null;--> statement-breakpoint
CREATE INDEX "crm_integrations_refused" ON "crm_integrations" USING btree ("crm_type","refused_at") WHERE "crm_integrations"."refused_at" is not null;--> statement-breakpoint
ALTER TABLE "crm_integrations" ADD CONSTRAINT "crm_integrations_stopped_by" CHECK ("crm_integrations"."stopped_by" in ('person','vendor','uninstall','freeze'));