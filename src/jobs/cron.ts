// What the cron does, one statement each, again for as long as there is more than a statement takes. It only enqueues: a tick has 30 s of CPU and may come twice or not
// at all.
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { enqueueInboxes, enqueueRuns } from '#queue/enqueue.ts'
import { nextSlot } from '#runs/schedule-slots.ts'
import { ACTIVE, LIVE } from '#runs/states.ts'
import { overdueInboxes } from '#webhooks/inbox.ts'

const CLAIM_MAX = 1000
/** Well within the minute until the next tick. */
const TICK_MS = 20_000
const BATCHES_MAX = 20
/** An active run that nobody holds and whose message is older than this has lost its message. */
const MESSAGE_GRACE_SECONDS = 60

/**
 * Opens a run for each integration that is due, at most CLAIM_MAX of them, and moves its next sync along; how many were
 * due. One whose live run is still active gets none.
 */
export async function claimDue(context: Context): Promise<number> {
  const { rows } = await context.db.execute<{ run_id: string | null }>(sql`
    with due as (
      select id from crm_integrations where sync_enabled = true and next_sync_at <= now()
      order by next_sync_at limit ${CLAIM_MAX}::int for no key update skip locked
    ), moved as (
      update crm_integrations i set next_sync_at = ${nextSlot} from due where i.id = due.id
      returning i.id, i.settings_epoch
    ), opened as (
      insert into sync_runs (integration_id, trigger, status, settings_epoch)
      select id, 'schedule', 'queued', settings_epoch from moved
      on conflict (integration_id) where trigger in ${LIVE} and status in ${ACTIVE} do nothing
      returning id, integration_id)
    select o.id as run_id from moved m left join opened o on o.integration_id = m.id`)
  await enqueueRuns(
    context,
    rows.flatMap((row) => row.run_id ?? []),
  )
  return rows.length
}

/** Sends again what nobody works on although it should go on: lost messages, waits that are over, workers that died. */
export async function sweepRuns(context: Context): Promise<number> {
  const { rows } = await context.db.execute<{ id: string }>(sql`
    with lost as (
      select r.id from sync_runs r join crm_integrations i on i.id = r.integration_id
      where r.status in ${ACTIVE} and (r.resume_at is null or r.resume_at <= now())
        and (i.lease_until is null or i.lease_until < now())
        and (r.enqueued_at < now() - ${MESSAGE_GRACE_SECONDS}::int * interval '1 second' or i.lease_run_id = r.id)
      order by r.enqueued_at limit ${CLAIM_MAX}::int for no key update of r skip locked)
    update sync_runs r set enqueued_at = now() from lost where r.id = lost.id returning r.id`)
  await enqueueRuns(
    context,
    rows.map((row) => row.id),
  )
  return rows.length
}

/** Batch after batch until one is not full: more than a thousand may fall due in a minute. */
async function repeat(context: Context, batch: (context: Context) => Promise<number>): Promise<number> {
  const startedAt = context.clock.now().getTime()
  let total = 0
  for (let count = 1; count <= BATCHES_MAX; count += 1) {
    const done = await batch(context)
    total += done
    if (done < CLAIM_MAX || context.clock.now().getTime() - startedAt > TICK_MS) break
  }
  return total
}

/** Sends again for inboxes that nobody works off although something in them is due. */
export async function sweepInboxes(context: Context): Promise<number> {
  const integrationIds = await overdueInboxes(context)
  await enqueueInboxes(context, integrationIds)
  return integrationIds.length
}

/** One cron tick. All parts are tried even when one fails; throws what failed first. */
export async function runCron(context: Context): Promise<void> {
  const startedAt = context.clock.now().getTime()
  const parts = await Promise.allSettled([repeat(context, claimDue), repeat(context, sweepRuns), sweepInboxes(context)])
  const failed = parts.find((part) => part.status === 'rejected')
  const [claimed, swept, inboxes] = parts.map((part) => (part.status === 'fulfilled' ? part.value : null))
  context.log.info('cron', { claimed, swept, inboxes, ms: context.clock.now().getTime() - startedAt })
  if (failed) throw failed.reason
}
