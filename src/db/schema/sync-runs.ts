import { sql } from 'drizzle-orm'
import { check, index, integer, jsonb, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import type { CrmErrorKind } from '#lib/crm-error.ts'

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' })
const counter = (name: string) => integer(name).notNull().default(0)

/** Why a run failed or waits: rendered from the message table when it was written. */
export interface StoredError {
  readonly kind: CrmErrorKind
  readonly reason: string | null
  readonly params: Readonly<Record<string, string>>
  readonly message: string
}

export const syncRuns = pgTable(
  'sync_runs',
  {
    id: uuid().primaryKey().defaultRandom(),
    integrationId: uuid('integration_id')
      .notNull()
      .references(() => crmIntegrations.id, { onDelete: 'cascade' }),
    trigger: text().notNull(),
    status: text().notNull(),
    attempt: counter('attempt'),
    cursor: jsonb(),
    settingsEpoch: integer('settings_epoch').notNull(),
    windowFrom: instant('window_from'),
    windowTo: instant('window_to'),
    pages: counter('pages'),
    fetched: counter('fetched'),
    inserted: counter('inserted'),
    updated: counter('updated'),
    unchanged: counter('unchanged'),
    skipped: counter('skipped'),
    quarantined: counter('quarantined'),
    progressDone: counter('progress_done'),
    progressTotal: integer('progress_total'),
    createdAt: instant('created_at').notNull().defaultNow(),
    startedAt: instant('started_at'),
    heartbeatAt: instant('heartbeat_at'),
    enqueuedAt: instant('enqueued_at').notNull().defaultNow(),
    resumeAt: instant('resume_at'),
    finishedAt: instant('finished_at'),
    error: jsonb().$type<StoredError>(),
  },
  (t) => [
    check('sync_runs_trigger', sql`${t.trigger} in ('schedule','manual','backfill','webhook','import')`),
    check('sync_runs_status', sql`${t.status} in ('queued','running','waiting','succeeded','failed','cancelled')`),
    check('sync_runs_waiting', sql`(${t.status} = 'waiting') = (${t.resumeAt} is not null)`),
    check(
      'sync_runs_finished',
      sql`(${t.status} in ('succeeded','failed','cancelled')) = (${t.finishedAt} is not null)`,
    ),
    check(
      'sync_runs_window',
      sql`(${t.windowFrom} is null) = (${t.windowTo} is null) and ${t.windowFrom} <= ${t.windowTo}`,
    ),
    // The database itself refuses a second live run, and a second bulk run that is past waiting in line.
    uniqueIndex('sync_runs_one_live')
      .on(t.integrationId)
      .where(sql`${t.trigger} in ('schedule','manual','webhook') and ${t.status} in ('queued','running','waiting')`),
    uniqueIndex('sync_runs_one_bulk')
      .on(t.integrationId)
      .where(sql`${t.trigger} in ('backfill','import') and ${t.status} in ('running','waiting')`),
    index('sync_runs_newest').on(t.integrationId, t.createdAt, t.id),
    index('sync_runs_active')
      .on(t.enqueuedAt)
      .where(sql`${t.status} in ('queued','running','waiting')`),
    index('sync_runs_integration_active')
      .on(t.integrationId)
      .where(sql`${t.status} in ('queued','running','waiting')`),
  ],
)
