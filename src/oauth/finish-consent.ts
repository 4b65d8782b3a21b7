// A person returns from the CRM's consent page. Everything in the address may be forged, so the state decides which
// business is meant, and the app's secret is sent to hosts of the vendor only.
import { and, eq, isNull } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { LocalizedText } from '#crm/contract.ts'
import type { CrmType } from '#lib/crm-types.ts'
import type { CallbackQuery, TokenSet } from '#crm/oauth.ts'
import { connectorOf } from '#crm/registry.ts'
import { oauthGrants } from '#db/schema/oauth-grants.ts'
import { CrmError } from '#lib/crm-error.ts'
import { createHttp } from '#lib/egress.ts'
import { Problem } from '#lib/errors.ts'
import { createIntegration } from '#integrations/create.ts'
import { listIntegrations } from '#integrations/list.ts'
import type { IntegrationRow } from '#integrations/queries.ts'
import { type ConnectionReport, testIntegration } from '#integrations/test-connection.ts'
import { updateIntegration } from '#integrations/update.ts'
import { encodePair } from '#connections/grant.ts'
import { flowOf, useState } from '#oauth/start-consent.ts'

/**
 * A code can be exchanged once, so a lost answer costs the person a new consent: twice the 20 s of an ordinary call.
 * A browser may give up after a minute. Chosen, not measured.
 */
const EXCHANGE_MS = 40_000

/** Each has its own page. */
export type ConsentRefusal =
  | 'not_configured'
  | 'widget'
  | 'state_missing'
  | 'state_unknown'
  | 'state_used'
  | 'state_expired'
  | 'denied'
  | 'forged'
  | 'other_crm'
  | 'code_expired'
  | 'not_reached'

export type ConsentOutcome =
  | { readonly type: 'connected'; readonly report: ConnectionReport; readonly isSyncing: boolean }
  | { readonly type: ConsentRefusal }

export interface ConsentReturn {
  readonly crmType: CrmType
  readonly query: CallbackQuery
  readonly language: keyof LocalizedText
  /** Gives the service's origin when PUBLIC_URL is not set. */
  readonly requestUrl: string
}

export async function finishConsent(context: Context, input: ConsentReturn): Promise<ConsentOutcome> {
  const { crmType, query } = input
  const flow = flowOf(context, crmType)
  if (!flow) return { type: 'not_configured' }
  const callback = flow.oauth.readCallback(flow.app, query, context.config.egressAllowOrigins)
  if (callback.isWidget) return { type: 'widget' }
  if (callback.state === null) return { type: 'state_missing' }
  const state = await useState(context, callback.state)
  if (state.type !== 'valid') return { type: `state_${state.type}` }
  if (callback.isDenied) return { type: 'denied' }
  const { apiUrl, code } = callback
  if (apiUrl === null || code === null) return { type: 'forged' }
  const existing = await integrationOf(context, state.businessId)
  if (existing && existing.crmType !== crmType) return { type: 'other_crm' }
  const set = await exchange(context, { crmType, apiUrl, code })
  if (typeof set === 'string') return { type: set }
  context.log.info('consent_given', { businessId: state.businessId, crmType, subject: state.subject })
  return connect(context, input, { businessId: state.businessId, existing, set })
}

async function integrationOf(context: Context, businessId: string): Promise<IntegrationRow | null> {
  const { items } = await listIntegrations(context, { tenant: businessId, limit: 1 })
  return items[0] ?? null
}

interface Exchange {
  readonly crmType: CrmType
  readonly apiUrl: string
  readonly code: string
}

async function exchange(context: Context, { crmType, apiUrl, code }: Exchange): Promise<TokenSet | ConsentRefusal> {
  const flow = flowOf(context, crmType)
  if (!flow) return 'not_configured'
  const { clock, config, fetch } = context
  const { egressAllowOrigins: allowOrigins, throttleWaitScale } = config
  const { pace } = connectorOf(crmType)
  const http = createHttp({ ...pace, timeoutMs: EXCHANGE_MS, fetch, clock, allowOrigins, throttleWaitScale })
  try {
    return await flow.oauth.exchange({ app: flow.app, http, apiUrl, allowOrigins }, code)
  } catch (error) {
    if (!(error instanceof CrmError)) throw error
    context.log.warn('code_exchange_failed', { crmType, kind: error.kind, reason: error.reason })
    return error.kind === 'auth' ? 'code_expired' : 'not_reached'
  }
}

interface Consent {
  readonly businessId: string
  readonly existing: IntegrationRow | null
  readonly set: TokenSet
}

/**
 * Stores the tokens before they are used, then tests the connection with them: the test shows what the consent allows.
 */
async function connect(
  context: Context,
  { crmType, language, requestUrl }: ConsentReturn,
  { businessId, existing, set }: Consent,
): Promise<ConsentOutcome> {
  const { apiUrl } = set
  const row = existing ?? (await ensureIntegration(context, businessId, { crmType, apiUrl }))
  const target = { integrationId: row.id, tenant: businessId, language, requestUrl, precondition: null }
  const grant = { accountId: set.accountId, expiresInSeconds: set.expiresInSeconds }
  await updateIntegration(context, { ...target, grant, change: { apiUrl, credentials: { apiKey: encodePair(set) } } })
  const report = await testIntegration(context, target)
  if (!report) throw new Problem('not_found')
  if (report.account) await rememberAccount(context, row.id, report.account.externalId)
  const isSyncing = report.ok && existing?.syncEnabled === true
  if (isSyncing) await updateIntegration(context, { ...target, change: { syncEnabled: true } })
  return { type: 'connected', report, isSyncing }
}

/** Two consents of one business at the same time make one integration, with the tokens of the later one. */
async function ensureIntegration(
  context: Context,
  businessId: string,
  { crmType, apiUrl }: { readonly crmType: CrmType; readonly apiUrl: string },
): Promise<IntegrationRow> {
  try {
    return await createIntegration(context, businessId, { crmType, apiUrl, credentials: {}, syncIntervalMinutes: 5 })
  } catch (error) {
    const exists = error instanceof Problem && error.code === 'integration_exists'
    const existing = exists ? await integrationOf(context, businessId) : null
    if (existing?.crmType === crmType) return existing
    throw error
  }
}

async function rememberAccount(context: Context, integrationId: string, accountId: string): Promise<void> {
  await context.db
    .update(oauthGrants)
    .set({ accountId })
    .where(and(eq(oauthGrants.integrationId, integrationId), isNull(oauthGrants.revokedAt)))
}
