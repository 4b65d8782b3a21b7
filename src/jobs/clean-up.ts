// Deletes at night what is kept for a limited time. It works in small batches, so that no statement holds locks for
// long, and the kinds take turns, so that the largest does not take all the time. What is left is for the next night.
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

/** As long as somebody may ask what became of it. */
const RETEST_DAYS = 30

/** What an undo needs. It may be asked for on its last day and wait in line. */
const IMPORT_DAYS = UNDO_DAYS + 7

/** One batch of a kind. */
type Batch = SQL

const before = (days: number) => sql`now() - ${days}::int * interval '1 day'`

/** `rows` selects `ctid`s, the oldest first: they are the rows' own in a table without partitions. */
const batch = (act: SQL, rows: SQL): Batch => sql`${act} where ctid = any (array(${rows} limit ${BATCH_ROWS}::int))`

function older(table: string, column: string, days: number): Batch {
  const [from, at] = [sql.raw(table), sql.raw(column)]
  return batch(sql`delete from ${from}`, sql`select ctid from ${from} where ${at} < ${before(days)} order by ${at}`)
}

/**
 * Former states are kept to the end of their month. Months that nobody needs are dropped before; this takes what is
 * left: what has no month of its own, and months that are needed for imports alone.
 */
function changesBatch(days: number): Batch {
  const monthOf = (at: SQL) => sql`date_trunc('month', ${at}, 'UTC')`
  const isOver = (alias: string) => sql`${sql.raw(alias)}.at < ${monthOf(before(days))}`
  return sql`delete from transaction_changes c using (
    select o.tableoid, o.ctid from transaction_changes o
    where ${isOver('o')} and (o.source <> 'import' or o.at < ${monthOf(before(IMPORT_DAYS))}) limit ${BATCH_ROWS}::int) o
    where c.tableoid = o.tableoid and c.ctid = o.ctid and ${isOver('c')}`
}

/** Those of deleted businesses, once their marketplace knows that they are over. */
const INSTALLS = batch(
  sql`delete from marketplace_installs`,
  sql`select m.ctid from marketplace_installs m
    where m.state in ('uninstalled','expired') and m.next_step_at is null
      and not exists (select from businesses b where b.id = m.business_id)`,
)

/**
 * What may be deleted, in the order of turns. Each kind has its own statement and can stop after any batch. Bodies hold
 * personal data, so they are first.
 */
function kinds({ retentionDays }: Context['config']): Readonly<Record<string, Batch>> {
  return {
    // The ids in a body are no personal data, and they are enough to read the objects again.
    webhookBodies: batch(
      sql`update webhook_deliveries set body = null`,
      sql`select ctid from webhook_deliveries
        where body is not null and received_at < ${before(retentionDays.webhookBodies)} order by received_at`,
    ),
    quarantine: older('quarantined_records', 'last_seen_at', retentionDays.quarantine),
    changes: changesBatch(retentionDays.changes),
    webhooks: older('webhook_deliveries', 'received_at', retentionDays.webhooks),
    // The newest finished sync stays: it shows how the last one ended.
    runs: batch(
      sql`delete from sync_runs`,
      sql`select r.ctid from sync_runs r
        where r.created_at < ${before(retentionDays.runs)} and r.finished_at is not null
          and (r.trigger <> 'import' or r.created_at < ${before(IMPORT_DAYS)}) and exists (
            select from sync_runs newer where newer.integration_id = r.integration_id and newer.task in ${COUNTED}
              and newer.created_at > r.created_at and newer.status in ('succeeded','failed'))
        order by r.created_at`,
    ),
    webhookUsage: older('webhook_usage', 'day', 1),
    webhookRefusals: older('webhook_refusals', 'day', 1),
    unpaidObservations: older('unpaid_observations', 'at', 1),
    // Their ids rise with time.
    events: batch(
      sql`delete from event_deliveries`,
      sql`select ctid from event_deliveries
        where id < (select uuidv7(-${retentionDays.events}::int * interval '1 day')) order by id`,
    ),
    formerSecrets: batch(
      sql`update event_endpoints set former_secret = null, former_until = null`,
      sql`select ctid from event_endpoints where former_until < now()`,
    ),
    checkedDays: older('check_days', 'checked_at', ISSUE_DAYS),
    differences: batch(
      sql`delete from check_records`,
      sql`select ctid from check_records where outcome is not null and read_at < ${before(ISSUE_DAYS)} order by read_at`,
    ),
    retests: older('retests', 'created_at', RETEST_DAYS),
    notes: older('file_notes', 'noted_at', FILE_DAYS),
    issues: older('issues', 'resolved_at', ISSUE_DAYS),
    alarms: older('alarms', 'closed_at', ISSUE_DAYS),
    keptAnswers: older('idempotency_keys', 'created_at', 1),
    connectSessions: older('connect_sessions', 'expires_at', 1),
    consents: older('oauth_states', 'expires_at', 1),
    tickets: older('marketplace_tickets', 'used_at', 1),
    installs: INSTALLS,
  }
}

const dropMonths = (days: number) =>
  sql`call drop_change_months(now() - ${Math.max(days, IMPORT_DAYS)}::int * interval '1 day', null)`

/**
 * Returns how many rows and files were deleted, by kind; webhook bodies are emptied instead, and of former states whole
 * months go uncounted. A part that fails does not stop the others: its error is thrown at the end.
 */
export async function cleanUp(context: Context): Promise<Readonly<Record<string, number>>> {
  const startedAt = context.clock.now().getTime()
  const failures: unknown[] = []
  const execute = async (kind: string, statement: SQL): Promise<number> => {
    try {
      return (await context.db.execute(statement)).rowCount ?? 0
    } catch (error) {
      context.log.error('clean_up_failed', { kind, error })
      failures.push(error)
      return 0
    }
  }
  const { retentionDays } = context.config
  await execute('months_made', sql`call make_change_months(null)`)
  await execute('months_dropped', dropMonths(retentionDays.changes))
  await execute('audit_months_made', sql`call make_audit_months(null)`)
  await execute('audit_months_dropped', sql`call drop_audit_months(${before(retentionDays.audit)}, null)`)
  const deleted: Record<string, number> = {}
  let pending = Object.entries(kinds(context.config))
  do {
    const unfinished: typeof pending = []
    for (const [kind, statement] of pending) {
      const count = await execute(kind, statement)
      deleted[kind] = (deleted[kind] ?? 0) + count
      if (count === BATCH_ROWS) unfinished.push([kind, statement])
    }
    pending = unfinished
  } while (pending.length > 0 && context.clock.now().getTime() - startedAt < TIME_MS)
  deleted['uploads'] = await abortOldUploads(context)
  deleted['files'] = await removeOldFiles(context)
  context.log.info('clean_up', { ...deleted, ms: context.clock.now().getTime() - startedAt })
  if (failures.length > 0) throw failures[0]
  return deleted
}
