ALTER TABLE "sync_runs" DROP CONSTRAINT "sync_runs_waiting";--> statement-breakpoint
ALTER TABLE "sync_runs" ADD COLUMN "is_nightly" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "sync_runs" ADD CONSTRAINT "sync_runs_waiting" CHECK (case "sync_runs"."status" when 'waiting' then "sync_runs"."resume_at" is not null when 'queued' then true else "sync_runs"."resume_at" is null end);
--> statement-breakpoint
-- When the live run begins that was claimed ahead, for the most frequent read (src/integrations/queries.ts): a function's
-- plan is kept for a session, and planning the query in each read cost as much as all else of it. The sets are those of
-- src/runs/states.ts.
CREATE FUNCTION "claimed_sync_at"("of_integration" uuid) RETURNS timestamp with time zone LANGUAGE plpgsql STABLE
SET enable_seqscan = off AS $$
begin
  return (select r.resume_at from sync_runs r where r.integration_id = of_integration
    and r.trigger in ('schedule','manual','webhook') and r.status in ('queued','running','waiting')
    and r.started_at is null);
end $$;
