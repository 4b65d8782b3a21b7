// The cron tick. Each part is one statement, repeated while there is more than one statement takes. A tick only sends
// messages, since it has 30 s of CPU time. It may come twice or not at all.
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { enqueueInboxes, enqueueRuns } from '#queue/enqueue.ts'
import { nextSlot } from '#runs/schedule-slots.ts'
import { ACTIVE, LIVE } from '#runs/states.ts'
import { overdueInboxes } from '#webhooks/inbox.ts'

/**
 * Rows of one statement, which are ten batches of messages. bench/claim.ts measures a claim of this size. Ten times as
 * many would send a hundred batches before the time is checked; a tenth would take ten times the round trips.
 */
const CLAIM_MAX = 1000
/** Leaves the last batch 40 s before the next tick starts. */
const TICK_MS = 20_000
/** A limit beside the time: 20,000 a tick serve 100,000 integrations at the default interval of 5 minutes. */
const BATCHES_MAX = 20
/**
 * A run without a lease whose message is older than this has lost its message. A few seconds would send runs twice that
 * only wait in the queue; much more would delay a sync for as long after a lost message.
 */
const MESSAGE_GRACE_SECONDS = 60

/**
 * Opens a run for each due integration, at most CLAIM_MAX of them, and sets its next sync. An integration whose live
 * run is still active gets none. Returns how many were due.
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

/** Sends due runs again that no worker holds: a message was lost, a wait is over, or a worker died. */
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

/** Repeats a batch until one is not full, since more than CLAIM_MAX may be due in a minute. */
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

/** Sends again for due inboxes that no worker holds. */
export async function sweepInboxes(context: Context): Promise<number> {
  const integrationIds = await overdueInboxes(context)
  await enqueueInboxes(context, integrationIds)
  return integrationIds.length
}

/** One cron tick. It tries all parts even when one fails, and throws the first failure. */
export async function runCron(context: Context): Promise<void> {
  const startedAt = context.clock.now().getTime()
  const parts = await Promise.allSettled([repeat(context, claimDue), repeat(context, sweepRuns), sweepInboxes(context)])
  const failed = parts.find((part) => part.status === 'rejected')
  const [claimed, swept, inboxes] = parts.map((part) => (part.status === 'fulfilled' ? part.value : null))
  context.log.info('cron', { claimed, swept, inboxes, ms: context.clock.now().getTime() - startedAt })
  if (failed) throw failed.reason
}
