// Calls every operation, right and wrong. Each answer is held to the document by `#test/documented.ts`, here as in
// every test; this one sees to it that none of the document's answers goes without a call.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { ROUTES } from '#api/routes.ts'
import { disconnectQuery } from '#sandbox/amo_crm/consent.ts'
import { PROBLEMS } from '#lib/errors.ts'
import { authorize, comeBack, confirm, createUndecided, decide, fragmentOf } from '#test/amo.ts'
import { createTestContext, SANDBOX_URL } from '#test/context.ts'
import { DOCUMENT, flawOf } from '#test/documented.ts'
import { callChecks } from '#test/called-checks.ts'
import { callFiles } from '#test/called-files.ts'
import { createFileTenant } from '#test/files.ts'
import { paidVisit, post, visitEvent, workOffHooks } from '#test/hooks.ts'
import { arrive, claim, createMarket, createOwner, firstOf, hearEvents } from '#test/market.ts'
import { createRecorder, endingRuns } from '#test/recorded.ts'
import { createSession, newBrowser, openLink } from '#test/sessions.ts'
import { caller, type Connected, createSalonTenant, createTenant, request, type Salon } from '#test/tenants.ts'
import { adminToken, tenantToken } from '#test/tokens.ts'

const { seen, succeeded, record } = createRecorder()

async function recorded<T extends Connected>(tenant: T): Promise<T> {
  const context = record(tenant.context)
  return { ...tenant, context, call: caller(context, await tenantToken(tenant.businessId)) }
}

async function statuses(calls: readonly Promise<{ readonly status: number }>[]): Promise<number[]> {
  return Promise.all(calls.map(async (call) => (await call).status))
}

const example = (name: string) => DOCUMENT.components.examples[name].value

it('a business and its integration', async () => {
  const salon = await recorded(await createSalonTenant())
  const admin = caller(salon.context, await adminToken())
  const business = `/v1/businesses/${crypto.randomUUID()}`
  expect((await admin('PUT', business, example('PutBusiness'))).status).toBe(201)
  expect((await admin('PUT', business, example('PutBusiness'))).status).toBe(200)
  expect((await admin('GET', business)).json).toMatchObject(example('PutBusiness'))
  expect((await admin('POST', `${business}/erasures`, example('EraseCustomer'))).status).toBe(200)
  expect((await admin('DELETE', business)).status).toBe(204)
  expect((await salon.call('GET', '/v1/crm-types')).status).toBe(200)
  const { apiKey, apiSecret, companyId } = salon.sandbox.credentials
  const connection = { crmType: 'yclients', apiUrl: SANDBOX_URL, credentials: { apiKey, apiSecret } }
  const whole = { ...connection, additionalConfig: { companyId } }
  expect((await salon.call('POST', '/v1/integrations', whole)).json.code).toBe('integration_exists')
  const other = await createTenant(salon.context)
  const created = await other.call('POST', '/v1/integrations', whole)
  const path: string = created.headers.get('location') ?? ''
  expect((await other.call('GET', '/v1/integrations?limit=1')).json.items).toHaveLength(1)
  const etag = (await other.call('GET', path)).headers.get('etag') ?? ''
  expect((await other.call('GET', path, undefined, { 'if-none-match': etag })).status).toBe(304)
  expect((await other.call('POST', `${path}/test`)).json.ok).toBe(true)
  const changes = [
    other.call('PATCH', path, { syncIntervalMinutes: 7 }),
    other.call('PATCH', path, { syncIntervalMinutes: 7 }, { 'if-match': '"of another version"' }),
    other.call('PATCH', path, { credentials: { apiKey: 'wrong' }, syncEnabled: true }),
    other.call('PATCH', path, { additionalConfig: { companyId, brand: 'altegio' }, apiUrl: null }),
  ]
  expect((await Promise.all(changes)).map(({ json }) => json.code)).toEqual([
    ...[undefined, 'precondition_failed', 'connection_test_failed', 'credentials_required'],
  ])
  expect((await other.call('POST', `${path}/webhook-token`)).status).toBe(200)
  for (const method of ['POST', 'DELETE']) {
    expect((await other.call(method, `${path}/webhook-registration`)).status).toBe(200)
  }
  expect((await other.call('DELETE', `${path}?keep=transactions`)).status).toBe(204)
  const kept = `/v1/businesses/${other.businessId}/transactions`
  expect((await other.call('GET', kept)).status).toBe(200)
})

it('runs, their sales, and what the CRM reports', async () => {
  const salon = await recorded(await createSalonTenant())
  paidVisit(salon)
  const { call, path } = salon
  const keyed = { 'idempotency-key': crypto.randomUUID() }
  const started = await call('POST', `${path}/sync`, undefined, keyed)
  expect((await call('POST', `${path}/sync`, undefined, keyed)).headers.get('idempotency-replayed')).toBe('true')
  expect((await call('POST', `${path}/sync?wait=1`, undefined, keyed)).json.code).toBe('idempotency_key_reused')
  const { id } = started.json
  const waiting = await recorded({ ...salon, context: endingRuns(salon.context) })
  expect((await waiting.call('POST', `${path}/sync?wait=20`)).status).toBe(200)
  const events = await call('GET', `${path}/runs/${id}/events`)
  const lastEventId = /^id: (.*)$/m.exec(events.text)?.[1] ?? ''
  expect(flawOf({ $ref: '#/components/schemas/Run' }, JSON.parse(/^data: (.*)$/m.exec(events.text)?.[1] ?? ''))).toBe(
    null,
  )
  expect((await call('GET', `${path}/runs/${id}/events`, undefined, { 'last-event-id': lastEventId })).status).toBe(204)
  expect((await call('GET', `${path}/runs`)).json.items).toHaveLength(1)
  await pastOf(salon)
  const { json } = await call('GET', `${path}/transactions?limit=1`)
  const lists = [
    'changes',
    'issues',
    `transactions/${json.items[0].id}/history`,
    `explanation?externalId=${json.items[0].externalId}`,
    'transactions/export',
    'quarantine',
  ].concat('transactions/summary?from=2026-01-01&to=2026-12-31&groupBy=month')
  expect(new Set(await statuses(lists.map(async (list) => call('GET', `${path}/${list}`))))).toEqual(new Set([200]))
  const lines = (await call('GET', `${path}/transactions/export?format=ndjson`)).text.trim().split('\n')
  for (const line of lines) expect(flawOf({ $ref: '#/components/schemas/Transaction' }, JSON.parse(line))).toBe(null)
  await deliveriesTo(salon)
})

async function pastOf({ call, path, context }: Salon) {
  const backfill = async (query = '') => call('POST', `${path}/backfill${query}`, example('Backfill'))
  expect((await backfill('?dryRun=true')).status).toBe(200)
  const { json: run } = await backfill()
  expect((await call('POST', `${path}/runs/${run.id}/cancel`)).status).toBe(202)
  expect((await call('POST', `${path}/runs/${run.id}/confirm`)).json.code).toBe('nothing_to_confirm')
  for (let waiting = 1; waiting < 5; waiting += 1) await backfill()
  expect((await call('POST', `${path}/quarantine/retry`)).status).toBe(202)
  expect((await call('POST', `${path}/quarantine/retry`)).status).toBe(202)
  await backfill()
  expect((await backfill()).json.code).toBe('too_many_runs')
  context.messages.length = 0
}

it('checks', async () => callChecks(await recorded(await createSalonTenant())))

async function deliveriesTo(salon: Salon) {
  const { call, path, context } = salon
  expect((await post(salon, visitEvent(1))).status).toBe(200)
  const { pathname } = new URL((await call('GET', path)).json.webhookUrl)
  expect((await request(context, `${pathname}?company_id=1`)).status).toBe(200)
  expect((await request(context, pathname.slice(0, -1), { method: 'POST', body: '[]' })).status).toBe(404)
  expect((await post(salon, 'x'.repeat(1_000_001))).status).toBe(413)
  expect((await post(salon, 'no json')).status).toBe(200)
  await workOffHooks(salon)
  const { json } = await call('GET', `${path}/webhook-deliveries`)
  const replays = json.items.map(async (one: { id: string }) =>
    call('POST', `${path}/webhook-deliveries/${one.id}/replay`),
  )
  expect(new Set(await statuses(replays))).toEqual(new Set([202, 409]))
  const now = context.clock.now().getTime()
  const range = { from: new Date(now - 60_000).toISOString(), to: new Date(now + 60_000).toISOString() }
  for (const body of [example('ReplayRange'), range]) {
    expect((await call('POST', `${path}/webhook-deliveries/replay`, body)).status).toBe(202)
  }
  context.messages.length = 0
}

it('files', async () => callFiles(await recorded(await createFileTenant())))

it('consent', async () => {
  const undecided = await createUndecided()
  const context = record(undecided.context)
  const tenant = { ...undecided, context, call: caller(context, await tenantToken(undecided.businessId)) }
  const refused = await tenant.call('GET', '/v1/oauth/amo_crm/authorize?returnUrl=https://evil.example.com')
  expect(refused.json.code).toBe('origin_not_allowed')
  const query = await decide(tenant, await authorize(tenant))
  const { ticket = '' } = fragmentOf(await comeBack(context, query))
  expect((await confirm(tenant, 'no such ticket')).status).toBe(404)
  expect((await confirm(tenant, ticket)).json.report.ok).toBe(true)
  expect((await confirm(tenant, ticket)).json.code).toBe('ticket_used')
  expect((await comeBack(context, new URLSearchParams({ code: '1', state: '2' }))).status).toBe(400)
  expect((await comeBack(context, new URLSearchParams({ code: '1', from_widget: '1' }))).status).toBe(200)
  expect((await request(context, '/v1/oauth/amo_crm/given')).status).toBe(200)
  const notice = await disconnectQuery(tenant.sandbox.consent.app, tenant.sandbox.accountId)
  const heard = new URLSearchParams(notice).toString()
  expect((await request(context, `/v1/oauth/amo_crm/disconnect?${heard}`)).status).toBe(200)
  expect((await request(context, '/v1/oauth/amo_crm/disconnect?signature=x')).status).toBe(401)
  expect((await comeBack(record(createTestContext()), query)).status).toBe(503)
})

it('connect sessions', async () => {
  const salon = await recorded(await createSalonTenant())
  const { context } = salon
  const { id, token } = await createSession(salon)
  expect((await request(context, `/connect?s=${id}`)).status).toBe(200)
  expect((await request(context, `/app?s=${id}`)).status).toBe(200)
  expect((await openLink(context, token, newBrowser())).json.id).toBe(id)
  expect((await openLink(context, token, newBrowser())).json.code).toBe('session_ended')
  expect((await salon.call('DELETE', `/v1/connect-sessions/${id}`)).status).toBe(204)
  expect((await request(context, `/connect?s=${id}`)).status).toBe(404)
  expect((await request(context, '/app')).status).toBe(404)
})

it.each(['yclients', 'altegio'] as const)('a marketplace: %s', async (brand) => {
  const made = await createMarket({ brand })
  const market = { ...made, context: record(made.context) }
  const { marketplace } = market.sandbox
  const owner = await createOwner(market)
  const { ticket } = await arrive(market, await marketplace.connect([firstOf(market)]))
  expect((await arrive(market, `${marketplace.card.registrationUrl}?salon_id=x`)).status).toBe(400)
  const closed = { ...market, context: record(createTestContext()) }
  expect((await arrive(closed, marketplace.card.registrationUrl)).status).toBe(503)
  expect((await request(market.context, '/v1/marketplace/arrived')).status).toBe(200)
  expect((await claim(owner, ticket)).json.syncEnabled).toBe(true)
  expect((await claim(owner, ticket)).json.code).toBe('ticket_used')
  const admin = caller(market.context, await adminToken())
  expect((await admin('GET', `/v1/admin/installs?brand=${brand}&limit=1`)).json.items).toHaveLength(1)
  marketplace.freeze(firstOf(market))
  expect(await hearEvents(market)).toEqual([200])
})

it('health', async () => {
  const METRICS_TOKEN = 'a-token-for-the-metrics-of-the-tests'
  const context = record(createTestContext(null, { METRICS_TOKEN }))
  const measured = async (bearer: string) =>
    request(context, '/v1/admin/metrics', { headers: { authorization: `Bearer ${bearer}` } })
  expect([(await measured(METRICS_TOKEN)).status, (await measured('another')).status]).toEqual([200, 401])
  expect((await request(context, '/healthz')).status).toBe(200)
  expect((await request(context, '/readyz')).status).toBe(200)
  const broken = record(createTestContext())
  broken.outage.database = 'down'
  expect((await request(broken, '/readyz')).status).toBe(503)
  const admin = caller(context, await adminToken())
  expect((await admin('GET', '/v1/admin/health')).status).toBe(200)
  expect((await admin('GET', '/v1/admin/audit?limit=1')).json.items).toHaveLength(1)
  expect((await admin('GET', '/v1/admin/issues?limit=1')).status).toBe(200)
  expect((await admin('POST', '/v1/admin/reseal')).status).toBe(200)
  expect((await admin('GET', '/v1/admin/integrations?limit=1')).status).toBe(200)
  const nobody = { businessId: crypto.randomUUID() }
  const ordered = await admin('POST', '/v1/admin/integrations/retest', nobody)
  expect((await admin('GET', ordered.headers.get('location') ?? '')).json).toEqual(ordered.json)
})

it('endpoints for events', async () => {
  const { call } = await recorded(await createSalonTenant())
  const body = { ...example('CreateEndpoint'), url: `${SANDBOX_URL}/events` }
  const { json, headers } = await call('POST', '/v1/webhook-endpoints', body)
  const path = headers.get('location') ?? ''
  for (let made = 1; made < 10; made += 1) await call('POST', '/v1/webhook-endpoints', body)
  expect((await call('POST', '/v1/webhook-endpoints', body)).json.code).toBe('too_many_endpoints')
  expect((await call('GET', '/v1/webhook-endpoints?limit=1')).json.items).toHaveLength(1)
  expect((await call('GET', path)).json.id).toBe(json.id)
  expect((await call('PATCH', path, example('UpdateEndpoint'))).status).toBe(200)
  expect((await call('POST', `${path}/rotate`)).json.secret).not.toBe(json.secret)
  const tested = await call('POST', `${path}/test`)
  expect(tested.json).toMatchObject({ status: 'waiting', lastAnswer: { status: 404 } })
  expect((await call('POST', `${path}/deliveries/${tested.json.id}/resend`)).status).toBe(202)
  expect((await call('GET', `${path}/deliveries?status=waiting`)).json.items).toHaveLength(1)
  expect((await call('DELETE', path)).status).toBe(204)
})

describe('every operation', () => {
  const ANYWHERE = { id: crypto.randomUUID(), n: '1', name: 'till' }

  it('refuses the anonymous and the unknown as it says', async () => {
    const context = record(createTestContext())
    const admin = caller(context, await adminToken())
    for (const { method, path, scope } of ROUTES.filter(({ isVendorCallback }) => !isVendorCallback)) {
      const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => Object(ANYWHERE)[name] ?? crypto.randomUUID())
      if (scope === null) continue
      expect((await request(context, url, { method: method.toUpperCase() })).status).toBe(401)
      await admin(method.toUpperCase(), `${url}?surprise=1`)
      if (method !== 'get' && method !== 'delete') await admin(method.toUpperCase(), url, { surprise: 1 })
    }
  })

  /** Answers that another test calls up, or that a vendor's form decides. */
  const ELSEWHERE = new Set(['receiveWebhook 400', 'receiveWebhook 401', 'receiveWebhookByGet 400'])
    .add('receiveWebhookByGet 401')
    .add('receiveWebhookByGet 413')

  it.each(ROUTES)('$operationId was called, and gave each of its answers', (route) => {
    const answers = Object.keys(route.answers).map((status) => `${route.operationId} ${status}`)
    expect(answers.filter((answer) => !seen.has(answer) && !ELSEWHERE.has(answer))).toEqual([])
    const refusals = [...seen].filter((one) => one.startsWith(`${route.operationId} 4`))
    if (route.scope !== null) expect(refusals).not.toEqual([])
  })

  /** What changes nothing that anybody has settled, and why. */
  const NOT_AUDITED: Readonly<Record<string, string>> = {
    previewImport: 'stores nothing',
    testConnection: 'stores what the CRM answers',
    sendUploadPart: 'is a part of an upload that has its line',
    receiveWebhook: 'is only a hint, and is kept in the inbox',
  }
  const READ_BUT_AUDITED = new Set(['exportTransactions', 'downloadRejectedRows', 'startAmoCrmConsent'])
  const WRITING = ROUTES.filter(
    ({ method, operationId }) =>
      (method !== 'get' || READ_BUT_AUDITED.has(operationId)) && !(operationId in NOT_AUDITED),
  )

  it.each(WRITING)('$operationId leaves a line in the audit', async ({ operationId }) => {
    const { rows } = await createTestContext().db.execute(sql`
      select from audit where request_id in (
        select json_array_elements_text(${JSON.stringify(succeeded.get(operationId) ?? [])}::json))`)
    expect(rows).not.toEqual([])
  })

  it('has problems of the closed list only', () => {
    for (const [name, { content }] of Object.entries<never>(DOCUMENT.components.responses)) {
      const { schema, example: shown } = content['application/problem+json']
      expect(flawOf(schema, shown), name).toBeNull()
      expect(Object.keys(PROBLEMS)).toContain(shown['code'])
    }
  })
})
