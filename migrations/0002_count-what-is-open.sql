CREATE TABLE "open_uploads" (
	"integration_id" uuid NOT NULL,
	"file_id" uuid NOT NULL,
	"upload_id" text NOT NULL,
	"opened_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "open_uploads_integration_id_file_id_pk" PRIMARY KEY("integration_id","file_id")
);
--> statement-breakpoint
ALTER TABLE "crm_integrations" ADD COLUMN "tested_at" timestamp with time zone[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "open_uploads" ADD CONSTRAINT "open_uploads_integration_id_crm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."crm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "open_uploads_age" ON "open_uploads" USING btree ("opened_at");--> statement-breakpoint
CREATE INDEX "oauth_states_open" ON "oauth_states" USING btree ("business_id") WHERE "oauth_states"."used_at" is null;