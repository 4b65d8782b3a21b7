import { sql } from 'drizzle-orm'

/**
 * A hook may arrive after the poll that found its change. With a minute or two, slow vendors would count as silent;
 * with an hour, sales would stay outdated for as long after hooks stop. Chosen, not measured.
 */
export const SILENT_MINUTES = 10

/** The integration's next regular time, by a function of migrations/0003_runs.sql; `i` is a row of crm_integrations. */
export const nextSlot = sql.raw('next_slot(i.id, i.sync_interval_minutes, i.webhook_missed_at)')
