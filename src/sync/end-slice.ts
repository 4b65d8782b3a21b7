// The ways a slice keeps and leaves its run (its end is in finish-run.ts): procedures of the database,
// migrations/0010_slices.sql. Each locks the integration's row first and changes nothing when another worker has taken
// the lease. now() is always Postgres'.
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { StoredError } from '#db/schema/stored-error.ts'
import { enqueueRuns } from '#queue/enqueue.ts'
import { createFindings, type Findings, sliceIssues } from '#sync/run-issues.ts'
import { LEASE_SECONDS, type TakenRun } from '#sync/take-run.ts'

export const lockRun = (run: TakenRun) =>
  sql`select id from crm_integrations where id = ${run.integrationId}::uuid for no key update`

export const holds = (run: TakenRun) =>
  sql`i.id = ${run.integrationId}::uuid and i.lease_epoch = ${run.leaseEpoch}::bigint`

/** Extends the lease of a slice that is still at work. False: another worker has taken the lease. */
export async function renewLease(context: Context, run: TakenRun): Promise<boolean> {
  const params = [run.id, run.integrationId, run.leaseEpoch, LEASE_SECONDS]
  const [[renewed] = []] = await context.db.call('call renew_lease($1, $2, $3, $4, null)', params)
  return renewed === true
}

/** Ends a slice whose time is up: its run continues with the next message. A bulk run lets live runs go first. */
export async function releaseRun(context: Context, run: TakenRun, findings = createFindings()): Promise<void> {
  // A slice that got this far was answered by its CRM. An undo asks none.
  await leave(context, run, { wait: null, hasAnswered: run.task !== 'undo', findings })
}

export interface Wait {
  readonly seconds: number
  readonly countsAsRetry: boolean
  /** Null: nothing is wrong. */
  readonly error: StoredError | null
}

/** Ends a slice whose run has to wait: `waiting` until `seconds` have passed. */
export async function waitRun(context: Context, run: TakenRun, wait: Wait, findings = createFindings()): Promise<void> {
  const isReleased = await leave(context, run, { wait, hasAnswered: false, findings })
  if (isReleased) await enqueueRuns(context, [run.id], wait.seconds)
}

interface Leaving {
  readonly wait: Wait | null
  readonly hasAnswered: boolean
  readonly findings: Findings
}

async function leave(context: Context, run: TakenRun, { wait, hasAnswered, findings }: Leaving): Promise<boolean> {
  const waiting = [wait?.seconds ?? null, wait?.countsAsRetry ?? false, wait?.error ? JSON.stringify(wait.error) : null]
  const params = [run.id, run.integrationId, run.leaseEpoch, ...waiting, hasAnswered, ...sliceIssues(findings)]
  const [[answer] = []] = await context.db.call('call leave_run($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, null)', params)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the procedure's own
  const { isReleased, next } = answer as { readonly isReleased: boolean; readonly next: string | null }
  await enqueueRuns(context, next === null ? [] : [next])
  return isReleased
}
