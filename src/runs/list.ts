import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { inBusinessZone, Moment } from '#businesses/period.ts'
import { type Conditions, matches } from '#db/filter.ts'
import { keyset, type Page, Paging } from '#db/keyset.ts'
import { listOfIntegration } from '#db/list.ts'
import { isVisible, type TenantScope } from '#db/tenant.ts'
import { Run, runColumns, type RunRow } from '#runs/schema.ts'

const RunFilter = z.strictObject({
  status: Run.shape.status.optional().meta({ description: 'Only these.' }),
  trigger: Run.shape.trigger.optional().meta({ description: 'Only those that were started so.' }),
  from: Moment.optional().meta({
    description: '`createdAt` at or after this time, or from this day on, on the business’s calendar.',
  }),
  to: Moment.optional().meta({ description: '`createdAt` before this time, or until the end of this day.' }),
})

const CONDITIONS: Conditions<z.infer<typeof RunFilter>> = {
  status: (status) => sql`r.status = ${status}`,
  trigger: (trigger) => sql`r.trigger = ${trigger}`,
  from: (from) => sql`r.created_at >= ${from}::timestamptz`,
  to: (to) => sql`r.created_at < ${to}::timestamptz`,
}

export const ListRuns = Paging.extend(RunFilter.shape)
type ListRuns = z.infer<typeof ListRuns>

const newest = keyset({ created_at: [sql`r.created_at`, 'timestamptz'], id: [sql`r.id`, 'uuid'] })

/** Newest first. Null: no such integration for this tenant. Throws Problem `invalid_request` for a foreign cursor. */
export async function listRuns(context: Context, asked: TenantScope & ListRuns): Promise<Page<RunRow> | null> {
  const { isAfter, order, limit, toPage } = newest(asked)
  const request = await inBusinessZone(context, asked)
  if (!request) return null
  const rows = await listOfIntegration<RunRow>(context.db, request, {
    ...{ table: 'sync_runs', alias: 'r', columns: runColumns('r') },
    ...{ where: sql`${matches(request, CONDITIONS)} and ${isAfter}`, order, limit },
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
