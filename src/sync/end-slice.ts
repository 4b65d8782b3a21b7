// The ways a slice ends: its run continues later, waits or is over. Each is one batch that locks the integration's row
// first and changes nothing when another worker has taken the lease. now() is always Postgres'.
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { StoredError } from '#db/schema/sync-runs.ts'
import { enqueueRuns } from '#queue/enqueue.ts'
import { backoffSlot, nextSlot, silentSlot } from '#runs/schedule-slots.ts'
import { nextInLine } from '#runs/next-in-line.ts'
import { ACTIVE, BRAKED, BULK, LIVE } from '#runs/states.ts'
import { LEASE_SECONDS, type TakenRun } from '#sync/take-run.ts'

const lock = (run: TakenRun) =>
  sql`select id from crm_integrations where id = ${run.integrationId}::uuid for no key update`

const holds = (run: TakenRun) => sql`i.id = ${run.integrationId}::uuid and i.lease_epoch = ${run.leaseEpoch}::bigint`

const releaseLease = (run: TakenRun) =>
  sql`update crm_integrations i set lease_run_id = null, lease_until = null where ${holds(run)} returning i.id`

/** Extends the lease of a slice that is still at work. False: another worker has taken the lease. */
export async function renewLease(context: Context, run: TakenRun): Promise<boolean> {
  const { rows } = await context.db.execute(sql`
    with held as (
      update crm_integrations i set lease_until = now() + ${LEASE_SECONDS}::int * interval '1 second'
      where ${holds(run)} returning i.id)
    update sync_runs r set heartbeat_at = now() from held where r.id = ${run.id}::uuid returning r.id`)
  return rows.length > 0
}

/** Ends a slice whose time is up: its run continues with the next message. A bulk run lets live runs go first. */
export async function releaseRun(context: Context, run: TakenRun): Promise<void> {
  const [, , next] = await context.db.batch([
    context.db.execute(lock(run)),
    context.db.execute(sql`
      with released as (${releaseLease(run)})
      update sync_runs r set enqueued_at = now(), heartbeat_at = now(),
        status = case when r.trigger in ${BULK} and exists (
          select from sync_runs l where l.integration_id = r.integration_id and l.trigger in ${LIVE}
            and l.status in ${ACTIVE}) then 'queued' else r.status end
      from released where r.id = ${run.id}::uuid and r.status = 'running' returning r.id`),
    context.db.execute<{ id: string }>(nextInLine(run.integrationId)),
  ])
  await enqueueRuns(
    context,
    next.rows.map((row) => row.id),
  )
}

export interface Wait {
  readonly seconds: number
  readonly countsAsRetry: boolean
  readonly error: StoredError
}

/** Ends a slice whose run has to wait: `waiting` until `seconds` have passed. */
export async function waitRun(context: Context, run: TakenRun, wait: Wait): Promise<void> {
  const [, waiting, next] = await context.db.batch([
    context.db.execute(lock(run)),
    context.db.execute(sql`
      with released as (${releaseLease(run)})
      update sync_runs r set status = 'waiting', resume_at = now() + ${wait.seconds}::float8 * interval '1 second',
        attempt = r.attempt + ${wait.countsAsRetry ? 1 : 0}::int, error = ${JSON.stringify(wait.error)}::jsonb,
        heartbeat_at = now(), enqueued_at = now()
      from released where r.id = ${run.id}::uuid and r.status = 'running' returning r.id`),
    context.db.execute<{ id: string }>(nextInLine(run.integrationId)),
  ])
  if (waiting.rows.length > 0) await enqueueRuns(context, [run.id], wait.seconds)
  await enqueueRuns(
    context,
    next.rows.map((row) => row.id),
  )
}

export type Ending =
  | { readonly status: 'succeeded' }
  | { readonly status: 'failed'; readonly error: StoredError; readonly turnsSyncOff: boolean }

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
  from ended e where r.integration_id = e.integration_id and r.id <> e.id and r.status in ${ACTIVE}
    and r.trigger <> 'import'`

/** Ends the run and updates the integration's statistics and cursor, in one statement. False: fenced. */
export async function finishRun(context: Context, run: TakenRun, ending: Ending): Promise<boolean> {
  const error = ending.status === 'failed' ? ending.error : null
  const turnsSyncOff = ending.status === 'failed' && ending.turnsSyncOff
  const [, finished, next] = await context.db.batch([
    context.db.execute(lock(run)),
    context.db.execute(sql`
      with ended as (
        update sync_runs r set status = ${ending.status}, finished_at = now(), heartbeat_at = now(),
          error = ${error && JSON.stringify(error)}::jsonb
        from crm_integrations i where ${holds(run)} and r.id = ${run.id}::uuid and r.status = 'running'
        returning r.*
      ), settled as ( -- a live run has succeeded: nothing is left to confirm
        update sync_runs r set confirmed_at = now() from ended e
        where e.status = 'succeeded' and e.trigger in ${LIVE}
          and r.integration_id = e.integration_id and r.trigger in ${LIVE} and ${BRAKED}
      ), refused as (
        ${REFUSE_OTHERS} and ${turnsSyncOff}::bool returning r.inserted + r.updated as synced)
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
        cursor = case when r.trigger in ${LIVE} then coalesce(r.cursor, i.cursor) else i.cursor end,
        connection_status = case when ${turnsSyncOff} then 'failed' else i.connection_status end,
        connection_checked_at = case when ${turnsSyncOff} then now() else i.connection_checked_at end,
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
      from ended r where i.id = r.integration_id returning i.id`),
    context.db.execute<{ id: string }>(nextInLine(run.integrationId)),
  ])
  await enqueueRuns(
    context,
    next.rows.map((row) => row.id),
  )
  return finished.rows.length > 0
}
