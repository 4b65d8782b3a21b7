// Ends a run that is no sync: the integration's statistics, status, schedule, cursor and connection stay as they are.
import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { StoredError } from '#db/schema/stored-error.ts'
import { enqueueRuns } from '#queue/enqueue.ts'
import { nextInLine } from '#runs/next-in-line.ts'
import { BRAKED } from '#runs/states.ts'
import { holds, lockRun } from '#sync/end-slice.ts'
import type { TakenRun } from '#sync/take-run.ts'

/** `error`: why it failed; null: it has succeeded. `also`: CTEs behind one named `run`. */
export async function finishUncounted(
  context: Context,
  run: TakenRun,
  error: StoredError | null,
  also: SQL = sql``,
): Promise<'ended' | 'fenced'> {
  const [, finished, next] = await context.db.batch([
    context.db.execute(lockRun(run)),
    context.db.execute(sql`
      with run as (
        update sync_runs r set status = ${error ? 'failed' : 'succeeded'}, finished_at = now(), heartbeat_at = now(),
          error = ${error && JSON.stringify(error)}::jsonb
        from crm_integrations i where ${holds(run)} and r.id = ${run.id}::uuid and r.status = 'running'
        returning r.*
      ), settled as ( -- what the brake had stopped of an import is not wanted any more
        update issues s set resolved_at = now() from run
        where s.integration_id = run.integration_id and s.code = 'brake' and s.resolved_at is null and not exists (
          select from sync_runs r where r.integration_id = run.integration_id and ${BRAKED})
      )${also}
      update crm_integrations i set lease_run_id = null, lease_until = null, lease_epoch = i.lease_epoch + 1
      from run r where i.id = r.integration_id returning i.id`),
    context.db.execute<{ id: string }>(nextInLine(run.integrationId)),
  ])
  await enqueueRuns(
    context,
    next.rows.map((row) => row.id),
  )
  return finished.rows.length > 0 ? 'ended' : 'fenced'
}
