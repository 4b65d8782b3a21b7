import type { Context } from '#context.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { isOwn } from '#integrations/rows.ts'

/** Everything that belongs to it goes with it. False: there is none, or it is another tenant's. */
export async function deleteIntegration(context: Context, id: string, tenant: string | null): Promise<boolean> {
  const deleted = await context.db
    .delete(crmIntegrations)
    .where(isOwn(id, tenant))
    .returning({ id: crmIntegrations.id })
  return deleted.length > 0
}
