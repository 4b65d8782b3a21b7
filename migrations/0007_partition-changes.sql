-- The history of sales is kept by month, so that what is old goes with its files and not row by row. No two changes of
-- an integration have one number: the lock under which they are numbered holds that, and the key of transaction_feed.
-- So the index on it need not be unique, which it could only be within a month.
ALTER TABLE "transaction_changes" RENAME TO "transaction_changes_before";--> statement-breakpoint
ALTER TABLE "transaction_changes_before" DROP CONSTRAINT "transaction_changes_integration_id_change_seq_pk";--> statement-breakpoint
DROP INDEX "transaction_changes_age";--> statement-breakpoint
DROP INDEX "transaction_changes_of";--> statement-breakpoint
CREATE TABLE "transaction_changes" (
	"integration_id" uuid NOT NULL,
	"change_seq" bigint NOT NULL,
	"transaction_id" uuid NOT NULL,
	"before" jsonb NOT NULL,
	"source" text NOT NULL,
	"run_id" uuid,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "transaction_changes_source" CHECK ("transaction_changes"."source" in ('schedule','manual','webhook','import','backfill','undo'))
) PARTITION BY RANGE ("at");
--> statement-breakpoint
CREATE INDEX "transaction_changes_seq" ON "transaction_changes" USING btree ("integration_id","change_seq");--> statement-breakpoint
CREATE INDEX "transaction_changes_of" ON "transaction_changes" USING btree ("transaction_id","change_seq");--> statement-breakpoint
-- What comes in a month without a partition goes here: a write never fails for want of one.
CREATE TABLE "transaction_changes_default" PARTITION OF "transaction_changes" DEFAULT;
--> statement-breakpoint
-- Makes the partitions of a table for all months from one time to another, in UTC, and returns how many it has made.
-- Each takes over what the default partition has of its month. ATTACH lets reads and writes go on, where CREATE TABLE
-- ... PARTITION OF would lock the whole table; only the default partition is locked.
CREATE FUNCTION "make_months"("of_table" text, "first_at" timestamptz, "last_at" timestamptz) RETURNS integer
LANGUAGE plpgsql SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s'
AS $$
declare
  month timestamptz := date_trunc('month', first_at);
  next_month timestamptz;
  name text;
  made integer := 0;
begin
  while month <= last_at loop
    next_month := month + interval '1 month';
    name := of_table || to_char(month, '"_"YYYY"_"MM');
    if to_regclass(name) is null then
      execute format('create table %I (like %I including defaults including constraints)', name, of_table);
      execute format('lock table %I in access exclusive mode', of_table || '_default');
      execute format('with late as (delete from %I where at >= %L and at < %L returning *) insert into %I select * from late',
        of_table || '_default', month, next_month, name);
      execute format('alter table %I attach partition %I for values from (%L) to (%L)',
        of_table, name, month, next_month);
      made := made + 1;
    end if;
    month := next_month;
  end loop;
  return made;
end $$;
--> statement-breakpoint
-- Drops the partitions of a table whose month was over at that time, and returns how many. Each DROP locks the whole
-- table for a moment. If it does not get the lock within two seconds, it fails, and the next night tries again.
CREATE FUNCTION "drop_months"("of_table" text, "before_at" timestamptz) RETURNS integer
LANGUAGE plpgsql SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s'
AS $$
declare
  name text;
  dropped integer := 0;
begin
  for name in
    select c.relname from pg_inherits p join pg_class c on c.oid = p.inhrelid
    where p.inhparent = to_regclass(of_table) and c.relname ~ '_\d{4}_\d{2}$'
      and to_timestamp(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= least(before_at, now())
  loop
    execute format('drop table %I', name);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $$;
--> statement-breakpoint
-- The Worker's role changes no schema. It calls these two at night, which act as the role that owns the tables.
CREATE PROCEDURE "make_change_months"(OUT "made" integer)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ select make_months('transaction_changes', now(), now() + interval '3 months') $$;
--> statement-breakpoint
CREATE PROCEDURE "drop_change_months"("before_at" timestamptz, OUT "dropped" integer)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ select drop_months('transaction_changes', before_at) $$;
--> statement-breakpoint
REVOKE ALL ON ROUTINE "make_months", "drop_months", "make_change_months", "drop_change_months" FROM PUBLIC;
--> statement-breakpoint
SELECT make_months('transaction_changes', (SELECT coalesce(min("at"), now()) FROM "transaction_changes_before"), now() + interval '3 months');
--> statement-breakpoint
INSERT INTO "transaction_changes" ("integration_id", "change_seq", "transaction_id", "before", "source", "run_id", "at")
SELECT "integration_id", "change_seq", "transaction_id", "before", "source", "run_id", "at" FROM "transaction_changes_before";
--> statement-breakpoint
DROP TABLE "transaction_changes_before";
