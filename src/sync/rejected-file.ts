import { eq } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { connectorOf } from '#crm/registry.ts'
import { syncRuns } from '#db/schema/sync-runs.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { TakenRun } from '#sync/take-run.ts'

/** Throws CrmError `malformed` when a run has come to the end of a file and every row of it was rejected. */
export async function refuseRejected(context: Context, run: TakenRun, pages: number): Promise<void> {
  if (pages === 0 || !connectorOf(run.integration.crmType).imports) return
  const { id, quarantined, readable } = syncRuns
  const [row] = await context.db.select({ quarantined, readable }).from(syncRuns).where(eq(id, run.id))
  if (!row || row.quarantined === 0 || row.readable > 0) return
  const params = { records: String(row.quarantined) }
  throw new CrmError('malformed', { reason: 'all_rejected', params, isFinal: true })
}
