// Opens an integration for work: the one place where its credentials become readable again.
import type { Context } from '#context.ts'
import type { Session, TokenCache } from '#crm/contract.ts'
import type { CrmType } from '#lib/crm-types.ts'
import { connectorOf } from '#crm/registry.ts'
import { open, SealError } from '#crypto/seal.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { HttpOptions } from '#lib/egress.ts'
import type { Lane } from '#lib/permits.ts'
import { Secret } from '#lib/secret.ts'
import { appFor } from '#connections/app.ts'
import { createFiles } from '#connections/files.ts'
import { storedFormats } from '#connections/formats.ts'
import {
  type CredentialColumn,
  credentialContext,
  eachCredential,
  type SealedCredentials,
} from '#connections/credentials.ts'
import { shareLimit } from '#connections/shared-limit.ts'
import { openMarketplace } from '#connections/marketplace.ts'
import { memoryTokenCache } from '#connections/token-cache.ts'
import { vendorHttp } from '#connections/vendor-http.ts'
import { authorizer } from '#connections/authorized.ts'
import { nightOf } from '#runs/schedule-slots.ts'
import { createStoredReader, storedTwins } from '#transactions/stored.ts'

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

/** The same without the id, as the driver returns it for raw SQL. */
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
  /** When the work began; now when left out. */
  readonly startedAt?: Date
  readonly isManual?: boolean
  readonly mapsAnew?: boolean
  /** Whose share of the vendor's limit it uses; `live` when left out. */
  readonly lane?: Lane
  /** Left out: tokens are kept for this piece of work only, as a connection test needs. */
  readonly tokenCache?: TokenCache
  readonly tooLargeMax?: HttpOptions['tooLargeMax']
}

/** Throws CrmError `internal` when the stored credentials or settings cannot be read. */
export async function openSession(
  context: Context,
  row: SessionRow,
  options: SessionOptions = {},
): Promise<Session<unknown>> {
  const { startedAt = context.clock.now(), isManual = false, mapsAnew = false } = options
  const { tokenCache = memoryTokenCache(), tooLargeMax = Infinity, lane = 'live' } = options
  const connector = connectorOf(row.crmType)
  const parsed = connector.settings.safeParse(row.additionalConfig ?? {})
  if (!parsed.success) throw new CrmError('internal', { reason: 'settings_unreadable' })
  const secrets = await eachCredential(async (name, column) => reveal(context, row, column, row[name]))
  const serverUrl = connector.server?.address(parsed.data) ?? null
  const apiUrl = row.apiUrl ?? connector.defaultApiUrl(row.additionalConfig ?? {}) ?? ''
  const of = { settings: parsed.data, apiUrl, apiKey: secrets.apiKey }
  const admission = shareLimit(context, { connector, integrationId: row.id, lane, of })
  const http = vendorHttp(context, { ...connector.pace, tooLargeMax, admission })
  return {
    settings: parsed.data,
    apiUrl,
    ...authorizer(context, row, { apiKey: secrets.apiKey, apiUrl }),
    apiSecret: secrets.apiSecret,
    app: appFor(context, connector, apiUrl),
    marketplace: await openMarketplace(context, connector, row),
    tokenCache,
    http,
    files: createFiles(context, row.id, http),
    server:
      connector.server && serverUrl !== null
        ? {
            url: serverUrl,
            password: secrets[connector.server.credential],
            http: vendorHttp(context, { ...connector.server.pace, tooLargeMax }),
          }
        : null,
    clock: context.clock,
    startedAt,
    isManual,
    nightAt: nightOf(row.id, connector.nightFromHour),
    mapsAnew,
    fallback: { timezone: row.timezone, currency: row.currency },
    ...createStoredReader(context, row.id),
    twins: async (of) => storedTwins(context, row.id, of),
    formats: async () => storedFormats(context, row.id),
  }
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
