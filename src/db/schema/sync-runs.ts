import { sql } from 'drizzle-orm'
import { bigint, boolean, check, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { instant } from '#db/columns.ts'
import type { StoredError } from '#db/schema/stored-error.ts'

const counter = (name: string) => integer(name).notNull().default(0)

export const syncRuns = pgTable(
  'sync_runs',
  {
    id: uuid().primaryKey().defaultRandom(),
    // Without a foreign key: they go in batches after their integration, see src/integrations/remove-rows.ts.
    integrationId: uuid('integration_id').notNull(),
    trigger: text().notNull(),
    /**
     * `pull` reads the CRM's feeds or a file, `quarantine` reads quarantined records again, `undo` takes back what an
     * import brought, `check` compares a period with the CRM.
     */
    task: text().notNull().default('pull'),
    /** Of imports and undos: the first run of the file. A confirmed run goes on with the same import. */
    importId: uuid('import_id'),
    /** Of imports: the change counter before the first row of the file was written. */
    fromSeq: bigint('from_seq', { mode: 'number' }),
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
    /** Records that could be read, whatever became of them. */
    readable: counter('readable'),
    /** Unreadable records that were not in quarantine before. */
    newlyQuarantined: counter('newly_quarantined'),
    /** Pages of which too much was unreadable: nothing of them is stored, and the integration's cursor stays. */
    refusedPages: counter('refused_pages'),
    /** Set when the run reads all that a person's scan would: the version of the mapping that it reads by. */
    mapVersion: integer('map_version'),
    progressDone: counter('progress_done'),
    progressTotal: integer('progress_total'),
    /** The expected number of vendor calls of a backfill, estimated when it was requested. */
    estimatedCalls: integer('estimated_calls'),
    /** Stored rows that were changed by this run and the failed ones that it continues: the brake counts these. */
    brakeChanged: counter('brake_changed'),
    // The period of the stored rows that were read meanwhile: the brake compares the changes with its rows.
    brakeWindowFrom: instant('brake_window_from'),
    brakeWindowTo: instant('brake_window_to'),
    /** The least number of rows in that period. */
    brakeWindowRows: counter('brake_window_rows'),
    /** A person has confirmed this run, so the brake does not stop it. */
    brakeOff: boolean('brake_off').notNull().default(false),
    /** When a person confirmed the changes that the brake stopped, or a later live run passed without confirmation. */
    confirmedAt: instant('confirmed_at'),
    /** Workers that died with this run since its last committed page. The first may have died of another run. */
    deaths: counter('deaths'),
    /** Set when the run begins: the wide scan of the night falls to it, so it is worked on in the bulk queue. */
    isNightly: boolean('is_nightly').notNull().default(false),
    deadLetters: counter('dead_letters'),
    deadLetterAt: instant('dead_letter_at'),
    createdAt: instant('created_at').notNull().defaultNow(),
    startedAt: instant('started_at'),
    heartbeatAt: instant('heartbeat_at'),
    enqueuedAt: instant('enqueued_at').notNull().defaultNow(),
    /** When a waiting run goes on; of a queued one that was claimed ahead: when it begins. */
    resumeAt: instant('resume_at'),
    finishedAt: instant('finished_at'),
    error: jsonb().$type<StoredError>(),
  },
  (t) => [
    check('sync_runs_trigger', sql`${t.trigger} in ('schedule','manual','backfill','webhook','import','check')`),
    check('sync_runs_task', sql`${t.task} in ('pull','quarantine','undo','check')`),
    check('sync_runs_status', sql`${t.status} in ('queued','running','waiting','succeeded','failed','cancelled')`),
    check(
      'sync_runs_waiting',
      sql`case ${t.status} when 'waiting' then ${t.resumeAt} is not null when 'queued' then true else ${t.resumeAt} is null end`,
    ),
    check(
      'sync_runs_finished',
      sql`(${t.status} in ('succeeded','failed','cancelled')) = (${t.finishedAt} is not null)`,
    ),
    check(
      'sync_runs_window',
      sql`(${t.windowFrom} is null) = (${t.windowTo} is null) and ${t.windowFrom} <= ${t.windowTo}`,
    ),
    // The database itself refuses a second active live run, and a second bulk run that has started.
    uniqueIndex('sync_runs_one_live')
      .on(t.integrationId)
      .where(sql`${t.trigger} in ('schedule','manual','webhook') and ${t.status} in ('queued','running','waiting')`),
    uniqueIndex('sync_runs_one_bulk')
      .on(t.integrationId)
      .where(sql`${t.trigger} in ('backfill','import','check') and ${t.status} in ('running','waiting')`),
    index('sync_runs_braked')
      .on(t.integrationId)
      .where(sql`${t.status} = 'failed' and ${t.error} ->> 'reason' = 'brake' and ${t.confirmedAt} is null`),
    index('sync_runs_dead')
      .on(t.deadLetterAt)
      .where(sql`${t.deadLetterAt} is not null`),
    index('sync_runs_import')
      .on(t.importId)
      .where(sql`${t.importId} is not null`),
    // The clean-up finds the oldest in order. Space is used again, so a BRIN index soon finds nothing.
    index('sync_runs_age').on(t.createdAt),
    index('sync_runs_newest').on(t.integrationId, t.createdAt, t.id),
    index('sync_runs_active')
      .on(t.enqueuedAt)
      .where(sql`${t.status} in ('queued','running','waiting')`),
    index('sync_runs_integration_active')
      .on(t.integrationId)
      .where(sql`${t.status} in ('queued','running','waiting')`),
  ],
)
