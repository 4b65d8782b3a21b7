import { type SQL, sql } from 'drizzle-orm'
import { ACTIVE, BULK } from '#runs/states.ts'

/** Selects the id of the active run that should continue now, live runs first, or no row. */
export const nextInLine = (integrationId: SQL | string) => sql`
  select id from sync_runs where integration_id = ${integrationId}::uuid and status in ${ACTIVE}
    and (resume_at is null or resume_at <= now())
  order by trigger in ${BULK}, status = 'queued', created_at, id limit 1`
