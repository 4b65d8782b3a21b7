CREATE TABLE "alarms" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"code" text NOT NULL,
	"opened_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"closed_at" timestamp with time zone,
	"opened_sent_at" timestamp with time zone,
	"closed_sent_at" timestamp with time zone,
	"sending_until" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "issues" ADD COLUMN "endpoint_id" uuid;--> statement-breakpoint
CREATE UNIQUE INDEX "alarms_one_open" ON "alarms" USING btree ("code") WHERE "alarms"."closed_at" is null;--> statement-breakpoint
CREATE INDEX "alarms_unsent" ON "alarms" USING btree ("opened_at") WHERE "alarms"."closed_sent_at" is null;--> statement-breakpoint
CREATE INDEX "alarms_closed" ON "alarms" USING btree ("closed_at");--> statement-breakpoint
CREATE INDEX "issues_newest_of_all" ON "issues" USING btree ("since","id");--> statement-breakpoint
-- Issues that a change of the integration ends, whatever changes it: sync is off, its settings are new, or a hook has
-- arrived.
CREATE FUNCTION "resolve_outdated_issues"() RETURNS trigger LANGUAGE plpgsql AS $$
begin
  update issues s set resolved_at = now() where s.integration_id = new.id and s.resolved_at is null and (
    s.code = 'hooks_silent' and (new.webhook_missed_at is null or not new.sync_enabled)
    or s.code in ('data_late', 'crm_unavailable', 'settings_rejected', 'sync_failed', 'refused_for_now')
      and (not new.sync_enabled or new.settings_epoch > old.settings_epoch));
  return null;
end $$;
--> statement-breakpoint
CREATE TRIGGER "resolve_outdated_issues" AFTER UPDATE OF "sync_enabled", "settings_epoch", "webhook_missed_at"
ON "crm_integrations" FOR EACH ROW WHEN (old.sync_enabled and not new.sync_enabled
  or new.settings_epoch > old.settings_epoch or old.webhook_missed_at is not null and new.webhook_missed_at is null)
EXECUTE FUNCTION "resolve_outdated_issues"();
--> statement-breakpoint
-- The time of the newest migration that was applied. The Worker's role may not read the migrations' own table.
CREATE FUNCTION "schema_version"() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = drizzle, pg_temp
AS $$ select max(created_at) from drizzle.__drizzle_migrations $$;
