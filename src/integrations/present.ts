import type { Context } from '#context.ts'
import { CREDENTIALS } from '#crm/contract.ts'
import { findConnector } from '#crm/registry.ts'
import { sha256 } from '#crypto/digest.ts'
import { codeOf, messageOf } from '#db/schema/stored-error.ts'
import { isoInstant, isoInstantOrNull } from '#db/columns.ts'
import type { IntegrationRow } from '#integrations/queries.ts'
import { syncEvery } from '#runs/schedule-slots.ts'
import type { Integration } from '#integrations/schema.ts'
import type { Language } from '#lib/localized.ts'
import { type View, webhookSetup } from '#integrations/webhook-setup.ts'
import { webhookStatus } from '#integrations/webhook-status.ts'

export interface LocalizedView extends View {
  readonly language: Language
}

/** The public form. */
export async function presentIntegration(
  context: Context,
  row: IntegrationRow,
  view: LocalizedView,
): Promise<Integration> {
  const { webhookUrl, setup } = await webhookSetup(context, row, view)
  const account = row.account?.changed === undefined ? row.account : null
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
    ...lastErrorOf(row, view.language),
    transactionsSynced: row.transactionsSynced ?? 0,
    createdAt: isoInstant(row.createdAt ?? ''),
    updatedAt: isoInstant(row.updatedAt ?? ''),
    connection: {
      status: row.connectionStatus,
      checkedAt: isoInstantOrNull(row.connectionCheckedAt),
      account: account && { externalId: account.externalId, name: account.name },
    },
    stoppedBy: row.stoppedBy,
    freshness: freshnessOf(row, context.clock.now()),
    locations: [...(account?.locations ?? [])],
    hasCredentials: CREDENTIALS.some((name) => row[name] !== null),
    webhookUrl,
    webhooks: webhookStatus(row, context.clock.now()),
    webhookSetup: setup,
  }
}

function lastErrorOf({ lastFailure }: IntegrationRow, language: Language) {
  return lastFailure
    ? { lastError: messageOf(lastFailure, language), lastErrorCode: codeOf(lastFailure) }
    : { lastError: null, lastErrorCode: null }
}

/** Two polls: one may just have missed a sale. Below three minutes the clock of the cron would make it late. */
const TARGET_MINUTES_MIN = 3

function freshnessOf(row: IntegrationRow, now: Date): Integration['freshness'] {
  const { syncEnabled, syncIntervalMinutes, webhookLastAt, webhookMissedAt, additionalConfig } = row
  const intervalMinutes = syncIntervalMinutes ?? 5
  const age = (text: string | null) => (text === null ? null : (now.getTime() - Date.parse(isoInstant(text))) / 1000)
  const isAdaptive = additionalConfig?.['adaptive'] === true
  const hooks = { hookAge: age(webhookLastAt), missedAge: age(webhookMissedAt) }
  const everyMinutes = Math.max(syncEvery({ intervalMinutes, isAdaptive, ...hooks }) / 60, intervalMinutes)
  const targetMinutes = Math.max(2 * everyMinutes, TARGET_MINUTES_MIN)
  const at = isoInstantOrNull(row.asOf)
  const isLate = syncEnabled === true && at !== null && now.getTime() - Date.parse(at) > targetMinutes * 60_000
  return { asOf: at, targetMinutes, isLate }
}

/**
 * A strong tag of the representation as it is sent, in two parts: what a PATCH can change, and all of it, statistics
 * included. A PATCH compares the first alone, or a sync that ends meanwhile would refuse it.
 */
export async function etagOf(row: IntegrationRow, json: string): Promise<string> {
  const digest = await sha256(json)
  return `"${settingsTag(row)}.${digest.slice(0, 12).toBase64({ alphabet: 'base64url' })}"`
}

/** `settings_epoch` rises with every change of address, connection settings and credentials. */
function settingsTag(row: IntegrationRow): string {
  const { settingsEpoch, syncEnabled, syncIntervalMinutes, additionalConfig } = row
  const isAdaptive = additionalConfig?.['adaptive'] === true
  return `${settingsEpoch}-${syncEnabled === true ? 1 : 0}-${syncIntervalMinutes ?? 5}${isAdaptive ? '-adaptive' : ''}`
}

/** RFC 9110, 13.1: a list of tags, or `*`. Weak tags match too. */
export function namesTag(header: string | null, etag: string): boolean {
  const tags = tagsOf(header)
  return tags.has('*') || tags.has(etag)
}

/** As above, by what a PATCH can change. */
export function namesSettings(header: string, row: IntegrationRow): boolean {
  const tags = [...tagsOf(header)]
  return tags.some((tag) => tag === '*' || tag.replace(/^"([^".]*)(?:\.[^"]*)?"$/, '$1') === settingsTag(row))
}

const TAG = /^"[^"]*"$/

/** A form that compares with nothing would be taken for a version that has changed. */
export function isTagList(header: string): boolean {
  return [...tagsOf(header)].every((tag) => tag === '' || tag === '*' || TAG.test(tag))
}

function tagsOf(header: string | null): ReadonlySet<string> {
  return new Set(header?.split(',').map((one) => one.trim().replace(/^W\//, '')))
}
