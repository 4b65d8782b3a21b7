import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { enqueueRuns } from '#queue/enqueue.ts'
import { ACTIVE, beginsNow, IS_CLAIMED_AHEAD, LIVE } from '#runs/states.ts'

/** Has the next regular sync begin now. One that is at work goes on; where sync is off there is none. */
export async function beginLive(context: Context, integrationId: string): Promise<void> {
  const { rows } = await context.db.execute<{ id: string }>(sql`
    insert into sync_runs as r (integration_id, trigger, status, settings_epoch)
    select i.id, 'schedule', 'queued', i.settings_epoch from crm_integrations i
    where i.id = ${integrationId}::uuid and i.sync_enabled
    -- One that is being deleted gets no more runs.
    for key share of i
    on conflict (integration_id) where trigger in ${LIVE} and status in ${ACTIVE}
    do update set ${beginsNow('schedule')} where ${IS_CLAIMED_AHEAD}
    returning id`)
  await enqueueRuns(
    context,
    rows.map(({ id }) => id),
  )
}
