-- Every sync moves `next_sync_at` and leaves a dead entry in the index that the cron claims by. Cleared away at a fifth of
-- the table, as is usual, a million integrations would leave 200,000 of them for each claim to step over.
ALTER TABLE "crm_integrations" SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
