// Deletes at night what is kept for a limited time. It works in small batches, so that no statement holds locks for
// long. After an interruption the next night continues.
import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { FILE_DAYS, removeOldFiles } from '#connections/file-store.ts'
import { abortOldUploads } from '#connections/open-uploads.ts'
import { UNDO_DAYS } from '#imports/undo.ts'
import { COUNTED } from '#runs/states.ts'

/** The cron expression in wrangler.toml that starts this: before shops open in Moscow, and not on the full hour. */
export const NIGHTLY = '17 3 * * *'

/**
 * A statement has 20 s, and other statements wait for the rows that it locks. Ten times as many rows would come closer
 * to both limits; a tenth would take ten times the round trips. Chosen, not measured.
 */
const BATCH_ROWS = 5000
/** Less than the 15 minutes that the platform gives a cron invocation, with time left for the files. */
const TIME_MS = 10 * 60_000

/** How long an issue is kept after it is over: a year and a month, so that last year's season can be compared. */
const ISSUE_DAYS = 400

/** What an undo needs. It may be asked for on its last day and wait in line. */
const IMPORT_DAYS = UNDO_DAYS + 7

interface Kind {
  readonly act: SQL
  /** Selects `ctid`s. */
  readonly rows: SQL
}

const before = (days: number) => sql`now() - ${days}::int * interval '1 day'`

function older(table: string, column: string, days: number): Kind {
  const [from, at] = [sql.raw(table), sql.raw(column)]
  return { act: sql`delete from ${from}`, rows: sql`select ctid from ${from} where ${at} < ${before(days)}` }
}

/** What may be deleted. Each kind has its own statement and can stop after any batch. */
function kinds({ retentionDays }: Context['config']): Readonly<Record<string, Kind>> {
  return {
    // The newest finished sync stays: it shows how the last one ended.
    runs: {
      act: sql`delete from sync_runs`,
      rows: sql`select r.ctid from sync_runs r
        where r.created_at < ${before(retentionDays.runs)} and r.finished_at is not null
          and (r.trigger <> 'import' or r.created_at < ${before(IMPORT_DAYS)}) and exists (
            select from sync_runs newer where newer.integration_id = r.integration_id and newer.task in ${COUNTED}
              and newer.created_at > r.created_at and newer.status in ('succeeded','failed'))`,
    },
    changes: {
      act: sql`delete from transaction_changes`,
      rows: sql`select ctid from transaction_changes
        where at < ${before(retentionDays.changes)} and (source <> 'import' or at < ${before(IMPORT_DAYS)})`,
    },
    quarantine: older('quarantined_records', 'last_seen_at', retentionDays.quarantine),
    webhooks: older('webhook_deliveries', 'received_at', retentionDays.webhooks),
    // Bodies hold personal data. The ids in them do not, and they are enough to read the objects again.
    webhookBodies: {
      act: sql`update webhook_deliveries set body = null`,
      rows: sql`select ctid from webhook_deliveries
        where body is not null and received_at < ${before(retentionDays.webhookBodies)}`,
    },
    webhookUsage: older('webhook_usage', 'day', 1),
    webhookRefusals: older('webhook_refusals', 'day', 1),
    unpaidObservations: older('unpaid_observations', 'at', 1),
    notes: older('file_notes', 'noted_at', FILE_DAYS),
    issues: older('issues', 'resolved_at', ISSUE_DAYS),
    consents: older('oauth_states', 'expires_at', 1),
  }
}

/** Returns how many rows and files were deleted, by kind; webhook bodies are emptied instead. */
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
  deleted['uploads'] = await abortOldUploads(context)
  deleted['files'] = await removeOldFiles(context)
  context.log.info('clean_up', { ...deleted, ms: context.clock.now().getTime() - startedAt })
  return deleted
}
