// The ways a slice leaves its run: it continues later or waits (its end is in finish-run.ts). Each is one batch that
// locks the integration's row first and changes nothing when another worker has taken the lease. now() is always
// Postgres'.
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { StoredError } from '#db/schema/sync-runs.ts'
import { enqueueRuns } from '#queue/enqueue.ts'
import { nextInLine } from '#runs/next-in-line.ts'
import { ACTIVE, BULK, LIVE } from '#runs/states.ts'
import { NO_PASSING_REFUSAL } from '#sync/passing-refusal.ts'
import { createFindings, sliceIssues } from '#sync/run-issues.ts'
import { LEASE_SECONDS, type TakenRun } from '#sync/take-run.ts'

/** A slice that got this far was answered by its CRM. An undo asks none. */
const FORGETS = sql`, ${NO_PASSING_REFUSAL}`

export const lockRun = (run: TakenRun) =>
  sql`select id from crm_integrations where id = ${run.integrationId}::uuid for no key update`

export const holds = (run: TakenRun) =>
  sql`i.id = ${run.integrationId}::uuid and i.lease_epoch = ${run.leaseEpoch}::bigint`

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
export async function releaseRun(context: Context, run: TakenRun, findings = createFindings()): Promise<void> {
  const [, , next] = await context.db.batch([
    context.db.execute(lockRun(run)),
    context.db.execute(sql`
      with released as (
        update crm_integrations i set lease_run_id = null, lease_until = null${run.task === 'undo' ? sql`` : FORGETS}
        where ${holds(run)} returning i.id
      ), run as (
        update sync_runs r set enqueued_at = now(), heartbeat_at = now(),
          status = case when r.trigger in ${BULK} and exists (
            select from sync_runs l where l.integration_id = r.integration_id and l.trigger in ${LIVE}
              and l.status in ${ACTIVE}) then 'queued' else r.status end
        from released where r.id = ${run.id}::uuid and r.status = 'running' returning r.*
      ), ${sliceIssues(findings)}
      select id from run`),
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
export async function waitRun(context: Context, run: TakenRun, wait: Wait, findings = createFindings()): Promise<void> {
  const [, waiting, next] = await context.db.batch([
    context.db.execute(lockRun(run)),
    context.db.execute(sql`
      with released as (
        update crm_integrations i set lease_run_id = null, lease_until = null where ${holds(run)} returning i.id
      ), run as (
        update sync_runs r set status = 'waiting', resume_at = now() + ${wait.seconds}::float8 * interval '1 second',
          attempt = r.attempt + ${wait.countsAsRetry ? 1 : 0}::int, error = ${JSON.stringify(wait.error)}::jsonb,
          heartbeat_at = now(), enqueued_at = now()
        from released where r.id = ${run.id}::uuid and r.status = 'running' returning r.*
      ), ${sliceIssues(findings)}
      select id from run`),
    context.db.execute<{ id: string }>(nextInLine(run.integrationId)),
  ])
  if (waiting.rows.length > 0) await enqueueRuns(context, [run.id], wait.seconds)
  await enqueueRuns(
    context,
    next.rows.map((row) => row.id),
  )
}
