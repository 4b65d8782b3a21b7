import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { type Conditions, matches } from '#db/filter.ts'
import { keyset, type Page, Paging } from '#db/keyset.ts'
import { listOfIntegration } from '#db/list.ts'
import { isOfTenant, type TenantScope } from '#db/tenant.ts'
import { Issue, type IssueRow } from '#issues/schema.ts'
import { CRM_TYPES } from '#lib/crm-types.ts'

const IssueFilter = z.strictObject({
  open: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: '`true`: those that are not over; `false`: the rest.' }),
  code: Issue.shape.code.optional().meta({ description: 'Only these.' }),
  severity: Issue.shape.severity.optional().meta({ description: 'Only those that are so bad.' }),
  whoseTurn: Issue.shape.whoseTurn.optional().meta({ description: 'Only those that wait for these.' }),
})

const CONDITIONS: Conditions<z.infer<typeof IssueFilter>> = {
  open: (open) => (open === 'true' ? sql`s.resolved_at is null` : sql`s.resolved_at is not null`),
  code: (code) => sql`s.code = ${code}`,
  severity: (severity) => sql`s.severity = ${severity}`,
  whoseTurn: (turn) => sql`s.whose_turn = ${turn}`,
}

export const ListIssues = Paging.extend(IssueFilter.shape)
type ListIssues = z.infer<typeof ListIssues>

const OfAll = z.strictObject({
  businessId: z.guid().optional().meta({ description: 'Only of this business.' }),
  crmType: z.enum(CRM_TYPES).optional().meta({ description: 'Only of this CRM.' }),
})

const OF_ALL: Conditions<z.infer<typeof OfAll>> = {
  businessId: (id) => isOfTenant(id, sql`s.business_id`),
  crmType: (type) => sql`(i.crm_type = ${type} or s.code = 'vendor_trouble' and s.detail_key = ${type})`,
}

export const ListAllIssues = ListIssues.extend(OfAll.shape)

const newest = keyset({ since: [sql`s.since`, 'timestamptz'], id: [sql`s.id`, 'uuid'] })
const COLUMNS: SQL = sql`s.*, i.crm_type`

/** Newest first. Null: no such integration for this tenant. Throws Problem `invalid_request` for a foreign cursor. */
export async function listIssues(context: Context, request: TenantScope & ListIssues): Promise<Page<IssueRow> | null> {
  const { isAfter, order, limit, toPage } = newest(request)
  const rows = await listOfIntegration<IssueRow>(context.db, request, {
    ...{ table: 'issues', alias: 's', columns: COLUMNS },
    ...{ where: sql`${matches(request, CONDITIONS)} and ${isAfter}`, order, limit },
  })
  return rows && toPage(rows)
}

/** Of all businesses, CRMs and endpoints. Newest first. Throws Problem `invalid_request` for a foreign cursor. */
export async function listAllIssues(context: Context, request: z.infer<typeof ListAllIssues>): Promise<Page<IssueRow>> {
  const { isAfter, order, limit, toPage } = newest(request)
  const { rows } = await context.db.execute<IssueRow>(sql`
    select ${COLUMNS} from issues s left join crm_integrations i on i.id = s.integration_id
    where ${matches(request, CONDITIONS)} and ${matches(request, OF_ALL)} and ${isAfter} order by ${order} limit ${limit}::int`)
  return toPage(rows)
}
