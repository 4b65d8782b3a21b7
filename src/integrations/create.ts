import { auditLines, namesOf, ofIntegration } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import { sha256 } from '#crypto/digest.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { violatedConstraint } from '#db/errors.ts'
import { Problem } from '#lib/errors.ts'
import type { LocalizedText } from '#lib/localized.ts'
import { sealCredential, sealCredentials } from '#connections/credentials.ts'
import { integrationColumns, type IntegrationRow } from '#integrations/queries.ts'
import type { CreateIntegration } from '#integrations/schema.ts'
import { mintWebhookToken } from '#integrations/webhook-token.ts'
import { byStoredName, checkConnection, checkEntered, connectorFor, normalizeUrl } from '#integrations/settings.ts'

/** Throws Problem: `invalid_request`, `not_found` (no such business), `integration_exists`. */
export async function createIntegration(
  context: Context,
  businessId: string,
  request: CreateIntegration,
): Promise<IntegrationRow> {
  const connector = connectorFor(request.crmType)
  const credentials = byStoredName(connector, request.credentials)
  const connection = {
    apiUrl: normalizeUrl(connector, request.apiUrl ?? null),
    additionalConfig: request.additionalConfig ?? null,
    credentials,
  }
  checkConnection(context, connector, connection)
  checkEntered(connector, credentials)
  const row = { id: crypto.randomUUID(), businessId }
  const [sealed, webhook] = await Promise.all([
    sealCredentials(context, row, credentials, null),
    connector.capabilities.webhooks ? newWebhookAddress(context, { ...row, crmType: connector.type }) : null,
  ])
  try {
    const insert = context.db
      .insert(crmIntegrations)
      .values({
        ...row,
        crmType: connector.type,
        mapVersion: connector.mapVersion,
        apiUrl: connection.apiUrl,
        additionalConfig: connection.additionalConfig,
        ...sealed,
        syncIntervalMinutes: request.syncIntervalMinutes,
        ...webhook,
      })
      .returning(integrationColumns)
    const change = { action: 'integration.created', changes: namesOf(request) } as const
    const line = context.db.execute(auditLines(context, change, ofIntegration(row.id)))
    const [[created]] = await context.db.batch([insert, line])
    if (created) return created
  } catch (error) {
    throw refusalOf(error, businessId)
  }
  throw new Problem('internal')
}

function refusalOf(error: unknown, businessId: string): unknown {
  const constraint = violatedConstraint(error)
  if (constraint === 'crm_integrations_business_id_unique') {
    return new Problem('integration_exists', {
      detail: {
        en: 'A business has one integration. Change or delete the one it has.',
        ru: 'У компании может быть одно подключение. Измените или удалите то, что есть.',
      },
    })
  }
  return constraint === 'crm_integrations_business_id_businesses_id_fk'
    ? new Problem('not_found', { detail: noBusiness(businessId), cause: error })
    : error
}

/** No secret: the caller's own token or an admin names it. */
function noBusiness(id: string): LocalizedText {
  return {
    en: `There is no business ${id} yet. An admin creates it first: PUT /v1/businesses/${id}.`,
    ru: `Компании ${id} ещё нет. Сначала её создаёт администратор: PUT /v1/businesses/${id}.`,
  }
}

/** Its token: sealed, to be shown again in `webhookUrl`, and hashed, to be found by. */
export async function newWebhookAddress(
  context: Context,
  row: { readonly id: string; readonly businessId: string; readonly crmType: string },
) {
  const token = await mintWebhookToken(context, row.crmType)
  const [webhookToken, webhookTokenHash] = await Promise.all([
    sealCredential(context, row, 'webhook_token', token),
    sha256(token),
  ])
  return { webhookToken, webhookTokenHash }
}
