// The second half of a consent: the business that began it redeems the ticket. Only now the code is exchanged, and what
// it opens is stored, tested and shown.
import { and, eq, isNull } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { CrmType } from '#lib/crm-types.ts'
import type { TokenSet } from '#crm/oauth.ts'
import { connectorOf } from '#crm/registry.ts'
import { oauthGrants } from '#db/schema/oauth-grants.ts'
import { CrmError } from '#lib/crm-error.ts'
import { Problem } from '#lib/errors.ts'
import { createIntegration } from '#integrations/create.ts'
import { listIntegrations } from '#integrations/list.ts'
import { findIntegration, type IntegrationRow } from '#integrations/queries.ts'
import { isOtherAccount, otherAccount } from '#integrations/other-account.ts'
import { testAndResume } from '#integrations/resume.ts'
import type { ConnectionReport, TestRequest } from '#integrations/test-connection.ts'
import type { CreateIntegration } from '#integrations/schema.ts'
import { updateIntegration } from '#integrations/update.ts'
import { encodePair } from '#connections/grant.ts'
import { vendorHttp } from '#connections/vendor-http.ts'
import { flowOf } from '#oauth/start-consent.ts'
import { redeemTicket } from '#oauth/states.ts'

/**
 * A code can be exchanged once, so a lost answer costs the person a new consent: twice the 20 s of an ordinary call.
 * A browser may give up after a minute. Chosen, not measured.
 */
const EXCHANGE_MS = 40_000

export interface Confirmation extends TestRequest {
  readonly crmType: CrmType
  readonly ticket: string
  readonly tenant: string | null
}

export interface Confirmed {
  readonly row: IntegrationRow
  readonly report: ConnectionReport
}

/**
 * Throws Problem: `misconfigured`, `not_found` (also another business's ticket), `ticket_used`, `integration_exists`
 * (of another CRM), `other_account`, `consent_failed`, `crm_unavailable`.
 */
export async function confirmConsent(context: Context, input: Confirmation): Promise<Confirmed> {
  const { crmType } = input
  if (!flowOf(context, crmType, null)) throw new Problem('misconfigured')
  const parked = await redeemTicket(context, input)
  if (parked.crmType !== crmType) throw new Problem('not_found')
  const { businessId, subject, apiUrl, code, brand } = parked
  const existing = await integrationOf(context, businessId)
  if (existing && existing.crmType !== crmType) {
    throw new Problem('integration_exists', {
      detail: {
        en: 'The business has another CRM. Delete that integration first.',
        ru: 'У компании подключена другая CRM. Сначала удалите то подключение.',
      },
    })
  }
  const set = await exchange(context, { crmType, apiUrl, code, brand })
  context.log.info('consent_given', { businessId, crmType, subject })
  return connect(context, input, { businessId, existing, set, brand })
}

async function integrationOf(context: Context, businessId: string): Promise<IntegrationRow | null> {
  const { items } = await listIntegrations(context, { tenant: businessId, limit: 1 })
  return items[0] ?? null
}

interface Exchange {
  readonly crmType: CrmType
  readonly apiUrl: string
  readonly code: string
  readonly brand: string | null
}

async function exchange(context: Context, { crmType, apiUrl, code, brand }: Exchange): Promise<TokenSet> {
  const flow = flowOf(context, crmType, brand)
  if (!flow) throw new Problem('misconfigured')
  const { egressAllowOrigins: allowOrigins } = context.config
  const http = vendorHttp(context, { ...connectorOf(crmType).pace, timeoutMs: EXCHANGE_MS })
  try {
    return await flow.oauth.exchange({ app: flow.app, http, apiUrl, allowOrigins }, code)
  } catch (error) {
    if (!(error instanceof CrmError)) throw error
    context.log.warn('code_exchange_failed', { crmType, kind: error.kind, reason: error.reason })
    throw error.kind === 'auth'
      ? new Problem('consent_failed', {
          detail: {
            en: 'The CRM no longer takes the code: it was used or is too old.',
            ru: 'CRM больше не принимает этот код: он использован или устарел.',
          },
        })
      : new Problem('crm_unavailable', {
          detail: {
            en: 'The consent could not be exchanged for access. Begin again; if that does not help, the operator has to check the registration with the CRM.',
            ru: 'Не удалось получить доступ по этому согласию. Начните заново; если не поможет, регистрацию в CRM должен проверить оператор сервиса.',
          },
        })
  }
}

interface Consent {
  readonly businessId: string
  readonly existing: IntegrationRow | null
  readonly set: TokenSet
  readonly brand: string | null
}

/**
 * Stores the tokens before they are used, then tests the connection with them: the test shows what the consent allows.
 */
async function connect(
  context: Context,
  { crmType, language, requestUrl, showsSales, masksCustomers = false }: Confirmation,
  { businessId, existing, set, brand }: Consent,
): Promise<Confirmed> {
  const { apiUrl, accountId } = set
  const stored = existing?.account ?? null
  if (stored && accountId !== null && isOtherAccount(stored, { externalId: accountId, name: '', locations: [] })) {
    throw otherAccount(stored)
  }
  const row =
    existing ??
    (await ensureIntegration(context, businessId, { crmType, apiUrl, accountId, ...brandOf(crmType, brand) }))
  const test = { language, requestUrl, showsSales, masksCustomers }
  const target = { integrationId: row.id, tenant: businessId, ...test, precondition: null }
  const grant = { accountId, brand, expiresInSeconds: set.expiresInSeconds }
  const change = { apiUrl, credentials: { apiKey: encodePair(set) }, ...brandOf(crmType, brand) }
  await updateIntegration(context, { ...target, grant, change, mergesConfig: true })
  const report = await testAndResume(context, { ...target, isUncounted: true })
  if (!report) throw new Problem('not_found')
  if (report.account) await rememberAccount(context, row.id, report.account.externalId)
  const connected = await findIntegration(context.db, row.id, businessId)
  if (!connected) throw new Problem('not_found')
  return { row: connected, report }
}

/** What an integration keeps of a registration that is not the vendor's usual one. */
function brandOf(crmType: CrmType, brand: string | null): { readonly additionalConfig?: { readonly brand: string } } {
  const [usual] = connectorOf(crmType).oauth?.brands ?? []
  return brand === null || brand === usual ? {} : { additionalConfig: { brand } }
}

interface NewAccount extends Pick<CreateIntegration, 'additionalConfig'> {
  readonly crmType: CrmType
  readonly apiUrl: string
  readonly accountId: string | null
}

/** Two consents of one business at the same time make one integration, with the tokens of the later one. */
async function ensureIntegration(context: Context, businessId: string, account: NewAccount): Promise<IntegrationRow> {
  const { crmType } = account
  try {
    return await createIntegration(context, businessId, { ...account, credentials: {}, syncIntervalMinutes: 5 })
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
