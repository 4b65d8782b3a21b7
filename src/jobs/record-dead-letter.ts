import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { CrmError } from '#lib/crm-error.ts'
import { finishRun } from '#sync/end-slice.ts'
import { nextAfterFailure, storedError } from '#sync/failure.ts'
import { LIMITS } from '#sync/retry-policy.ts'
import { ACTIVE } from '#runs/states.ts'
import { takeRun } from '#sync/take-run.ts'

/**
 * A run's message was given up by the queue. The run remembers it, and it costs an attempt like any other death of a
 * worker: the sweep sends the run again, until its attempts are used up and it fails. Nothing for a run that is over.
 */
export async function recordDeadLetter(context: Context, runId: string): Promise<void> {
  const [, recorded] = await context.db.batch([
    context.db.execute(sql`
      select i.id from crm_integrations i join sync_runs r on r.integration_id = i.id
      where r.id = ${runId}::uuid for no key update of i`),
    context.db.execute<{ attempt: number }>(sql`
      update sync_runs r set dead_letters = r.dead_letters + 1, dead_letter_at = now(),
        attempt = r.attempt + (i.lease_run_id is distinct from r.id or i.lease_until < now())::int
      from crm_integrations i
      where i.id = r.integration_id and r.id = ${runId}::uuid and r.status in ${ACTIVE} returning r.attempt`),
  ])
  const attempt = recorded.rows[0]?.attempt ?? 0
  if (attempt <= LIMITS.attemptsMax.runs) return
  const run = await takeRun(context, runId)
  if (!run) return
  const lost = new CrmError('internal', { reason: 'worker_lost' })
  await finishRun(context, run, {
    status: 'failed',
    error: storedError(run.integration.crmType, lost, nextAfterFailure(run)),
    turnsSyncOff: false,
  })
}
