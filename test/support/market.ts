// A service with an app in a marketplace, and a chain of salons whose owner installs it.
import { sql } from 'drizzle-orm'
import { createYclientsSandbox, type SandboxOptions, type YclientsSandbox } from '#sandbox/yclients.ts'
import { createTestContext, SANDBOX_URL, type TestContext } from '#test/context.ts'
import { type Answer, caller, createTenant, request, serveInProcess, type Tenant } from '#test/tenants.ts'
import { adminToken } from '#test/tokens.ts'

export interface Market {
  readonly context: TestContext
  readonly sandbox: YclientsSandbox
  readonly brand: 'yclients' | 'altegio'
  readonly admin: Tenant['call']
}

const RETURN_URL = 'https://app.example.com/connect'

export async function createMarket(
  options: SandboxOptions & { readonly variables?: Readonly<Record<string, string>> } = {},
): Promise<Market> {
  const { variables = {}, brand = 'yclients', ...rest } = options
  let now = () => new Date()
  // The database knows each branch once, and other tests have branches too.
  const firstBranch = 1_000_000 + Math.floor(Math.random() * 900_000_000)
  const sandbox = createYclientsSandbox({ now: () => now(), brand, firstBranch, ...rest })
  const { app, card } = sandbox.marketplace
  const prefix = brand.toUpperCase()
  const context = createTestContext(serveInProcess(sandbox), {
    [`${prefix}_PARTNER_TOKEN`]: app.partnerToken,
    [`${prefix}_APPLICATION_ID`]: app.applicationId,
    [`${prefix}_USER_TOKEN`]: app.userToken,
    [`${prefix}_API_URL`]: SANDBOX_URL,
    MARKETPLACE_RETURN_URL: RETURN_URL,
    ...variables,
  })
  now = () => context.clock.now()
  card.registrationUrl = `https://api.example.com/v1/marketplace/${brand}/install`
  card.callbackUrl = `https://api.example.com/v1/marketplace/${brand}/events`
  return { context, sandbox, brand, admin: caller(context, await adminToken()) }
}

export async function createOwner({ context }: Market): Promise<Tenant> {
  return createTenant(context)
}

/** What the owner's browser does after the click; `url` is where the vendor sends it. */
export async function arrive({ context }: Market, url: string): Promise<Answer & { readonly ticket: string }> {
  const { pathname, search } = new URL(url)
  const answer = await request(context, `${pathname}${search}`)
  const { hash } = new URL(answer.headers.get('location') ?? 'https://nowhere.example')
  return { ...answer, ticket: new URLSearchParams(hash.slice(1)).get('ticket') ?? '' }
}

/** The owner clicks "connect" for these branches; the first one when left out. */
export async function click(
  market: Market,
  branchIds = [firstOf(market)],
  options: Parameters<YclientsSandbox['marketplace']['connect']>[1] = {},
): Promise<string> {
  const { ticket } = await arrive(market, await market.sandbox.marketplace.connect(branchIds, options))
  return ticket
}

export function firstOf({ sandbox }: Pick<Market, 'sandbox'>): string {
  return sandbox.credentials.companyId
}

export async function claim({ call }: Pick<Tenant, 'call'>, ticket: string, more: object = {}): Promise<Answer> {
  return call('POST', '/v1/marketplace/installs/claim', { ticket, ...more })
}

/** Hands on what the vendor has sent to our address for events. */
export async function hearEvents({ context, sandbox }: Market): Promise<number[]> {
  const events = sandbox.hooks.sent.filter(({ url }) => url.includes('/v1/marketplace/'))
  sandbox.hooks.sent.splice(0)
  const statuses: number[] = []
  for (const { url, headers, body } of events) {
    const { status } = await request(context, new URL(url).pathname, { method: 'POST', headers, body })
    statuses.push(status)
  }
  return statuses
}

interface InstallRow extends Record<string, unknown> {
  readonly state: string
  readonly business_id: string
  readonly integration_id: string | null
  readonly last_error: string | null
  readonly missing_nights: number
}

export async function installOf({ context, brand }: Market, branchId: string): Promise<InstallRow | undefined> {
  const { rows } = await context.db.execute<InstallRow>(sql`
    select state, business_id, integration_id, last_error, missing_nights from marketplace_installs
    where brand = ${brand} and branch_id = ${branchId}`)
  return rows[0]
}

/** As if so much time had passed for what the database remembers of a branch. */
export async function pass({ context, brand }: Market, branchId: string, minutes: number): Promise<void> {
  await context.db.execute(sql`
    update marketplace_installs set next_step_at = next_step_at - ${minutes}::int * interval '1 minute',
      deadline_at = deadline_at - ${minutes}::int * interval '1 minute'
    where brand = ${brand} and branch_id = ${branchId}`)
}
