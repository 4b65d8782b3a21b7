CREATE TABLE "marketplace_installs" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"brand" text NOT NULL,
	"branch_id" text NOT NULL,
	"business_id" uuid NOT NULL,
	"integration_id" uuid,
	"state" text DEFAULT 'claimed' NOT NULL,
	"user_id" text,
	"claim" integer DEFAULT 1 NOT NULL,
	"begun_at" timestamp with time zone,
	"claimed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"deadline_at" timestamp with time zone NOT NULL,
	"origin" text NOT NULL,
	"told_at" timestamp with time zone,
	"active_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"next_step_at" timestamp with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"missing_nights" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "marketplace_installs_state" CHECK ("marketplace_installs"."state" in ('claimed','told','checked','active','frozen','leaving','uninstalled','expired'))
);
--> statement-breakpoint
CREATE TABLE "marketplace_tickets" (
	"ticket_hash" "bytea" PRIMARY KEY NOT NULL,
	"business_id" uuid NOT NULL,
	"used_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "marketplace_installs_branch" ON "marketplace_installs" USING btree ("brand","branch_id");--> statement-breakpoint
CREATE INDEX "marketplace_installs_business" ON "marketplace_installs" USING btree ("business_id");--> statement-breakpoint
CREATE INDEX "marketplace_installs_integration" ON "marketplace_installs" USING btree ("integration_id");--> statement-breakpoint
CREATE INDEX "marketplace_installs_newest" ON "marketplace_installs" USING btree ("claimed_at","id");--> statement-breakpoint
CREATE INDEX "marketplace_installs_due" ON "marketplace_installs" USING btree ("next_step_at") WHERE "marketplace_installs"."next_step_at" is not null;--> statement-breakpoint
CREATE INDEX "marketplace_tickets_used" ON "marketplace_tickets" USING btree ("used_at");
--> statement-breakpoint
-- Whatever deletes an integration, the marketplaces that its branches came from have to be told.
CREATE FUNCTION "leave_marketplace"() RETURNS trigger LANGUAGE plpgsql AS $$
begin
  update marketplace_installs set state = 'leaving', attempts = 0, last_error = null, next_step_at = now()
  where integration_id = old.id and state in ('claimed','told','checked','active','frozen');
  return null;
end $$;
--> statement-breakpoint
CREATE TRIGGER "leave_marketplace" AFTER DELETE ON "crm_integrations" FOR EACH ROW EXECUTE FUNCTION "leave_marketplace"();
