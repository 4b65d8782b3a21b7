import { type SQL, sql } from 'drizzle-orm'
import { ACTIVE, BULK } from '#runs/states.ts'

/** The active run of an integration that should go on now, live ones first; its id, or no row. */
export const nextInLine = (integrationId: SQL | string) => sql`
  select id from sync_runs where integration_id = ${integrationId}::uuid and status in ${ACTIVE}
    and (resume_at is null or resume_at <= now())
  order by trigger in ${BULK}, status = 'queued', created_at, id limit 1`
