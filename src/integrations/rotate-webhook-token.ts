import type { Context } from '#context.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { Problem } from '#lib/errors.ts'
import { newWebhookToken } from '#integrations/create.ts'
import { findIntegration, integrationColumns, type IntegrationRow, isOwn } from '#integrations/rows.ts'
import { connectorFor } from '#integrations/settings.ts'

/** Null: no such integration. Throws Problem `invalid_request` where the CRM sends no webhooks. */
export async function rotateWebhookToken(
  context: Context,
  id: string,
  tenant: string | null,
): Promise<IntegrationRow | null> {
  const row = await findIntegration(context.db, id, tenant)
  if (!row) return null
  if (!connectorFor(row.crmType).capabilities.webhooks) {
    throw new Problem('invalid_request', { detail: 'This CRM sends no webhooks.' })
  }
  const token = await newWebhookToken(context, row)
  const [rotated] = await context.db
    .update(crmIntegrations)
    .set(token)
    .where(isOwn(id, tenant))
    .returning(integrationColumns)
  return rotated ?? null
}
