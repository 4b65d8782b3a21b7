CREATE TABLE "connect_sessions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"business_id" uuid NOT NULL,
	"integration_id" uuid,
	"permissions" text[] NOT NULL,
	"subject" text NOT NULL,
	"scopes" text[] NOT NULL,
	"crm_types" text[],
	"return_url" text,
	"origin" text,
	"language" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"first_used_at" timestamp with time zone,
	"browser_hash" "bytea",
	"ended_at" timestamp with time zone,
	CONSTRAINT "connect_sessions_permissions" CHECK (cardinality("connect_sessions"."permissions") > 0)
);
--> statement-breakpoint
ALTER TABLE "connect_sessions" ADD CONSTRAINT "connect_sessions_business_id_businesses_id_fk" FOREIGN KEY ("business_id") REFERENCES "public"."businesses"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "connect_sessions" ADD CONSTRAINT "connect_sessions_integration_id_crm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."crm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "connect_sessions_expiry" ON "connect_sessions" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "connect_sessions_business" ON "connect_sessions" USING btree ("business_id");--> statement-breakpoint
CREATE INDEX "connect_sessions_integration" ON "connect_sessions" USING btree ("integration_id") WHERE "connect_sessions"."integration_id" is not null;