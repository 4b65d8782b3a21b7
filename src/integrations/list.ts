import { and, eq } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { type Conditions, matches } from '#db/filter.ts'
import { keyset, type Page, Paging } from '#db/keyset.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { isOfTenant, type TenantScope } from '#db/tenant.ts'
import { CRM_TYPES } from '#lib/crm-types.ts'
import { type IntegrationRow, shownColumns } from '#integrations/queries.ts'

const IntegrationFilter = z.strictObject({
  businessId: z.guid().optional().meta({ description: 'Only of this business.' }),
  crmType: z.enum(CRM_TYPES).optional().meta({ description: 'Only of this CRM.' }),
})

const CONDITIONS: Conditions<z.infer<typeof IntegrationFilter>> = {
  businessId: (id) => eq(crmIntegrations.businessId, id),
  crmType: (type) => eq(crmIntegrations.crmType, type),
}

export const ListIntegrations = Paging.extend(IntegrationFilter.shape)
type ListIntegrations = z.infer<typeof ListIntegrations>

const { createdAt, id, businessId } = crmIntegrations
const newest = keyset({ createdAt: [createdAt, 'timestamptz'], id: [id, 'uuid'] })

/** Newest first. Throws Problem `invalid_request` for a foreign cursor. */
export async function listIntegrations(
  context: Context,
  request: Pick<TenantScope, 'tenant'> & ListIntegrations,
): Promise<Page<IntegrationRow>> {
  const { isAfter, order, limit, toPage } = newest(request)
  const rows = await context.db
    .select(shownColumns)
    .from(crmIntegrations)
    .where(and(isOfTenant(request.tenant, businessId), matches(request, CONDITIONS), isAfter))
    .orderBy(order)
    .limit(limit)
  return toPage(rows)
}
