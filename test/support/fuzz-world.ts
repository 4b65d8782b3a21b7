// One business for each CRM, connected to its sandbox, so that every route has something to act on.
import type { Route } from '#api/route.ts'
import { createOneCSandbox } from '#sandbox/1c.ts'
import { createAmoSandbox } from '#sandbox/amo_crm.ts'
import { createCsvSandbox } from '#sandbox/csv.ts'
import { createIikoSandbox } from '#sandbox/iiko.ts'
import { createRenovatioSandbox } from '#sandbox/renovatio.ts'
import type { Sandbox } from '#sandbox/sandbox.ts'
import { createYclientsSandbox, type YclientsSandbox } from '#sandbox/yclients.ts'
import { secretOf } from '#integrations/webhook-token.ts'
import { createTestContext, SANDBOX_URL, type TestContext, type VendorServer } from '#test/context.ts'
import { type Answer, caller, connect, type Connected, createTenant, sync } from '#test/tenants.ts'
import { adminToken, token } from '#test/tokens.ts'

export interface FuzzWorld {
  readonly context: TestContext
  readonly token: string
  readonly adminToken: string
  /** Of businesses with and without an integration, and of integrations. */
  readonly ids: readonly string[]
  /** What the parameters of paths may be. */
  readonly params: Readonly<Record<string, readonly string[]>>
  readonly hookPaths: readonly string[]
  readonly hookSecrets: readonly string[]
  /** What the CRMs send there. */
  readonly hookBodies: readonly unknown[]
  readonly removeCreated: (route: Route, answer: Answer) => Promise<void>
}

const CALLBACK = 'https://api.example.com/v1/oauth/amo_crm/callback'
const YEAR_SECONDS = 365 * 86_400

const ID = '8f1a3c52-6f0e-4f5b-9a4e-3d1c2b7a9e10'
const TIME = '2026-01-01T00:00:00'
const HOOK_BODIES = [
  { company_id: 1, resource: 'record', resource_id: 1, status: 'update', data: { last_change_date: `${TIME}+0300` } },
  {
    company_id: 1,
    resource: 'finances_operation',
    resource_id: 1,
    status: 'create',
    data: { document_id: 2, amount: 1 },
  },
  [{ eventType: 'DeliveryOrderUpdate', organizationId: ID, eventInfo: { id: ID, timestamp: 1, order: {} } }],
  {
    account: { subdomain: 'x' },
    leads: { status: [{ id: '5', status_id: '142', price: '1', updated_at: '1700000000' }] },
  },
  { account: { subdomain: 'x' }, catalogs: { add: [{ id: '5', catalog_id: '1' }] } },
  { event: 'create_invoice', data: [{ number: '1', appointment_id: '2', date: TIME, clinic_id: '1', services: [] }] },
  { entity: 'Document_ЧекККМ', ref_key: ID, DataVersion: 'AAAA', object: { Posted: true, Date: TIME } },
  [{ entity: 'Документ.ЧекККМ', Ссылка: ID }, { event: 'ping' }],
]

function inMarketplace(prefix: string, { app }: YclientsSandbox['marketplace']): Readonly<Record<string, string>> {
  return {
    [`${prefix}_PARTNER_TOKEN`]: app.partnerToken,
    [`${prefix}_APPLICATION_ID`]: app.applicationId,
    [`${prefix}_USER_TOKEN`]: app.userToken,
    [`${prefix}_API_URL`]: SANDBOX_URL,
  }
}

export async function createFuzzWorld(): Promise<FuzzWorld> {
  const amo = createAmoSandbox({ redirectUri: CALLBACK })
  const salons = createYclientsSandbox({})
  const sandboxes = [
    ...[salons, amo, createIikoSandbox({}), createRenovatioSandbox({}), createOneCSandbox({})],
    createCsvSandbox({}),
  ]
  const { clientId, clientSecret } = amo.consent.app
  const context = createTestContext(serveAll(sandboxes), {
    ...{ AMO_CRM_CLIENT_ID: clientId, AMO_CRM_CLIENT_SECRET: clientSecret, AMO_CRM_REDIRECT_URI: CALLBACK },
    ...{ AMO_CRM_CONSENT_URL: `${SANDBOX_URL}/amo_crm/oauth`, CORS_ORIGINS: 'https://app.example.com' },
    ...inMarketplace('YCLIENTS', salons.marketplace),
    ...inMarketplace('ALTEGIO', salons.marketplace),
  })
  const connected: Connected[] = []
  for (const sandbox of sandboxes) connected.push(await connectTo(context, sandbox))
  const [first] = connected
  if (!first) throw new Error('no sandbox')
  const run = await sync(first)
  const blank = await createTenant(context)
  const hookPaths = (await Promise.all(connected.map(hookPathOf))).filter((path) => path !== null)
  const secrets = hookPaths.map(async (path) => (await secretOf(context, path.split('/').at(-1) ?? '')).reveal())
  const hookSecrets = await Promise.all(secrets)
  const integrationIds = connected.map(({ integrationId }) => integrationId)
  return {
    context,
    // Its own business has the first of the integrations; most runs are allowed to see all of them.
    token: await longToken({ business_id: first.businessId }),
    adminToken: await longToken({ scope: 'admin' }),
    ids: [first.businessId, blank.businessId, ...integrationIds],
    params: {
      integrationId: [first.integrationId, ...integrationIds],
      fileIntegrationId: integrationIds.slice(-1),
      businessId: [first.businessId, crypto.randomUUID()],
      runId: [run.id],
      ...{ name: ['till'], n: ['1'], uploadId: [crypto.randomUUID()] },
    },
    hookPaths,
    hookSecrets,
    hookBodies: HOOK_BODIES,
    removeCreated: async ({ path }, { json }) => {
      if (path !== '/v1/integrations') return
      await caller(context, await adminToken())('DELETE', `${path}/${json.id}`)
    },
  }
}

async function hookPathOf({ call, path }: Connected): Promise<string | null> {
  const url: string | null = (await call('GET', path)).json.webhookUrl
  return url === null ? null : new URL(url).pathname
}

async function longToken(claims: Readonly<Record<string, unknown>>): Promise<string> {
  return token({ exp: Math.floor(Date.now() / 1000) + YEAR_SECONDS, ...claims })
}

async function connectTo(context: TestContext, { connection, addressed }: Sandbox): Promise<Connected> {
  const apiUrl = `${SANDBOX_URL}/${connection.crmType}`
  const additionalConfig = { ...connection.additionalConfig, ...addressed?.(apiUrl) }
  return connect(context, { ...connection, apiUrl, additionalConfig })
}

/** Each at a path of its own. */
function serveAll(sandboxes: readonly Sandbox[]): VendorServer {
  const byType = new Map<string | undefined, Sandbox>(sandboxes.map((sandbox) => [sandbox.connection.crmType, sandbox]))
  return {
    fetch: async (request) => {
      const { pathname, search } = new URL(request.url)
      const [, type, ...rest] = pathname.split('/')
      const sandbox = byType.get(type)
      if (!sandbox) return new Response('nothing here', { status: 404 })
      return sandbox.app.fetch(new Request(`${SANDBOX_URL}/${rest.join('/')}${search}`, request))
    },
  }
}
