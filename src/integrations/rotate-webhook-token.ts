import type { Context } from '#context.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { isVisible } from '#db/tenant.ts'
import { Problem } from '#lib/errors.ts'
import { newWebhookAddress } from '#integrations/create.ts'
import { findIntegration, integrationColumns, type IntegrationRow } from '#integrations/queries.ts'
import { connectorFor } from '#integrations/settings.ts'
import { registerWebhook } from '#integrations/webhook-registration.ts'

interface Rotation {
  readonly integrationId: string
  readonly tenant: string | null
  readonly requestUrl: string
}

/**
 * The old address stops working before the new one is entered in the CRM's settings, since it may have leaked. Null: no
 * such integration. Throws Problem `invalid_request` where the CRM sends no webhooks.
 */
export async function rotateWebhookToken(
  context: Context,
  { integrationId, tenant, requestUrl }: Rotation,
): Promise<IntegrationRow | null> {
  const row = await findIntegration(context.db, integrationId, tenant)
  if (!row) return null
  if (!connectorFor(row.crmType).capabilities.webhooks) {
    throw new Problem('invalid_request', { detail: 'This CRM sends no webhooks.' })
  }
  const address = await newWebhookAddress(context, row)
  const [rotated] = await context.db
    .update(crmIntegrations)
    .set(address)
    .where(isVisible({ integrationId, tenant }, crmIntegrations))
    .returning(integrationColumns)
  if (!rotated || rotated.webhookRegistration === null || rotated.webhookRegistration === 'absent')
    return rotated ?? null
  await registerWebhook(context, rotated, requestUrl)
  return findIntegration(context.db, integrationId, tenant)
}
