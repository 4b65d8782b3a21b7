import type { Context } from '#context.ts'
import { CREDENTIALS } from '#crm/contract.ts'
import { findConnector } from '#crm/registry.ts'
import { sha256 } from '#crypto/digest.ts'
import { isoInstant, isoInstantOrNull } from '#db/columns.ts'
import type { IntegrationRow } from '#integrations/queries.ts'
import type { Integration } from '#integrations/schema.ts'
import { type View, webhookSetup } from '#integrations/webhook-setup.ts'
import { webhookStatus } from '#integrations/webhook-status.ts'

/** The public form. */
export async function presentIntegration(context: Context, row: IntegrationRow, view: View): Promise<Integration> {
  const { webhookUrl, setup } = await webhookSetup(context, row, view)
  return {
    id: row.id,
    businessId: row.businessId,
    crmType: row.crmType,
    apiUrl: row.apiUrl ?? findConnector(row.crmType)?.defaultApiUrl(row.additionalConfig ?? {}) ?? null,
    additionalConfig: row.additionalConfig,
    syncEnabled: row.syncEnabled ?? false,
    syncIntervalMinutes: row.syncIntervalMinutes ?? 5,
    lastSyncAt: isoInstantOrNull(row.lastSyncAt),
    lastSyncStatus: row.lastSyncStatus,
    nextSyncAt: isoInstantOrNull(row.nextSyncAt),
    totalSyncs: row.totalSyncs ?? 0,
    successfulSyncs: row.successfulSyncs ?? 0,
    failedSyncs: row.failedSyncs ?? 0,
    lastError: row.lastError,
    transactionsSynced: row.transactionsSynced ?? 0,
    createdAt: isoInstant(row.createdAt ?? ''),
    updatedAt: isoInstant(row.updatedAt ?? ''),
    connection: {
      status: row.connectionStatus,
      checkedAt: isoInstantOrNull(row.connectionCheckedAt),
    },
    hasCredentials: CREDENTIALS.some((name) => row[name] !== null),
    webhookUrl,
    webhooks: webhookStatus(row, context.clock.now()),
    webhookSetup: setup,
  }
}

/** A strong tag of the whole representation as it is sent, so new statistics change it too. */
export async function etagOf(json: string): Promise<string> {
  const digest = await sha256(json)
  return `"${digest.slice(0, 12).toBase64({ alphabet: 'base64url' })}"`
}
