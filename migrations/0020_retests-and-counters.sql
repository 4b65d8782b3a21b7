CREATE TABLE "engine_counters" (
	"name" text PRIMARY KEY NOT NULL,
	"value" bigint NOT NULL,
	"counted_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "retest_items" (
	"retest_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"status" text DEFAULT 'waiting' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	CONSTRAINT "retest_items_retest_id_integration_id_pk" PRIMARY KEY("retest_id","integration_id"),
	CONSTRAINT "retest_items_status" CHECK ("retest_items"."status" in ('waiting','ok','failed','unanswered'))
);
--> statement-breakpoint
CREATE TABLE "retests" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"left_out" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "retest_items" ADD CONSTRAINT "retest_items_retest_id_retests_id_fk" FOREIGN KEY ("retest_id") REFERENCES "public"."retests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "retest_items" ADD CONSTRAINT "retest_items_integration_id_crm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."crm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "retest_items_integration" ON "retest_items" USING btree ("integration_id");--> statement-breakpoint
CREATE INDEX "retest_items_due" ON "retest_items" USING btree ("due_at") WHERE "retest_items"."status" = 'waiting';--> statement-breakpoint
CREATE UNIQUE INDEX "retest_items_one_waiting" ON "retest_items" USING btree ("integration_id") WHERE "retest_items"."status" = 'waiting';--> statement-breakpoint
CREATE INDEX "retests_age" ON "retests" USING btree ("created_at");