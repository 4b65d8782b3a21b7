// Ends a run. Statistics, cursor, schedule, issues and what becomes of the connection are one statement. A refusal that
// would switch sync off is first judged beside those of the CRM's other integrations, in the same transaction.
import { type SQL, sql } from 'drizzle-orm'
import { isNoTrouble, lockVendor, recordRefusal, RECOVERED } from '#connections/vendor-trouble.ts'
import type { Context } from '#context.ts'
import { connectorOf } from '#crm/registry.ts'
import type { StoredError } from '#db/schema/sync-runs.ts'
import { causeOf, type NewIssue } from '#issues/codes.ts'
import { CrmError } from '#lib/crm-error.ts'
import { enqueueRuns } from '#queue/enqueue.ts'
import { nextInLine } from '#runs/next-in-line.ts'
import { backoffSlot, nextSlot, silentSlot } from '#runs/schedule-slots.ts'
import { ACTIVE, BRAKED, BULK, LIVE } from '#runs/states.ts'
import { holds, lockRun } from '#sync/end-slice.ts'
import { nextAfterFailure, storedError } from '#sync/failure.ts'
import { createFindings, endIssues, type Findings } from '#sync/run-issues.ts'
import type { TakenRun } from '#sync/take-run.ts'

export type Ending =
  | { readonly status: 'succeeded' }
  | {
      readonly status: 'failed'
      readonly error: StoredError
      readonly turnsSyncOff: boolean
      /** The refusal may pass, and the next run tries again. */
      readonly mayPass?: boolean
    }

/**
 * `fenced`: another worker has the run, and nothing was changed. `vendor_trouble`: the CRM refuses many at once, so the
 * run was not ended.
 */
export type Finished = 'ended' | 'fenced' | 'vendor_trouble'

/**
 * Polling found a change that no hook announced. Not on the first sync, which finds what happened before there were
 * hooks, nor when a hook has arrived since two minutes before the run began: it may have announced the change.
 */
const IS_MISSED = sql.raw(`(r.trigger in ('schedule','manual') and r.task = 'pull' and r.inserted + r.updated > 0
  and i.cursor is not null and (i.webhook_last_at is not null or i.webhook_registration = 'registered')
  and coalesce(i.webhook_last_at, '-infinity') < r.started_at - interval '2 minutes')`)

/** Fails the other active runs, since the CRM would refuse them too. An import does not ask the CRM and continues. */
const REFUSE_OTHERS = sql`
  update sync_runs r set status = 'failed', finished_at = now(), resume_at = null, error = e.error
  from run e where r.integration_id = e.integration_id and r.id <> e.id and r.status in ${ACTIVE}
    and r.trigger <> 'import'`

/** Ends the run and updates the integration's statistics and cursor, in one statement. */
export async function finishRun(
  context: Context,
  run: TakenRun,
  ending: Ending,
  findings = createFindings(),
): Promise<Finished> {
  if (ending.status === 'failed' && ending.turnsSyncOff) return stopSync(context, run, ending, findings)
  const [, finished, next] = await context.db.batch([
    context.db.execute(lockRun(run)),
    context.db.execute(finishStatement(run, ending, findings)),
    context.db.execute<{ id: string }>(nextInLine(run.integrationId)),
  ])
  await enqueueNext(context, next.rows)
  return finished.rows.length > 0 ? 'ended' : 'fenced'
}

async function stopSync(context: Context, run: TakenRun, ending: Ending, findings: Findings): Promise<Finished> {
  const { crmType } = run.integration
  const [, , judged, finished, next] = await context.db.batch([
    context.db.execute(lockVendor(crmType)),
    context.db.execute(lockRun(run)),
    context.db.execute<{ is_trouble: boolean }>(recordRefusal(crmType, holds(run))),
    context.db.execute(finishStatement(run, ending, findings, isNoTrouble(crmType))),
    context.db.execute<{ id: string }>(nextInLine(run.integrationId)),
  ])
  if (judged.rows[0]?.is_trouble === true) return 'vendor_trouble'
  await enqueueNext(context, next.rows)
  return finished.rows.length > 0 ? 'ended' : 'fenced'
}

async function enqueueNext(context: Context, rows: readonly { readonly id: string }[]): Promise<void> {
  await enqueueRuns(
    context,
    rows.map((row) => row.id),
  )
}

function issueOf(ending: Ending): NewIssue | null {
  if (ending.status === 'succeeded') return null
  const { error, turnsSyncOff, mayPass = false } = ending
  if (turnsSyncOff) return { code: 'connection_refused', params: causeOf(error) }
  if (mayPass) return { code: 'refused_for_now', params: causeOf(error) }
  return error.reason === 'brake' ? { code: 'brake', params: causeOf(error) } : null
}

/** How a run ends that got to its end but had to refuse pages on the way. */
function formatChanged(run: TakenRun): StoredError {
  const error = new CrmError('malformed', { reason: 'format_changed' })
  return storedError(run.integration.crmType, error, nextAfterFailure(run))
}

// oxlint-disable max-lines-per-function -- one statement of SQL is easier to read in one piece
function finishStatement(run: TakenRun, ending: Ending, findings: Findings, condition: SQL = sql`true`): SQL {
  const error = ending.status === 'failed' ? ending.error : null
  const turnsSyncOff = ending.status === 'failed' && ending.turnsSyncOff
  const isFine = sql`${ending.status === 'succeeded'}::bool and r.refused_pages = 0`
  const canReread = connectorOf(run.integration.crmType).fetchOne !== undefined
  return sql`
    with run as (
      update sync_runs r set finished_at = now(), heartbeat_at = now(),
        status = case when ${isFine} then 'succeeded' else 'failed' end,
        error = case when not (${isFine}) then ${JSON.stringify(error ?? formatChanged(run))}::jsonb end
      from crm_integrations i
      where ${holds(run)} and r.id = ${run.id}::uuid and r.status = 'running' and ${condition}
      returning r.*
    ), settled as ( -- a live run has succeeded: nothing is left to confirm
      update sync_runs r set confirmed_at = now() from run e
      where e.status = 'succeeded' and e.trigger in ${LIVE}
        and r.integration_id = e.integration_id and r.trigger in ${LIVE} and ${BRAKED}
    ), refused as (
      ${REFUSE_OTHERS} and ${turnsSyncOff}::bool returning r.inserted + r.updated as synced
    ), reread as ( -- the rules of the mapping are new: what they could not read before is read again, one by one
      insert into sync_runs (integration_id, trigger, task, status, settings_epoch, progress_total)
      select i.id, 'backfill', 'quarantine', 'queued', i.settings_epoch, q.records
      from run r join crm_integrations i on i.id = r.integration_id cross join lateral (
        select count(*)::int as records from quarantined_records q
        where q.integration_id = i.id and q.first_seen_at < r.started_at) q
      where ${canReread}::bool and r.status = 'succeeded' and r.map_version > i.map_version and q.records > 0
        and not exists (select from sync_runs o where o.integration_id = i.id and o.task = 'quarantine'
          and o.status in ${ACTIVE})
    ), ${endIssues(findings, issueOf(ending))}, ${RECOVERED}
    update crm_integrations i set lease_run_id = null, lease_until = null, lease_epoch = i.lease_epoch + 1,
      last_sync_at = now(), last_sync_status = case r.status when 'succeeded' then 'success' else 'failed' end,
      total_syncs = i.total_syncs + 1 + (select count(*)::int from refused),
      successful_syncs = i.successful_syncs + (r.status = 'succeeded')::int,
      failed_syncs = i.failed_syncs + (r.status = 'failed')::int + (select count(*)::int from refused),
      transactions_synced = i.transactions_synced + r.inserted + r.updated
        + (select coalesce(sum(synced), 0)::int from refused),
      last_error = concat_ws('.', r.error ->> 'kind', r.error ->> 'reason') || ': ' || (r.error ->> 'message'),
      consecutive_failures = case when r.trigger in ${BULK} then i.consecutive_failures
        when r.status = 'failed' then i.consecutive_failures + 1 else 0 end,
      -- What a refused page has is read again from here.
      cursor = case when r.trigger in ${LIVE} and r.refused_pages = 0 then coalesce(r.cursor, i.cursor) else i.cursor end,
      map_version = case when r.status = 'succeeded' then greatest(i.map_version, r.map_version) else i.map_version end,
      passing_refusal = case when r.status = 'failed' then i.passing_refusal end,
      passing_refusal_since = case when r.status = 'failed' then i.passing_refusal_since end,
      connection_status = case when ${turnsSyncOff} then 'failed'
        -- A test failed for a while, and the sync that is on shows that it passes again.
        when r.status = 'succeeded' and r.trigger <> 'import' and i.sync_enabled and i.connection_status = 'failed' then 'ok'
        else i.connection_status end,
      connection_checked_at = case when ${turnsSyncOff} then now() else i.connection_checked_at end,
      stopped_by = case when ${turnsSyncOff} and i.sync_enabled then 'vendor' else i.stopped_by end,
      -- Moves the guard of callers' updates: one that read sync as on must not switch it on again.
      updated_at = case when ${turnsSyncOff} then clock_timestamp() else i.updated_at end,
      sync_enabled = i.sync_enabled and not ${turnsSyncOff},
      next_sync_at = case when ${turnsSyncOff} then null
        when i.next_sync_at is null or r.trigger in ${BULK} then i.next_sync_at
        when r.status = 'failed' then greatest(i.next_sync_at, ${backoffSlot('i.consecutive_failures + 1')})
        when i.consecutive_failures > 0 then least(i.next_sync_at, ${nextSlot})
        when ${IS_MISSED} then least(i.next_sync_at, ${silentSlot})
        else i.next_sync_at end,
      webhook_missed_at = case when ${IS_MISSED} then coalesce(i.webhook_missed_at, now()) else i.webhook_missed_at end
    from run r where i.id = r.integration_id returning i.id`
}
