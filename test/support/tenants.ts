// Private tenants: every test mints its own business and integration through the public API.
import type { Sandbox } from '#sandbox/sandbox.ts'
import { createYclientsSandbox, type SandboxOptions, type YclientsSandbox } from '#sandbox/yclients.ts'
import { createTestContext, SANDBOX_URL, type TestContext, type VendorServer } from '#test/context.ts'
import { adminToken, tenantToken } from '#test/tokens.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The parsed body; tests look into it by path. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests assert on the shapes they read
  readonly json: any
}

export interface Tenant {
  readonly context: TestContext
  readonly businessId: string
  readonly call: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>
}

export interface Connected extends Tenant {
  readonly integrationId: string
  /** `/v1/integrations/{id}` */
  readonly path: string
}

export interface Salon extends Connected {
  readonly sandbox: YclientsSandbox
}

export async function request(context: TestContext, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await context.app.fetch(new Request(`https://api.example.com${path}`, init))
  const text = await response.text()
  const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '')
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : null }
}

export function caller(context: TestContext, bearer: string): Tenant['call'] {
  return async (method, path, body, headers = {}) =>
    request(context, path, {
      method,
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: isRaw(body) ? body : JSON.stringify(body) }),
    })
}

function isRaw(body: unknown): body is string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> {
  return typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream
}

export async function createTenant(context: TestContext): Promise<Tenant> {
  const businessId = crypto.randomUUID()
  const admin = caller(context, await adminToken())
  const business = { name: 'Салон «Проба»', timezone: 'Europe/Moscow', currency: 'RUB' }
  const { status, text } = await admin('PUT', `/v1/businesses/${businessId}`, business)
  if (status !== 200 && status !== 201) throw new Error(text)
  return { context, businessId, call: caller(context, await tenantToken(businessId)) }
}

/** A sandbox over this process instead of a socket; a reset is what fetch makes of one. */
export function serveInProcess(sandbox: Pick<Sandbox, 'app' | 'faults'>): VendorServer {
  const reset = (): Response => {
    throw new TypeError('the connection was reset')
  }
  return { fetch: sandbox.faults.wrap(async (request) => sandbox.app.fetch(request), reset) }
}

export interface SalonOptions extends SandboxOptions {
  readonly settings?: Readonly<Record<string, unknown>>
  readonly variables?: Readonly<Record<string, string>>
}

/**
 * A business with a YCLIENTS integration on a sandbox of its own, not tested and not switched on. Without demo data its
 * first sync looks back five weeks unless the settings say otherwise: fewer periods to ask for.
 */
export async function createSalonTenant(options: SalonOptions = {}): Promise<Salon> {
  const { settings, variables = {}, ...rest } = options
  const additionalConfig = { ...(!options.demo && { initialDays: 35 }), ...settings }
  return createVendorTenant((now) => createYclientsSandbox({ now, ...rest }), { settings: additionalConfig, variables })
}

/**
 * A business with an integration on a sandbox of its own that runs by the test's clock, not tested and not switched on.
 */
export async function createVendorTenant<S extends Sandbox>(
  create: (now: () => Date) => S,
  { settings = {}, variables = {} }: Pick<SalonOptions, 'settings' | 'variables'> = {},
): Promise<Connected & { readonly sandbox: S }> {
  let now = () => new Date()
  const sandbox = create(() => now())
  const context = createTestContext(serveInProcess(sandbox), variables)
  now = () => context.clock.now()
  const { connection, addressed } = sandbox
  const additionalConfig = { ...connection.additionalConfig, ...addressed?.(SANDBOX_URL), ...settings }
  return { ...(await connect(context, { ...connection, apiUrl: SANDBOX_URL, additionalConfig })), sandbox }
}

/** A business of its own with this integration, not tested and not switched on. */
export async function connect(context: TestContext, integration: unknown): Promise<Connected> {
  const tenant = await createTenant(context)
  const created = await tenant.call('POST', '/v1/integrations', integration)
  if (created.status !== 201) throw new Error(created.text)
  const integrationId: string = created.json.id
  return { ...tenant, integrationId, path: `/v1/integrations/${integrationId}` }
}

/** Starts a manual run, lets the queue work it off, and answers with how it ended. */
// oxlint-disable-next-line typescript/no-explicit-any -- as above
export async function sync({ call, path, context }: Connected): Promise<any> {
  const started = await call('POST', `${path}/sync`)
  if (started.status !== 202) throw new Error(started.text)
  await context.drain()
  return (await call('GET', `${path}/runs/${started.json.id}`)).json
}

/** All transactions of an integration, oldest id first, through the API's own pages. */
// oxlint-disable-next-line typescript/no-explicit-any -- as above
export async function allTransactions({ call, path }: Pick<Connected, 'call' | 'path'>): Promise<any[]> {
  const items = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const { json } = await call('GET', `${path}/transactions?limit=200${cursor && `&cursor=${cursor}`}`)
    items.push(...json.items)
    cursor = json.nextCursor
  }
  return items.toSorted((a, b) => (a.externalId < b.externalId ? -1 : 1))
}
