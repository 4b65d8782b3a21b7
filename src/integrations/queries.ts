import { eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { businesses } from '#db/schema/businesses.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { isVisible } from '#db/tenant.ts'
import type { CredentialName } from '#crm/contract.ts'
import type { SessionRow } from '#connections/session.ts'

/** The columns that the API shows and those that guard changes, without the sync engine's own. */
export const integrationColumns = {
  id: crmIntegrations.id,
  businessId: crmIntegrations.businessId,
  crmType: crmIntegrations.crmType,
  apiUrl: crmIntegrations.apiUrl,
  apiKey: crmIntegrations.apiKey,
  apiSecret: crmIntegrations.apiSecret,
  extraSecret: crmIntegrations.extraSecret,
  additionalConfig: crmIntegrations.additionalConfig,
  syncEnabled: crmIntegrations.syncEnabled,
  syncIntervalMinutes: crmIntegrations.syncIntervalMinutes,
  lastSyncAt: crmIntegrations.lastSyncAt,
  lastSyncStatus: crmIntegrations.lastSyncStatus,
  nextSyncAt: crmIntegrations.nextSyncAt,
  totalSyncs: crmIntegrations.totalSyncs,
  successfulSyncs: crmIntegrations.successfulSyncs,
  failedSyncs: crmIntegrations.failedSyncs,
  lastError: crmIntegrations.lastError,
  lastFailure: crmIntegrations.lastFailure,
  asOf: crmIntegrations.asOf,
  account: crmIntegrations.account,
  stoppedBy: crmIntegrations.stoppedBy,
  transactionsSynced: crmIntegrations.transactionsSynced,
  createdAt: crmIntegrations.createdAt,
  updatedAt: crmIntegrations.updatedAt,
  connectionStatus: crmIntegrations.connectionStatus,
  connectionCheckedAt: crmIntegrations.connectionCheckedAt,
  settingsEpoch: crmIntegrations.settingsEpoch,
  webhookToken: crmIntegrations.webhookToken,
  webhookTokenHash: crmIntegrations.webhookTokenHash,
  webhookRegistration: crmIntegrations.webhookRegistration,
  webhookLastAt: crmIntegrations.webhookLastAt,
  webhookMissedAt: crmIntegrations.webhookMissedAt,
}

type Columns = typeof integrationColumns
export type IntegrationRow = {
  [K in keyof Columns]: Columns[K]['_']['notNull'] extends true
    ? Columns[K]['_']['data']
    : Columns[K]['_']['data'] | null
}

/**
 * The columns as the API shows them. A run that was claimed and has not begun is the next sync, and `next_sync_at` is
 * the one after it. Names are qualified by hand, since drizzle leaves out the table where there is only one.
 */
export const shownColumns = {
  ...integrationColumns,
  nextSyncAt: sql<string | null>`coalesce(claimed_sync_at(crm_integrations.id), crm_integrations.next_sync_at)`,
}

/** The statement of the most frequent read, built once per database: building it costs as much as running the rest. */
const findStatementCache = new WeakMap<Db, ReturnType<typeof buildFindStatement>>()

function buildFindStatement(db: Db) {
  const scope = { integrationId: sql.placeholder('integrationId'), tenant: sql.placeholder('tenant') }
  return db
    .select(shownColumns)
    .from(crmIntegrations)
    .where(isVisible(scope, crmIntegrations))
    .prepare('find_integration')
}

function findStatement(db: Db): ReturnType<typeof buildFindStatement> {
  const cached = findStatementCache.get(db)
  if (cached) return cached
  const built = buildFindStatement(db)
  findStatementCache.set(db, built)
  return built
}

export async function findIntegration(
  db: Db,
  integrationId: string,
  tenant: string | null,
): Promise<IntegrationRow | null> {
  const [row] = await findStatement(db).execute({ integrationId, tenant })
  return row ?? null
}

interface BusinessDefaults {
  readonly timezone: string
  readonly currency: string
}

export async function businessOf(db: Db, businessId: string): Promise<BusinessDefaults> {
  const { id, timezone, currency } = businesses
  const [row] = await db.select({ timezone, currency }).from(businesses).where(eq(id, businessId))
  if (!row) throw new Error('an integration without its business')
  return row
}

export function toSessionRow(
  row: Pick<IntegrationRow, 'id' | 'businessId' | 'crmType' | 'apiUrl' | CredentialName | 'additionalConfig'>,
  { timezone, currency }: BusinessDefaults,
): SessionRow {
  const { id, businessId, crmType, apiUrl, apiKey, apiSecret, extraSecret, additionalConfig } = row
  const credentials = { apiKey, apiSecret, extraSecret }
  return { id, businessId, crmType, apiUrl, ...credentials, additionalConfig, timezone, currency }
}

/** An integration with its business's defaults, in one round trip. */
export async function findForSession(
  db: Db,
  integrationId: string,
  tenant: string | null,
): Promise<(SessionRow & TestedColumns & { readonly settingsEpoch: number }) | null> {
  const { timezone, currency } = businesses
  const [row] = await db
    .select({ ...integrationColumns, timezone, currency })
    .from(crmIntegrations)
    .innerJoin(businesses, eq(businesses.id, crmIntegrations.businessId))
    .where(isVisible({ integrationId, tenant }, crmIntegrations))
  return row ? { ...toSessionRow(row, row), ...testedColumns(row), settingsEpoch: row.settingsEpoch } : null
}

/** The columns about an integration's hooks. */
export type HookColumns = Pick<IntegrationRow, 'webhookToken' | 'webhookLastAt' | 'webhookMissedAt'>
/** What a connection test compares with what it finds. */
export type TestedColumns = HookColumns & Pick<IntegrationRow, 'account'>

function testedColumns({ webhookToken, webhookLastAt, webhookMissedAt, account }: IntegrationRow): TestedColumns {
  return { webhookToken, webhookLastAt, webhookMissedAt, account }
}
