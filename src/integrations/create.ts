import { auditLines, type Change, namesOf, ofIntegration } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import { sha256 } from '#crypto/digest.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { violatedConstraint } from '#db/errors.ts'
import { Problem } from '#lib/errors.ts'
import type { LocalizedText } from '#lib/localized.ts'
import { sealCredential, sealCredentials } from '#connections/credentials.ts'
import { continuing, findKept, finishRemoval, type Kept, takeUp } from '#integrations/kept.ts'
import { requireClaimed } from '#integrations/claimed-branches.ts'
import { integrationColumns, type IntegrationRow } from '#integrations/queries.ts'
import type { CreateIntegration } from '#integrations/schema.ts'
import { mintWebhookToken } from '#integrations/webhook-token.ts'
import { byStoredName, checkConnection, checkEntered, connectorFor, normalizeUrl } from '#integrations/settings.ts'

interface Creation extends CreateIntegration {
  /** The account, where a consent has shown it. */
  readonly accountId?: string | null
  /** The branch of an install from a marketplace, which cannot be read yet. */
  readonly branchId?: string
}

/**
 * Where sales of the same account are kept, it goes on with them under their id. Throws Problem: `invalid_request`,
 * `branch_not_claimed`, `not_found` (no such business), `integration_exists`, `too_many_requests`, `conflict`.
 */
export async function createIntegration(
  context: Context,
  businessId: string,
  { branchId, accountId = branchId ?? null, ...request }: Creation,
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
  await requireClaimed(context, connector, { businessId, connection })
  const { type: crmType, mapVersion } = connector
  const { credentials: _, ...settings } = connection
  const first = { id: crypto.randomUUID(), businessId }
  const sealedFirst = await sealCredentials(context, first, credentials, null)
  const newcomer = { ...first, crmType, ...settings, ...sealedFirst, accountId, isBranch: branchId !== undefined }
  const kept = await findKept(context, newcomer)
  if (kept) await finishRemoval(context, kept)
  const row = { mapVersion, ...first, ...(kept && continuing(kept)) }
  const [sealed, webhook] = await Promise.all([
    kept ? sealCredentials(context, row, credentials, null) : sealedFirst,
    connector.capabilities.webhooks ? newWebhookAddress(context, { ...row, crmType }) : null,
  ])
  const { syncIntervalMinutes } = request
  const values = { ...row, crmType, ...settings, ...sealed, syncIntervalMinutes, ...webhook }
  return insert(context, { values, kept, change: { action: 'integration.created', changes: namesOf(request) } })
}

interface Insertion {
  readonly values: typeof crmIntegrations.$inferInsert & { readonly id: string }
  readonly kept: Kept | null
  readonly change: Change
}

async function insert(context: Context, { values, kept, change }: Insertion): Promise<IntegrationRow> {
  const inserted = context.db.insert(crmIntegrations).values(values).returning(integrationColumns)
  try {
    const line = context.db.execute(auditLines(context, change, ofIntegration(values.id)))
    const [[created]] = await context.db.batch([inserted, line, ...(kept ? takeUp(context, kept) : [])])
    if (created) return created
  } catch (error) {
    throw refusalOf(error, values.businessId)
  }
  throw new Problem('internal')
}

function refusalOf(error: unknown, businessId: string): unknown {
  const constraint = violatedConstraint(error)
  // The other one may have taken up the same kept sales, under their id.
  if (constraint === 'crm_integrations_business_id_unique' || constraint === 'crm_integrations_pkey') {
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
