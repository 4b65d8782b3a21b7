// What is kept only for a time goes at night, in small batches: no statement holds locks for long, and a run that is
// broken off simply goes on the night after.
import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { FILE_DAYS, removeOldFiles } from '#connections/file-store.ts'

/** The cron expression of wrangler.toml that sets this off. */
export const NIGHTLY = '17 3 * * *'

const BATCH_ROWS = 5000
const TIME_MS = 10 * 60_000

/** What may go: from `rows`, their `ctid`s. A statement each, so that a table can be stopped after any batch. */
function kinds({ retentionDays }: Context['config']): Readonly<Record<string, { act: SQL; rows: SQL }>> {
  const before = (days: number) => sql`now() - ${days}::int * interval '1 day'`
  return {
    // The newest that came to an end stays: it tells how the last sync went.
    runs: {
      act: sql`delete from sync_runs`,
      rows: sql`select r.ctid from sync_runs r
        where r.created_at < ${before(retentionDays.runs)} and r.finished_at is not null and exists (
          select from sync_runs newer where newer.integration_id = r.integration_id
            and newer.created_at > r.created_at and newer.status in ('succeeded','failed'))`,
    },
    changes: {
      act: sql`delete from transaction_changes`,
      rows: sql`select ctid from transaction_changes where at < ${before(retentionDays.changes)}`,
    },
    quarantine: {
      act: sql`delete from quarantined_records`,
      rows: sql`select ctid from quarantined_records where last_seen_at < ${before(retentionDays.quarantine)}`,
    },
    webhooks: {
      act: sql`delete from webhook_deliveries`,
      rows: sql`select ctid from webhook_deliveries where received_at < ${before(retentionDays.webhooks)}`,
    },
    // Bodies hold people; the ids that they point at do not, and are enough to look again.
    webhookBodies: {
      act: sql`update webhook_deliveries set body = null`,
      rows: sql`select ctid from webhook_deliveries
        where body is not null and received_at < ${before(retentionDays.webhookBodies)}`,
    },
    unpaidObservations: {
      act: sql`delete from unpaid_observations`,
      rows: sql`select ctid from unpaid_observations where at < ${before(1)}`,
    },
    notes: {
      act: sql`delete from file_notes`,
      rows: sql`select ctid from file_notes where noted_at < ${before(FILE_DAYS)}`,
    },
    consents: {
      act: sql`delete from oauth_states`,
      rows: sql`select ctid from oauth_states where expires_at < ${before(1)}`,
    },
  }
}

/** Rows and files deleted (of webhooks' bodies: emptied), by kind. */
export async function cleanUp(context: Context): Promise<Readonly<Record<string, number>>> {
  const startedAt = context.clock.now().getTime()
  const deleted: Record<string, number> = {}
  for (const [name, { act, rows }] of Object.entries(kinds(context.config))) {
    let count: number
    deleted[name] = 0
    do {
      const result = await context.db.execute(sql`
        ${act} where ctid = any (array(${rows} limit ${BATCH_ROWS}::int))`)
      count = result.rowCount ?? 0
      deleted[name] += count
    } while (count === BATCH_ROWS && context.clock.now().getTime() - startedAt < TIME_MS)
  }
  deleted['files'] = await removeOldFiles(context)
  context.log.info('clean_up', { ...deleted, ms: context.clock.now().getTime() - startedAt })
  return deleted
}
