import { and, eq, isNull, lt, or, sql } from 'drizzle-orm'
import { auditLines, ofIntegration } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import { hexBytes } from '#db/bytea.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { isVisible } from '#db/tenant.ts'
import { Problem } from '#lib/errors.ts'
import { newWebhookAddress } from '#integrations/create.ts'
import { findIntegration, type IntegrationRow, shownColumns } from '#integrations/queries.ts'
import { connectorFor } from '#integrations/settings.ts'
import { registerWebhook } from '#integrations/webhook-registration.ts'

interface Rotation {
  readonly integrationId: string
  readonly tenant: string | null
  readonly requestUrl: string
}

/**
 * Nobody has shown the secret of the new address yet. The old address stops working before the new one is entered in
 * the CRM's settings, since it may have leaked. Null: no such integration. Throws Problem `invalid_request` where the
 * CRM sends no webhooks, and `conflict` when another rotation has replaced the address since this one began.
 */
export async function rotateWebhookToken(
  context: Context,
  { integrationId, tenant, requestUrl }: Rotation,
): Promise<IntegrationRow | null> {
  const startedAt = context.clock.now().toISOString()
  const row = await findIntegration(context.db, integrationId, tenant)
  if (!row) return null
  if (!connectorFor(row.crmType).capabilities.webhooks) {
    throw new Problem('invalid_request', {
      detail: { en: 'This CRM sends no webhooks.', ru: 'Эта CRM не отправляет уведомлений.' },
    })
  }
  const address = await newWebhookAddress(context, row)
  const update = context.db
    .update(crmIntegrations)
    .set({ ...address, webhookRotatedAt: sql`clock_timestamp()`, webhookSecretRequired: false })
    .where(and(isVisible({ integrationId, tenant }, crmIntegrations), isStill(row.webhookTokenHash, startedAt)))
    .returning(shownColumns)
  const line = auditLines(
    context,
    { action: 'webhook_address.rotated' },
    sql`${ofIntegration(row.id)} and i.webhook_token_hash = ${hexBytes(address.webhookTokenHash)}::bytea`,
  )
  const [[rotated]] = await context.db.batch([update, context.db.execute(line)])
  if (!rotated) throw conflict()
  if (rotated.webhookRegistration === null || rotated.webhookRegistration === 'absent') return rotated
  await registerWebhook(context, rotated, requestUrl)
  return findIntegration(context.db, integrationId, tenant)
}

/** No other rotation was done since this one began, also one that was done when this one read the row. */
function isStill(hash: Uint8Array | null, startedAt: string) {
  const { webhookTokenHash, webhookRotatedAt } = crmIntegrations
  const isSame = hash ? eq(webhookTokenHash, hash) : isNull(webhookTokenHash)
  return and(isSame, or(isNull(webhookRotatedAt), lt(webhookRotatedAt, startedAt)))
}

function conflict(): Problem {
  return new Problem('conflict', {
    detail: {
      en: 'Another request made a new address at the same time. Read the integration.',
      ru: 'Другой запрос одновременно создал новый адрес. Откройте подключение ещё раз.',
    },
  })
}
