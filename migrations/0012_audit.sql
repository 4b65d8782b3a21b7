CREATE TABLE "audit" (
	"id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"actor_subject" text NOT NULL,
	"actor_scope" text NOT NULL,
	"action" text NOT NULL,
	"business_id" uuid,
	"integration_id" uuid,
	"request_id" text,
	"changes" text[] NOT NULL
) PARTITION BY RANGE ("at");
--> statement-breakpoint
CREATE INDEX "audit_newest" ON "audit" USING btree ("at","id");--> statement-breakpoint
CREATE INDEX "audit_business" ON "audit" USING btree ("business_id","at","id");--> statement-breakpoint
CREATE INDEX "audit_integration" ON "audit" USING btree ("integration_id","at","id");--> statement-breakpoint
CREATE TABLE "audit_default" PARTITION OF "audit" DEFAULT;
--> statement-breakpoint
-- Lines are only added, whatever rights a role was given. The owner moves them between partitions (make_months).
CREATE FUNCTION "keep_audit"() RETURNS trigger LANGUAGE plpgsql AS $$
begin
  if current_user = (select pg_get_userbyid(relowner) from pg_class where oid = tg_relid) then
    return case tg_op when 'DELETE' then old else new end;
  end if;
  raise insufficient_privilege using message = 'a line of the audit is neither changed nor deleted';
end $$;
--> statement-breakpoint
CREATE TRIGGER "keep_audit" BEFORE UPDATE OR DELETE ON "audit" FOR EACH ROW EXECUTE FUNCTION "keep_audit"();
--> statement-breakpoint
CREATE PROCEDURE "make_audit_months"(OUT "made" integer)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ select make_months('audit', now(), now() + interval '3 months') $$;
--> statement-breakpoint
-- No month younger than 90 days goes, whatever the Worker asks for.
CREATE PROCEDURE "drop_audit_months"("before_at" timestamptz, OUT "dropped" integer)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ select drop_months('audit', least(before_at, now() - interval '90 days')) $$;
--> statement-breakpoint
REVOKE ALL ON ROUTINE "make_audit_months", "drop_audit_months" FROM PUBLIC;
--> statement-breakpoint
SELECT make_months('audit', now(), now() + interval '3 months');
