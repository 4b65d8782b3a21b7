import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { keyset, type Page, Paging } from '#db/keyset.ts'
import { listOfIntegration } from '#db/list.ts'
import { isVisible, type TenantScope } from '#db/tenant.ts'
import { runColumns, type RunRow } from '#runs/schema.ts'

export const ListRuns = Paging
type ListRuns = Paging

const newest = keyset({ created_at: [sql`r.created_at`, 'timestamptz'], id: [sql`r.id`, 'uuid'] })

/** Newest first. Null: no such integration for this tenant. Throws Problem `invalid_request` for a foreign cursor. */
export async function listRuns(context: Context, request: TenantScope & ListRuns): Promise<Page<RunRow> | null> {
  const { isAfter, order, limit, toPage } = newest(request)
  const rows = await listOfIntegration<RunRow>(context.db, request, {
    ...{ table: 'sync_runs', alias: 'r', columns: runColumns('r') },
    ...{ where: isAfter, order, limit },
  })
  return rows && toPage(rows)
}

/** Null: no such run for this integration and tenant. */
export async function getRun(
  context: Context,
  request: TenantScope & { readonly runId: string },
): Promise<RunRow | null> {
  const { rows } = await context.db.execute<RunRow>(sql`
    select ${runColumns('r')} from sync_runs r join crm_integrations i on i.id = r.integration_id
    where r.id = ${request.runId}::uuid and ${isVisible(request)}`)
  return rows[0] ?? null
}
