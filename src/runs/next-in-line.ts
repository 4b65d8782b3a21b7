import { type SQL, sql } from 'drizzle-orm'
import { ACTIVE, LIVE } from '#runs/states.ts'

/** Selects the id of the active run that should continue now (migrations/0003_runs.sql), or no row. */
export const nextInLine = (integrationId: SQL | string) =>
  sql`select n.id from next_in_line(${integrationId}::uuid) as n(id) where n.id is not null`

/** Whether a live run of the integration is due and waits for this one. */
export const liveWaits = (integrationId: SQL, runId: string) => sql`exists (
  select from sync_runs l where l.integration_id = ${integrationId} and l.id <> ${runId}::uuid and l.trigger in ${LIVE}
    and l.status in ${ACTIVE} and (l.resume_at is null or l.resume_at <= now()))`
