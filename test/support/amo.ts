// Private tenants on an amoCRM of their own: with a long-lived token, or connected by a person's consent.
import { sql } from 'drizzle-orm'
import { type AmoSandbox, type AmoSandboxOptions, createAmoSandbox } from '#sandbox/amo_crm.ts'
import { SANDBOX_URL, type TestContext } from '#test/context.ts'
import {
  type Answer,
  allTransactions,
  type Connected,
  createTenant,
  createVendorTenant,
  request,
  serveInProcess,
  type Tenant,
} from '#test/tenants.ts'
import { createTestContext } from '#test/context.ts'

export interface AmoTenant extends Connected {
  readonly sandbox: AmoSandbox
}

const CALLBACK = 'https://api.example.com/v1/oauth/amo_crm/callback'
/** An origin of the product. */
export const PRODUCT = 'https://app.example.com'
const APP = {
  CORS_ORIGINS: PRODUCT,
  AMO_CRM_REDIRECT_URI: CALLBACK,
  AMO_CRM_CONSENT_URL: `${SANDBOX_URL}/oauth`,
}

interface AmoTenantOptions extends AmoSandboxOptions {
  readonly settings?: Readonly<Record<string, unknown>>
  readonly variables?: Readonly<Record<string, string>>
}

export async function createAmoTenant(options: AmoTenantOptions = {}): Promise<AmoTenant> {
  const { settings = {}, variables = {}, ...rest } = options
  return createVendorTenant((now) => createAmoSandbox({ now, ...rest }), { settings, variables })
}

export interface Undecided extends Tenant {
  readonly sandbox: AmoSandbox
}

/** A business without an integration, in a service that is registered with its amoCRM. */
export async function createUndecided(options: AmoTenantOptions = {}): Promise<Undecided> {
  const { variables = {}, settings: _, ...rest } = options
  let now = () => new Date()
  // An account of its own: a notice of disconnection is about all integrations of one.
  const accountId = 10_000_000 + Math.floor(Math.random() * 1_000_000_000_000)
  const sandbox = createAmoSandbox({ now: () => now(), redirectUri: CALLBACK, accountId, ...rest })
  const { clientId, clientSecret } = sandbox.consent.app
  const app = { AMO_CRM_CLIENT_ID: clientId, AMO_CRM_CLIENT_SECRET: clientSecret, ...APP }
  const context = createTestContext(serveInProcess(sandbox), { ...app, ...variables })
  now = () => context.clock.now()
  return { ...(await createTenant(context)), sandbox }
}

/** The address of the consent page. */
export async function authorize({ call }: Tenant, returnUrl: string | null = `${PRODUCT}/settings`): Promise<string> {
  const search = returnUrl === null ? '' : `?returnUrl=${encodeURIComponent(returnUrl)}`
  const { status, json, text } = await call('GET', `/v1/oauth/amo_crm/authorize${search}`)
  if (status !== 200) throw new Error(text)
  return json.url
}

/** What the person's browser does there; the query with which it comes back. */
export async function decide(
  { sandbox }: Undecided,
  consentUrl: string,
  decision: 'allow' | 'deny' = 'allow',
): Promise<URLSearchParams> {
  const { searchParams } = new URL(consentUrl)
  const body = new URLSearchParams({ state: searchParams.get('state') ?? '', decision })
  const answer = await sandbox.app.fetch(new Request(`${SANDBOX_URL}/oauth/decide`, { method: 'POST', body }))
  return new URL(answer.headers.get('location') ?? '').searchParams
}

export async function comeBack(context: TestContext, query: URLSearchParams, language = 'en') {
  return request(context, `/v1/oauth/amo_crm/callback?${query.toString()}`, {
    headers: { 'accept-language': language },
  })
}

/** What the fragment of the address says that the browser is sent on to: `ticket` or `error`. */
export function fragmentOf({ headers }: Answer): Record<string, string> {
  const { hash } = new URL(headers.get('location') ?? '', PRODUCT)
  return Object.fromEntries(new URLSearchParams(hash.slice(1)))
}

/** The business's own session redeems the ticket. */
export async function confirm({ call }: Tenant, ticket = '', language = 'en'): Promise<Answer> {
  return call('POST', '/v1/oauth/amo_crm/confirm', { ticket }, { 'accept-language': language })
}

/** All of it, by one person in one browser. */
export async function consent(tenant: Undecided): Promise<Answer> {
  const back = await comeBack(tenant.context, await decide(tenant, await authorize(tenant)))
  return confirm(tenant, fragmentOf(back)['ticket'])
}

/** A business that a person has connected through the consent page. */
export async function createConsented(options: AmoTenantOptions = {}): Promise<AmoTenant> {
  const undecided = await createUndecided(options)
  const { status, json, text } = await consent(undecided)
  if (status !== 200) throw new Error(text)
  const integrationId: string = json.id
  const path = `/v1/integrations/${integrationId}`
  if (options.settings) await undecided.call('PATCH', path, { additionalConfig: options.settings })
  undecided.sandbox.requests.length = 0
  return { ...undecided, integrationId, path }
}

export interface GrantRow extends Record<string, unknown> {
  readonly generation: number
  readonly account_id: string | null
  readonly is_fenced: boolean
  readonly has_previous: boolean
  readonly is_dead: boolean
}

export async function grantOf({ context, integrationId }: AmoTenant): Promise<GrantRow | undefined> {
  const { rows } = await context.db.execute<GrantRow>(sql`
    select generation, account_id, coalesce(fence_until > now(), false) as is_fenced,
      previous_token is not null as has_previous, revoked_at is not null as is_dead
    from oauth_grants where integration_id = ${integrationId}::uuid`)
  return rows[0]
}

/** The access token's time is up, as after a day. */
export async function expireAccess({ context, integrationId }: AmoTenant): Promise<void> {
  await context.db.execute(sql`
    update oauth_grants set access_until = now() - interval '1 second' where integration_id = ${integrationId}::uuid`)
}

/** The time for which an unanswered refresh keeps all others away is over. */
export async function lapseFence({ context, integrationId }: AmoTenant): Promise<void> {
  await context.db.execute(sql`
    update oauth_grants set fence_until = now() where integration_id = ${integrationId}::uuid and fence_until is not null`)
}

/** The stored transactions in the terms of the account's ledger. */
export async function storedLedger(tenant: Pick<Connected, 'call' | 'path'>) {
  const items = await allTransactions(tenant)
  return items.map((item) => ({
    externalId: item.externalId,
    status: item.status,
    amountMinor: item.amountMinor,
    occurredAt: new Date(item.occurredAt).toISOString(),
    customerId: item.customer?.externalId ?? null,
  }))
}
