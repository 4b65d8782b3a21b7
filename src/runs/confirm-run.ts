import { sql } from 'drizzle-orm'
import { auditLines, ofIntegrationsIn } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import { Problem } from '#lib/errors.ts'
import { enqueueRuns } from '#queue/enqueue.ts'
import { ACTIVE, BRAKED, BULK, LIVE } from '#runs/states.ts'
import { runColumns, type RunRow } from '#runs/schema.ts'
import { getRun } from '#runs/list.ts'
import { isVisible, lockVisible, type TenantScope } from '#db/tenant.ts'

/**
 * A person confirms the changes that the brake stopped. A new run continues where the stopped one ended, without the
 * brake. Null: no such run. Throws Problem `nothing_to_confirm`.
 */
export async function confirmRun(
  context: Context,
  request: TenantScope & { readonly runId: string },
): Promise<RunRow | null> {
  const [, opened] = await context.db.batch([
    context.db.execute(lockVisible(request)),
    context.db.execute<RunRow>(sql`
      with braked as (
        select r.* from sync_runs r join crm_integrations i on r.integration_id = i.id
        where ${isVisible(request)} and r.id = ${request.runId}::uuid and r.settings_epoch = i.settings_epoch and ${BRAKED}
      ), confirmed as ( -- live runs all stop at the same place, so one confirmation covers all
        update sync_runs r set confirmed_at = now() from braked b
        where r.integration_id = b.integration_id and ${BRAKED}
          and (r.id = b.id or (r.trigger in ${LIVE} and b.trigger in ${LIVE}))
      ), opened as (
        insert into sync_runs as r (integration_id, trigger, task, status, settings_epoch, window_from, window_to,
          cursor, estimated_calls, import_id, from_seq, brake_off)
        select integration_id, case when trigger in ${BULK} then trigger else 'manual' end, task, 'queued',
          settings_epoch, window_from, window_to, case when trigger in ${BULK} then cursor end, estimated_calls,
          import_id, from_seq, true
        from braked
        on conflict (integration_id) where trigger in ${LIVE} and status in ${ACTIVE} do update set brake_off = true,
          -- One that was claimed ahead begins now.
          resume_at = case when r.status = 'waiting' then r.resume_at end
        returning *
      ), audited as (${auditLines(
        context,
        { action: 'run.confirmed' },
        ofIntegrationsIn('opened'),
      )}), top as ( -- the beginning of an uploaded file
        insert into rejected_rows (run_id, line, reason, raw)
        select o.id, t.line, t.reason, t.raw from opened o, braked b join rejected_rows t on t.run_id = b.id and t.line = 0
        on conflict do nothing)
      select ${runColumns('o')} from opened o`),
  ])
  const row = opened.rows[0]
  if (row) {
    await enqueueRuns(context, [row.id])
    return row
  }
  if (!(await getRun(context, request))) return null
  throw new Problem('nothing_to_confirm', {
    detail: {
      en: 'Nothing in this run waits for a confirmation, or not any more.',
      ru: 'В этом запуске ничто не ждёт подтверждения или уже не ждёт.',
    },
  })
}
