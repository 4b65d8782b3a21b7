import { type SQL, sql } from 'drizzle-orm'
import { ACTIVE, BULK, LIVE } from '#runs/states.ts'

/** Selects the id of the active run that should continue now, live runs first, or no row. */
export const nextInLine = (integrationId: SQL | string) => sql`
  select id from sync_runs where integration_id = ${integrationId}::uuid and status in ${ACTIVE}
    and (resume_at is null or resume_at <= now())
  order by trigger in ${BULK}, status = 'queued', created_at, id limit 1`

/** Whether a live run of the integration is due and waits for this one. */
export const liveWaits = (integrationId: SQL, runId: string) => sql`exists (
  select from sync_runs l where l.integration_id = ${integrationId} and l.id <> ${runId}::uuid and l.trigger in ${LIVE}
    and l.status in ${ACTIVE} and (l.resume_at is null or l.resume_at <= now()))`
