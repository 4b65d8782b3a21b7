CREATE TABLE "oauth_grants" (
	"integration_id" uuid PRIMARY KEY NOT NULL,
	"generation" integer DEFAULT 1 NOT NULL,
	"account_id" text,
	"access_until" timestamp with time zone NOT NULL,
	"refreshed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"fence_owner" uuid,
	"fence_until" timestamp with time zone,
	"previous_token" "bytea",
	"dead_at" timestamp with time zone,
	CONSTRAINT "oauth_grants_fence" CHECK (("oauth_grants"."fence_owner" is null) = ("oauth_grants"."fence_until" is null))
);
--> statement-breakpoint
ALTER TABLE "oauth_grants" ADD CONSTRAINT "oauth_grants_integration_id_crm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."crm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "oauth_grants_account" ON "oauth_grants" USING btree ("account_id");--> statement-breakpoint
CREATE INDEX "oauth_grants_idle" ON "oauth_grants" USING btree ("refreshed_at") WHERE "oauth_grants"."dead_at" is null;