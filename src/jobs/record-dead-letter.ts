import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { CrmError } from '#lib/crm-error.ts'
import { nextAfterFailure, storedError } from '#sync/failure.ts'
import { finishRun } from '#sync/finish-run.ts'
import { LIMITS } from '#sync/retry-policy.ts'
import { ACTIVE } from '#runs/states.ts'
import { takeRun } from '#sync/take-run.ts'

/**
 * Records that the queue gave up a run's message, once until the run is sent again: the message comes again when one of
 * its other runs could not be recorded. It costs an attempt unless a slice has begun since it was sent: then
 * the deaths of that slice count, or the message was lost by its neighbours. The sweep sends the run again until its
 * attempts are used up, and then it fails. A finished run stays unchanged.
 */
export async function recordDeadLetter(context: Context, runId: string): Promise<void> {
  const [, recorded] = await context.db.batch([
    context.db.execute(sql`
      select i.id from crm_integrations i join sync_runs r on r.integration_id = i.id
      where r.id = ${runId}::uuid for no key update of i`),
    context.db.execute<{ attempt: number }>(sql`
      update sync_runs r set dead_letters = r.dead_letters + 1, dead_letter_at = now(),
        attempt = r.attempt + (coalesce(r.heartbeat_at, '-infinity') < r.enqueued_at
          and (i.lease_run_id is distinct from r.id or i.lease_until < now()))::int
      from crm_integrations i
      where i.id = r.integration_id and r.id = ${runId}::uuid and r.status in ${ACTIVE}
        and coalesce(r.dead_letter_at, '-infinity') < r.enqueued_at
      returning r.attempt`),
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
