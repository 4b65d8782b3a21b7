import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { enqueueRuns } from '#queue/enqueue.ts'
import { ACTIVE, beginsNow, IS_CLAIMED_AHEAD, LIVE } from '#runs/states.ts'
import type { InboxDelivery, Settlement } from '#webhooks/inbox.ts'
import { storedReason } from '#webhooks/reasons.ts'
import type { Tasks } from '#webhooks/tasks.ts'

/**
 * A run that has begun may have passed the change already. Most runs end within this time, and then a new one starts.
 */
const BUSY_SECONDS = 15
/** A flood starts no more runs than the shortest interval of the schedule does. */
const FLOOD_SECONDS = 60

/**
 * For deliveries whose changes are not read one by one: finds or starts a live run that has not begun and will see it.
 */
export async function requestRescan(
  context: Context,
  integrationId: string,
  { rescans: deliveries, isFlood }: Pick<Tasks, 'rescans' | 'isFlood'>,
): Promise<ReadonlyMap<string, Settlement>> {
  if (deliveries.length === 0) return new Map()
  const { rows } = await context.db.execute<{ id: string; is_ahead: boolean }>(sql`
    with opened as (
      insert into sync_runs as r (integration_id, trigger, status, settings_epoch)
      select i.id, 'webhook', 'queued', i.settings_epoch from crm_integrations i where i.id = ${integrationId}::uuid
        and not (${isFlood}::bool and exists (
          select from sync_runs f where f.integration_id = i.id and f.trigger = 'webhook'
            and f.created_at > now() - ${FLOOD_SECONDS}::int * interval '1 second'))
      -- One that is being deleted gets no more runs.
      for key share of i
      on conflict (integration_id) where trigger in ${LIVE} and status in ${ACTIVE}
      do update set ${beginsNow('webhook')} where ${IS_CLAIMED_AHEAD}
      returning id)
    select id, true as is_ahead from opened
    union all
    select id, started_at is null from sync_runs
    where integration_id = ${integrationId}::uuid and trigger in ${LIVE} and status in ${ACTIVE}
      and not exists (select from opened)`)
  const [run] = rows
  if (run?.is_ahead) await enqueueRuns(context, [run.id])
  const settle = ({ hints }: InboxDelivery): Settlement =>
    run?.is_ahead
      ? { status: 'done', reason: isFlood || hints === null ? storedReason('too_many', null) : null }
      : { status: 'waits', seconds: BUSY_SECONDS }
  return new Map(deliveries.map((delivery) => [delivery.id, settle(delivery)]))
}
