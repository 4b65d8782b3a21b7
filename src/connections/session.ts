// Opens an integration for work: the one place where its credentials become readable again.
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { Connector, StoredScope, Session, StoredSale, TokenCache } from '#crm/contract.ts'
import type { CrmType } from '#lib/crm-types.ts'
import { connectorOf } from '#crm/registry.ts'
import { open, SealError } from '#crypto/seal.ts'
import { isoInstant, safeInteger } from '#db/columns.ts'
import { CrmError } from '#lib/crm-error.ts'
import { createHttp } from '#lib/egress.ts'
import { Secret } from '#lib/secret.ts'
import { createFiles } from '#connections/files.ts'
import {
  type CredentialColumn,
  credentialContext,
  eachCredential,
  type SealedCredentials,
} from '#connections/credentials.ts'
import { memoryTokenCache } from '#connections/token-cache.ts'
import { authorizer } from '#connections/authorized.ts'

/** What a session needs of `crm_integrations` and its business. */
export interface SessionRow extends SealedCredentials {
  readonly id: string
  readonly businessId: string
  readonly crmType: CrmType
  readonly apiUrl: string | null
  readonly additionalConfig: Record<string, unknown> | null
  readonly timezone: string
  readonly currency: string
}

/** The same as the driver hands it over for raw SQL, the integration's id apart. */
export interface SessionColumns extends Record<string, unknown> {
  business_id: string
  crm_type: CrmType
  api_url: string | null
  api_key: Uint8Array | null
  api_secret: Uint8Array | null
  extra_secret: Uint8Array | null
  additional_config: Record<string, unknown> | null
  timezone: string
  currency: string
}

export function sessionRowOf(id: string, columns: SessionColumns): SessionRow {
  return {
    id,
    businessId: columns.business_id,
    crmType: columns.crm_type,
    apiUrl: columns.api_url,
    apiKey: columns.api_key,
    apiSecret: columns.api_secret,
    extraSecret: columns.extra_secret,
    additionalConfig: columns.additional_config,
    timezone: columns.timezone,
    currency: columns.currency,
  }
}

export interface SessionOptions {
  /** When the work began; now when it is left out. */
  readonly startedAt?: Date
  readonly isManual?: boolean
  /** For this piece of work alone when it is left out, as a connection test must be. */
  readonly tokenCache?: TokenCache
}

/** Throws CrmError `internal` when the stored credentials or settings cannot be read. */
export async function openSession(
  context: Context,
  row: SessionRow,
  { startedAt = context.clock.now(), isManual = false, tokenCache = memoryTokenCache() }: SessionOptions = {},
): Promise<Session<unknown>> {
  const connector = connectorOf(row.crmType)
  const parsed = connector.settings.safeParse(row.additionalConfig ?? {})
  if (!parsed.success) throw new CrmError('internal', { reason: 'settings_unreadable' })
  const secrets = await eachCredential(async (name, column) => reveal(context, row, column, row[name]))
  const serverUrl = connector.server?.address(parsed.data) ?? null
  const http = httpOf(context, connector.pace)
  const apiUrl = row.apiUrl ?? connector.defaultApiUrl(parsed.data) ?? ''
  return {
    settings: parsed.data,
    apiUrl,
    ...authorizer(context, row, { apiKey: secrets.apiKey, apiUrl }),
    apiSecret: secrets.apiSecret,
    app: context.config.apps[row.crmType] ?? null,
    tokenCache,
    http,
    files: createFiles(context, row.id, http),
    server:
      connector.server && serverUrl !== null
        ? {
            url: serverUrl,
            password: secrets[connector.server.credential],
            http: httpOf(context, connector.server.pace),
          }
        : null,
    clock: context.clock,
    startedAt,
    isManual,
    fallback: { timezone: row.timezone, currency: row.currency },
    storedIds: async (scope) => heldIds(context, row.id, scope),
    storedSales: async (externalIds) => storedSales(context, row.id, externalIds),
    aliases: async (among) => storedAliases(context, row.id, among),
  }
}

function httpOf(context: Context, pace: Connector<unknown, unknown>['pace']) {
  const { egressAllowOrigins, throttleWaitScale } = context.config
  const { fetch, clock } = context
  return createHttp({ ...pace, fetch, clock, allowOrigins: egressAllowOrigins, throttleWaitScale })
}

async function reveal(
  context: Context,
  row: SessionRow,
  column: CredentialColumn,
  sealed: Uint8Array | null,
): Promise<Secret | null> {
  if (!sealed) return null
  try {
    return new Secret(await open(sealed, await context.keyring(), credentialContext(row, column)))
  } catch (error) {
    if (!(error instanceof SealError)) throw error
    context.log.error('credentials_unreadable', { integrationId: row.id, column, code: error.code })
    throw new CrmError('internal', { reason: 'credentials_unreadable', cause: error })
  }
}

async function heldIds(context: Context, integrationId: string, scope: StoredScope): Promise<readonly string[]> {
  const among = scope.among ? JSON.stringify(scope.among) : null
  const { rows } = await context.db.execute<{ external_id: string }>(sql`
    select external_id from crm_transactions
    where integration_id = ${integrationId}::uuid and occurred_at >= ${scope.from}::timestamptz
      and occurred_at <= ${scope.to}::timestamptz and status <> 'cancelled' and starts_with(external_id, ${scope.prefix})
      and (${among}::jsonb is null or external_id = any (array(select jsonb_array_elements_text(${among}::jsonb))))`)
  return rows.map((row) => row.external_id)
}

async function storedAliases(
  context: Context,
  integrationId: string,
  among: readonly string[],
): Promise<ReadonlySet<string>> {
  if (among.length === 0) return new Set()
  const { rows } = await context.db.execute<{ alias: string }>(sql`
    select alias from crm_transactions where integration_id = ${integrationId}::uuid
      and alias = any (array(select jsonb_array_elements_text(${JSON.stringify(among)}::jsonb)))`)
  return new Set(rows.map(({ alias }) => alias))
}

interface StoredRow extends Record<string, unknown> {
  external_id: string
  status: StoredSale['status']
  amount_minor: string
  occurred_at: string
  customer_external_id: string | null
  customer_name: string | null
  customer_phone: string | null
  customer_email: string | null
  customer_card: string | null
}

async function storedSales(
  context: Context,
  integrationId: string,
  externalIds: readonly string[],
): Promise<ReadonlyMap<string, StoredSale>> {
  if (externalIds.length === 0) return new Map()
  const { rows } = await context.db.execute<StoredRow>(sql`
    select external_id, status, amount_minor, occurred_at, customer_external_id, customer_name, customer_phone,
      customer_email, customer_card
    from crm_transactions where integration_id = ${integrationId}::uuid
      and external_id = any (array(select jsonb_array_elements_text(${JSON.stringify(externalIds)}::jsonb)))`)
  return new Map(rows.map((row) => [row.external_id, toStoredSale(row)]))
}

function toStoredSale(row: StoredRow): StoredSale {
  const customer = {
    externalId: row.customer_external_id,
    name: row.customer_name,
    phone: row.customer_phone,
    email: row.customer_email,
    card: row.customer_card,
  }
  return {
    status: row.status,
    amountMinor: safeInteger(row.amount_minor),
    occurredAt: isoInstant(row.occurred_at),
    customer: Object.values(customer).some((value) => value !== null) ? customer : null,
  }
}
