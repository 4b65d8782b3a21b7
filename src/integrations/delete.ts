import type { Context } from '#context.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { isVisible } from '#db/tenant.ts'
import { removeFiles } from '#connections/file-store.ts'
import { abortUploads } from '#connections/open-uploads.ts'
import { findIntegration } from '#integrations/queries.ts'
import { unregisterWebhook } from '#integrations/webhook-registration.ts'

/** Deletes an integration with everything that belongs to it. False: there is none, or another tenant owns it. */
export async function deleteIntegration(
  context: Context,
  { id, tenant, requestUrl }: { readonly id: string; readonly tenant: string | null; readonly requestUrl: string },
): Promise<boolean> {
  const row = await findIntegration(context.db, id, tenant)
  if (!row) return false
  await unregisterWebhook(context, row, requestUrl)
  await abortUploads(context, id)
  const deleted = await context.db
    .delete(crmIntegrations)
    .where(isVisible({ integrationId: id, tenant }, crmIntegrations))
    .returning({ id: crmIntegrations.id })
  if (deleted.length === 0) return false
  try {
    await removeFiles(context, id)
  } catch (error) {
    // No request can reach these files any more, and the nightly clean-up deletes old ones.
    context.log.warn('files_left', { error, integrationId: id })
  }
  return true
}
