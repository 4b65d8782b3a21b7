ALTER TABLE "deployment" ADD COLUMN "address_probe" "bytea";--> statement-breakpoint
ALTER TABLE "event_endpoints" ADD COLUMN "worked_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "marketplace_installs" ADD COLUMN "missing_on" date;--> statement-breakpoint
CREATE INDEX "crm_integrations_of_type" ON "crm_integrations" USING btree ("crm_type","created_at","id");--> statement-breakpoint
CREATE INDEX "crm_integrations_stopped" ON "crm_integrations" USING btree ("stopped_by","created_at","id") WHERE "crm_integrations"."stopped_by" is not null;--> statement-breakpoint
CREATE INDEX "crm_integrations_not_ok" ON "crm_integrations" USING btree ("connection_status","created_at","id") WHERE "crm_integrations"."connection_status" <> 'ok';--> statement-breakpoint
CREATE INDEX "crm_integrations_off" ON "crm_integrations" USING btree ("created_at","id") WHERE "crm_integrations"."sync_enabled" is not true;--> statement-breakpoint
CREATE INDEX "crm_integrations_last_failure" ON "crm_integrations" USING btree (("last_failure" ->> 'kind'),"created_at","id") WHERE "crm_integrations"."last_failure" is not null;