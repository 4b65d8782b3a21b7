import { type SQL, sql } from 'drizzle-orm'
import { auditLines, ofIntegrationsIn } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import { nextInLine } from '#runs/next-in-line.ts'
import { enqueueRuns } from '#queue/enqueue.ts'
import { ACTIVE, COUNTED, LIVE } from '#runs/states.ts'
import type { RunRow } from '#runs/schema.ts'
import { getRun } from '#runs/list.ts'
import { isVisible, lockVisible, type TenantScope } from '#db/tenant.ts'

/**
 * Ends an active run as `cancelled`; a finished run stays unchanged. A slice at work is fenced at its next page. The
 * caller does not wait for that, and committed pages stay. Null: no such run for this integration and tenant.
 */
export async function cancelRun(
  context: Context,
  request: TenantScope & { readonly runId: string },
): Promise<RunRow | null> {
  const { integrationId, runId } = request
  const [, , next] = await context.db.batch([
    context.db.execute(lockVisible(request)),
    context.db.execute(sql`
      with ended as (
        update sync_runs r set status = 'cancelled', finished_at = now(), resume_at = null
        from crm_integrations i
        where ${isVisible(request)} and r.integration_id = i.id and r.id = ${runId}::uuid and r.status in ${ACTIVE}
        returning r.*
      ), audited as (${auditLines(context, { action: 'run.cancelled' }, ofIntegrationsIn('ended'))})
      update crm_integrations i set
        lease_epoch = i.lease_epoch + (i.lease_run_id is not distinct from r.id)::int,
        lease_until = case when i.lease_run_id = r.id then null else i.lease_until end,
        lease_run_id = case when i.lease_run_id = r.id then null else i.lease_run_id end,
        transactions_synced = i.transactions_synced + (r.task in ${COUNTED})::int * (r.inserted + r.updated),
        cursor = case when r.trigger in ${LIVE} and r.refused_pages = 0 then coalesce(r.cursor, i.cursor) else i.cursor end,
        last_sync_status = case when r.task not in ${COUNTED} or exists (
            select from sync_runs o where o.integration_id = i.id and o.id <> r.id and o.status in ${ACTIVE}
              and o.started_at is not null and o.task in ${COUNTED}) then i.last_sync_status
          else (
            select case p.status when 'succeeded' then 'success' else 'failed' end from sync_runs p
            where p.integration_id = i.id and p.status in ('succeeded','failed') and p.task in ${COUNTED}
            order by p.finished_at desc limit 1) end
      from ended r where i.id = r.integration_id`),
    context.db.execute<{ id: string }>(nextInLine(integrationId)),
  ])
  await enqueueRuns(
    context,
    next.rows.map((row) => row.id),
  )
  return getRun(context, request)
}

/** In a transaction that may have switched sync off: ends the scheduled run that was claimed and has not begun. */
export const cancelUnbegun = (integrationId: string): SQL => sql`
  update sync_runs r set status = 'cancelled', finished_at = now(), resume_at = null from crm_integrations i
  where i.id = ${integrationId}::uuid and i.sync_enabled is not true and r.integration_id = i.id
    and r.trigger = 'schedule' and r.status = 'queued' and r.started_at is null`
