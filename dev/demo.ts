// What a newcomer sees first: a salon is connected, tested and synced, through the public API only. Its webhook is
// shown after that, since a sale takes some seconds to come by it.
import { setTimeout as sleep } from 'node:timers/promises'
import { CRM_TYPES, type CrmType } from '#lib/crm-types.ts'
import { marketplaceLines, NEWCOMER_ID } from '#dev/marketplace-demo.ts'
import type { ServedSandbox } from '#dev/serve-sandbox.ts'
import { pageEntries } from '#dev/page-entries.ts'
import { createPageLink, PAGE_BUSINESS_ID } from '#dev/page-link.ts'
import { mintToken } from '#dev/token.ts'

const SCOPE = 'integrations:read integrations:write transactions:read'
const TOKEN_TTL_SECONDS = 30 * 86_400
const FIRST_SYNC_MS = 120_000
/** A sync that a kill has cut off holds its lease for a minute: a start does not wait for it. */
const SYNC_MS = 15_000
const ENDED = new Set(['succeeded', 'failed', 'cancelled'])
const POLL_MS = 150
const WEBHOOK_MS = 60_000

export interface Demo {
  readonly businessId: string
  readonly token: string
  readonly integrationId: string
  readonly report: string
  /** Pages, each with a session: of the demo, and of a business that can connect the same sandbox by these entries. */
  readonly pages: { readonly demo: string; readonly connect: string; readonly entries: readonly string[] }
  /** How another business installs the app from the marketplace; '' where there is none. */
  readonly install: string
  /** Sells something at the CRM and says how the sale arrived by itself. Null: this CRM sends no webhooks. */
  readonly showHook: (() => Promise<string>) | null
}

interface Api {
  readonly url: string
  readonly adminToken: string
  readonly jwtSecret: string
  /** A sign of life. */
  readonly say: (step: string) => void
}

export async function startDemo(api: Api, sandbox: ServedSandbox): Promise<Demo> {
  const { business, connection } = sandbox.sandbox
  const businessId = businessIdOf(connection.crmType)
  const token = await mintToken(api.jwtSecret, { businessId, scope: SCOPE, ttlSeconds: TOKEN_TTL_SECONDS })
  const call = caller(api.url, token)
  const asAdmin = caller(api.url, api.adminToken)
  await asAdmin('PUT', `/v1/businesses/${businessId}`, business)
  api.say(`Demo: ${business.name} is connected to a business here, and tested`)
  const { integrationId, isNew } = await connect(call, sandbox)
  const path = `/v1/integrations/${integrationId}`
  const test = await call<{ ok: boolean; latencyMs: number; capabilities: { name: string; ok: boolean }[] }>(
    'POST',
    `${path}/test`,
  )
  api.say('Demo: its sync is switched on and runs, at the pace that the CRM allows')
  // This enters our address at the CRM, too.
  const setup = await call<Setup>('PATCH', path, { syncEnabled: true })
  const run = await waitForRun(call, path, isNew ? FIRST_SYNC_MS : SYNC_MS)
  const checks = test.capabilities.map(({ name, ok }) => `${ok ? '✓' : '✗'} ${name}`).join('  ')
  const report = [
    `Connection test: ${test.ok ? 'passed' : 'failed'} in ${test.latencyMs} ms   ${checks}`,
    `${isNew ? 'First sync' : 'Sync'}: ${describeRun(run)}`,
  ]
  const showHook = hookOf({ call, path }, setup, sandbox)
  const install = await prepareInstall(api, asAdmin, sandbox)
  const pages = {
    demo: await createPageLink(api, businessId),
    connect: await preparePage(api, asAdmin, sandbox),
    entries: pageEntries(await call('GET', '/v1/crm-types'), sandbox),
  }
  return { businessId, token, integrationId, report: report.join('\n'), pages, install, showHook }
}

async function preparePage(api: Api, asAdmin: Call, { sandbox: { business } }: ServedSandbox): Promise<string> {
  await asAdmin('PUT', `/v1/businesses/${PAGE_BUSINESS_ID}`, business)
  return createPageLink(api, PAGE_BUSINESS_ID)
}

async function prepareInstall({ url, jwtSecret }: Api, asAdmin: Call, served: ServedSandbox): Promise<string> {
  const { newcomer, business } = served.sandbox
  if (!newcomer) return ''
  await asAdmin('PUT', `/v1/businesses/${NEWCOMER_ID}`, { ...business, name: newcomer.name })
  const token = await mintToken(jwtSecret, { businessId: NEWCOMER_ID, scope: SCOPE, ttlSeconds: TOKEN_TTL_SECONDS })
  return marketplaceLines(url, token, served)
}

/** A business of its own for each CRM type: a business has one integration. New types stand at the end of the list. */
function businessIdOf(type: CrmType): string {
  return `00000000-0000-4000-8000-${String(CRM_TYPES.indexOf(type) + 1).padStart(12, '0')}`
}

interface Connected {
  readonly call: Call
  readonly path: string
}

interface Setup {
  readonly webhookUrl: string | null
  readonly webhookSetup: { readonly registration: string | null } | null
}

/** Where the CRM has no API for it, a person enters our address there. */
function hookOf(at: Connected, { webhookUrl, webhookSetup }: Setup, { url, sandbox }: ServedSandbox): Demo['showHook'] {
  if (!webhookUrl || !webhookSetup || !sandbox.hooks) return null
  if (webhookSetup.registration === null) sandbox.hooks.address?.(webhookUrl)
  return async () => showHook(at, url)
}

/** Something is sold at the CRM, and its webhook brings it without a sync. */
async function showHook({ call, path }: Connected, sandboxUrl: string): Promise<string> {
  const since = encodeURIComponent(new Date().toISOString())
  const startedAt = Date.now()
  const body = JSON.stringify({ do: 'sell', rubles: 990 })
  await fetch(`${sandboxUrl}/_sandbox/edit`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  while (Date.now() - startedAt < WEBHOOK_MS) {
    const done = `${path}/webhook-deliveries?status=done&from=${since}&limit=1`
    const { items } = await call<{ items: { externalIds: string[] }[] }>('GET', done)
    const [externalId] = items.flatMap(({ externalIds }) => externalIds)
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
    if (externalId) return `Webhook: a sale of 990 ₽ (${externalId}) arrived by itself, ${seconds} s after it was made.`
    await sleep(POLL_MS)
  }
  return 'Webhook: none has arrived; the next sync brings the sale.'
}

type Call = <T>(method: string, path: string, body?: unknown) => Promise<T>

function caller(url: string, token: string): Call {
  return async <T>(method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the demo talks to our own API only
    return JSON.parse(text) as T
  }
}

/** A demo that exists is pointed at the sandbox's address, should that have moved. */
async function connect(
  call: Call,
  { url, sandbox }: ServedSandbox,
): Promise<{ readonly integrationId: string; readonly isNew: boolean }> {
  const { items } = await call<{ items: { id: string }[] }>('GET', '/v1/integrations')
  const [known] = items
  const { connection, addressed } = sandbox
  const additionalConfig = { ...connection.additionalConfig, ...addressed?.(url) }
  if (known) {
    const path = `/v1/integrations/${known.id}`
    // A new address needs the credentials anew, and what a person gave by consent ended with the sandbox that took it.
    await call('PATCH', path, { apiUrl: url, additionalConfig, credentials: connection.credentials })
    return { integrationId: known.id, isNew: false }
  }
  const { id } = await call<{ id: string }>('POST', '/v1/integrations', {
    ...connection,
    additionalConfig,
    apiUrl: url,
  })
  return { integrationId: id, isNew: true }
}

interface RunReport {
  readonly status: string
  readonly counters: Readonly<
    Record<'pages' | 'fetched' | 'inserted' | 'updated' | 'unchanged' | 'skipped' | 'quarantined', number>
  >
}

function describeRun({ status, counters }: RunReport): string {
  if (!ENDED.has(status)) return `${status}. One that was cut off goes on by itself within two minutes.`
  const { fetched, pages, inserted, updated, unchanged, skipped, quarantined } = counters
  return `${status}. ${fetched} records read in ${pages} pages: ${inserted} sales stored, ${updated} changed, ${unchanged} known already, ${skipped} not paid, ${quarantined} unreadable`
}

async function waitForRun(call: Call, path: string, patienceMs: number): Promise<RunReport> {
  const { id } = await call<{ id: string }>('POST', `${path}/sync`)
  const deadline = Date.now() + patienceMs
  for (;;) {
    const run = await call<RunReport>('GET', `${path}/runs/${id}`)
    if (ENDED.has(run.status) || Date.now() > deadline) return run
    await sleep(POLL_MS)
  }
}
