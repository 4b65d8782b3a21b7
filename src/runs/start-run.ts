import { sql } from 'drizzle-orm'
import { auditLines, ofIntegrationsIn } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import { isVisible, lockVisible, type TenantScope } from '#db/tenant.ts'
import { enqueueRuns } from '#queue/enqueue.ts'
import { ACTIVE, beginsNow, IS_CLAIMED_AHEAD, LIVE } from '#runs/states.ts'
import { runColumns, type RunRow } from '#runs/schema.ts'

/**
 * Starts a manual run, or returns the live run that is already active. One that was claimed ahead and has not begun
 * becomes this run and begins at once. Null: no such integration for this tenant.
 */
export async function startRun(context: Context, scope: TenantScope): Promise<RunRow | null> {
  // A separate statement takes the lock, so that the snapshot of the next one sees every run started before.
  const [, started] = await context.db.batch([
    context.db.execute(lockVisible(scope)),
    context.db.execute<RunRow>(sql`
      with opened as (
        insert into sync_runs as r (integration_id, trigger, status, settings_epoch)
        select i.id, 'manual', 'queued', i.settings_epoch from crm_integrations i where ${isVisible(scope)}
        on conflict (integration_id) where trigger in ${LIVE} and status in ${ACTIVE} do update
        set ${beginsNow('manual')} where ${IS_CLAIMED_AHEAD}
        returning *
      ), audited as (${auditLines(context, { action: 'sync.started' }, ofIntegrationsIn('opened'))})
      select ${runColumns('o')} from opened o
      union all
      select ${runColumns('r')} from sync_runs r join crm_integrations i on i.id = r.integration_id
      where ${isVisible(scope)} and r.trigger in ${LIVE} and r.status in ${ACTIVE} and not exists (select from opened)`),
  ])
  const row = started.rows[0]
  if (!row) return null
  // Also for a run that was already active: its message may be lost, and taking a run twice has no effect.
  await enqueueRuns(context, [row.id])
  return row
}
