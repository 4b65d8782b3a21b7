import { sql } from 'drizzle-orm'
import { boolean, check, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { instant } from '#db/columns.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import type { CrmErrorKind } from '#lib/crm-error.ts'

const counter = (name: string) => integer(name).notNull().default(0)

/** Why a run failed or waits: rendered from the message table when it was written. */
export interface StoredError {
  readonly kind: CrmErrorKind
  readonly reason: string | null
  readonly params: Readonly<Record<string, string>>
  /** English. */
  readonly message: string
  readonly messageRu?: string
}

export const syncRuns = pgTable(
  'sync_runs',
  {
    id: uuid().primaryKey().defaultRandom(),
    integrationId: uuid('integration_id')
      .notNull()
      .references(() => crmIntegrations.id, { onDelete: 'cascade' }),
    trigger: text().notNull(),
    /** What is asked of the CRM: `pull` its feeds, or read again what is in `quarantine`. */
    task: text().notNull().default('pull'),
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
    /** Vendor calls that a backfill was expected to need when it was asked for. */
    estimatedCalls: integer('estimated_calls'),
    /** Stored rows changed, by this run and by the failed ones before it that it goes on from: what the brake counts. */
    brakeChanged: counter('brake_changed'),
    // The period of the stored rows that were looked at meanwhile: what the brake measures those changes by.
    brakeWindowFrom: instant('brake_window_from'),
    brakeWindowTo: instant('brake_window_to'),
    /** So many rows at least lie in that period. */
    brakeWindowRows: counter('brake_window_rows'),
    /** A person has let this run through the brake. */
    brakeOff: boolean('brake_off').notNull().default(false),
    /** When a person let the next run do what the brake stopped this one from doing, or a live run got through without. */
    confirmedAt: instant('confirmed_at'),
    deadLetters: counter('dead_letters'),
    deadLetterAt: instant('dead_letter_at'),
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
    check('sync_runs_task', sql`${t.task} in ('pull','quarantine')`),
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
    index('sync_runs_braked')
      .on(t.integrationId)
      .where(sql`${t.status} = 'failed' and ${t.error} ->> 'reason' = 'brake' and ${t.confirmedAt} is null`),
    index('sync_runs_dead')
      .on(t.deadLetterAt)
      .where(sql`${t.deadLetterAt} is not null`),
    // Rows lie by age, so the clean-up finds the old ones by a few bytes for each hundred pages.
    index('sync_runs_age').using('brin', t.createdAt),
    index('sync_runs_newest').on(t.integrationId, t.createdAt, t.id),
    index('sync_runs_active')
      .on(t.enqueuedAt)
      .where(sql`${t.status} in ('queued','running','waiting')`),
    index('sync_runs_integration_active')
      .on(t.integrationId)
      .where(sql`${t.status} in ('queued','running','waiting')`),
  ],
)
