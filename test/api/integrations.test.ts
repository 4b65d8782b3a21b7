import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { SANDBOX_URL } from '#test/context.ts'
import { query } from '#test/pages.ts'
import { caller, createSalonTenant, createTenant, type Salon, sync } from '#test/tenants.ts'
import { adminToken } from '#test/tokens.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/

function connection({ sandbox }: Salon) {
  const { apiKey, apiSecret, companyId } = sandbox.credentials
  return {
    crmType: 'yclients',
    apiUrl: SANDBOX_URL,
    credentials: { apiKey, apiSecret },
    additionalConfig: { companyId },
  }
}

describe('creating', () => {
  it('answers with everything but the credentials', async () => {
    const salon = await createSalonTenant()
    const { call, context } = await createTenant(salon.context)
    const answer = await call('POST', '/v1/integrations', connection(salon))
    expect(answer.status).toBe(201)
    expect(answer.headers.get('location')).toBe(`/v1/integrations/${answer.json.id}`)
    expect(answer.json).toMatchObject({
      crmType: 'yclients',
      apiUrl: SANDBOX_URL,
      additionalConfig: { companyId: salon.sandbox.credentials.companyId },
      ...{ syncEnabled: false, syncIntervalMinutes: 5, lastSyncAt: null, lastSyncStatus: null, nextSyncAt: null },
      ...{ totalSyncs: 0, successfulSyncs: 0, failedSyncs: 0, lastError: null, transactionsSynced: 0 },
      connection: { status: 'untested', checkedAt: null },
      hasCredentials: true,
    })
    expect(answer.json.id).toMatch(UUID)
    expect(answer.json.webhookUrl).toMatch(/^https:\/\/api\.example\.com\/webhooks\/yclients\/[\w-]{43}$/)
    expect(context.logged.join('') + answer.text).not.toMatch(/sandbox-(partner|user)-token/)
  })

  it('stores no credential readable: neither in a column nor in any text of the row', async () => {
    const salon = await createSalonTenant()
    const [row] = await query(
      salon,
      sql`select i::text as all, encode(api_key, 'escape') as key from crm_integrations i where id = ${salon.integrationId}::uuid`,
    )
    expect(JSON.stringify(row)).not.toContain('partner')
    expect(JSON.stringify(row)).not.toContain(btoa('sandbox-partner-token'))
  })

  it('gives a business one integration', async () => {
    const salon = await createSalonTenant()
    const answer = await salon.call('POST', '/v1/integrations', connection(salon))
    expect([answer.status, answer.json.code]).toEqual([409, 'integration_exists'])
  })

  it('takes a business from an admin, and none that is not there', async () => {
    const salon = await createSalonTenant()
    const { businessId, context } = await createTenant(salon.context)
    const admin = caller(context, await adminToken())
    const without = await admin('POST', '/v1/integrations', connection(salon))
    expect(without.json.errors).toMatchObject([{ path: 'businessId' }])
    const nobody = { ...connection(salon), businessId: crypto.randomUUID() }
    expect((await admin('POST', '/v1/integrations', nobody)).status).toBe(404)
    expect((await admin('POST', '/v1/integrations', { ...connection(salon), businessId })).status).toBe(201)
  })

  it('does not take another business’s id from a tenant', async () => {
    const salon = await createSalonTenant()
    const other = await createTenant(salon.context)
    const body = { ...connection(salon), businessId: other.businessId }
    expect((await salon.call('POST', '/v1/integrations', body)).status).toBe(404)
  })

  it.each([
    ['an unknown CRM', { crmType: 'salesforce' }, 'crmType'],
    ['no CRM', { crmType: undefined }, 'crmType'],
    ['an unknown setting', { additionalConfig: { companyId: 1, surprise: 1 } }, 'additionalConfig.surprise'],
    ['a missing setting', { additionalConfig: {} }, 'additionalConfig.companyId'],
    ['a setting of the wrong form', { additionalConfig: { companyId: 'abc' } }, 'additionalConfig.companyId'],
    ['days out of range', { additionalConfig: { companyId: 1, initialDays: 4000 } }, 'additionalConfig.initialDays'],
    ['a zone that is none', { additionalConfig: { companyId: 1, timezone: 'Mars' } }, 'additionalConfig.timezone'],
    ['no user token', { credentials: { apiKey: 'x' } }, 'credentials.apiSecret'],
    ['an empty token', { credentials: { apiKey: ' ', apiSecret: 'x' } }, 'credentials.apiKey'],
    ['an unknown credential', { credentials: { apiKey: 'x', apiSecret: 'x', pin: 1 } }, 'credentials.pin'],
    ['an interval of zero', { syncIntervalMinutes: 0 }, 'syncIntervalMinutes'],
    ['an interval that is no number', { syncIntervalMinutes: '5' }, 'syncIntervalMinutes'],
    ['plain http', { apiUrl: 'http://api.yclients.com' }, 'apiUrl'],
    ['a private address', { apiUrl: 'https://10.0.0.1' }, 'apiUrl'],
    ['an address spelt as a number', { apiUrl: 'https://2130706433' }, 'apiUrl'],
    ['IPv6', { apiUrl: 'https://[::1]' }, 'apiUrl'],
    ['a local name', { apiUrl: 'https://metadata.google.internal' }, 'apiUrl'],
    ['somebody else’s host', { apiUrl: 'https://evil.example.com' }, 'apiUrl'],
    ['a look-alike host', { apiUrl: 'https://api.yclients.com.evil.com' }, 'apiUrl'],
    ['a user name in the address', { apiUrl: 'https://user:pass@api.yclients.com' }, 'apiUrl'],
    ['another port', { apiUrl: 'https://api.yclients.com:8443' }, 'apiUrl'],
    ['no address', { apiUrl: 'yclients' }, 'apiUrl'],
  ])('refuses %s and names the field', async (_name, change, path) => {
    const salon = await createSalonTenant()
    const { call } = await createTenant(salon.context)
    const answer = await call('POST', '/v1/integrations', { ...connection(salon), ...change })
    expect([answer.status, answer.json.code]).toEqual([400, 'invalid_request'])
    expect(answer.json.errors.map((error: { path: string }) => error.path)).toContain(path)
    expect(answer.json.detail).toContain(`${path}: `)
  })
})

describe('reading', () => {
  it('answers 304 while nothing changed, statistics included', async () => {
    const salon = await createSalonTenant()
    const etag = (await salon.call('GET', salon.path)).headers.get('etag') ?? ''
    const again = await salon.call('GET', salon.path, undefined, { 'if-none-match': etag })
    expect([again.status, again.text]).toEqual([304, ''])
    await sync(salon)
    expect((await salon.call('GET', salon.path, undefined, { 'if-none-match': etag })).status).toBe(200)
  })

  it('lists a tenant its own and an admin all, page by page', async () => {
    const salon = await createSalonTenant()
    const own = (await salon.call('GET', '/v1/integrations')).json
    expect(own.items.map(({ id }: { id: string }) => id)).toEqual([salon.integrationId])
    expect(own.nextCursor).toBeNull()
    const admin = caller(salon.context, await adminToken())
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const { json } = await admin('GET', `/v1/integrations?limit=3${cursor && `&cursor=${cursor}`}`)
      seen.push(...json.items.map(({ id }: { id: string }) => id))
      cursor = json.nextCursor
    }
    expect(seen).toContain(salon.integrationId)
    expect(new Set(seen).size).toBe(seen.length)
    const one = (await admin('GET', `/v1/integrations?businessId=${salon.businessId}`)).json
    expect(one.items).toHaveLength(1)
    const others = (await admin('GET', `/v1/integrations?businessId=${salon.businessId}&crmType=iiko`)).json
    expect(others.items).toEqual([])
  })

  it.each(['limit=0', 'limit=201', 'limit=x', 'cursor=nonsense', 'crmType=sap', 'surprise=1'])(
    'refuses ?%s',
    async (search) => {
      const salon = await createSalonTenant()
      const answer = await salon.call('GET', `/v1/integrations?${search}`)
      expect(answer.status).toBe(400)
      expect(answer.json.errors[0].path).toBe(`query.${search.split('=')[0]}`)
    },
  )
})

describe('changing', () => {
  it('keeps what is not named, and refuses an older copy', async () => {
    const salon = await createSalonTenant()
    const etag = (await salon.call('GET', salon.path)).headers.get('etag') ?? ''
    const first = await salon.call('PATCH', salon.path, { syncIntervalMinutes: 15 }, { 'if-match': etag })
    expect(first.json).toMatchObject({ syncIntervalMinutes: 15, connection: { status: 'untested' } })
    const second = await salon.call('PATCH', salon.path, { syncIntervalMinutes: 20 }, { 'if-match': etag })
    expect([second.status, second.json.code]).toEqual([412, 'precondition_failed'])
    const current = second.headers.get('etag') ?? ''
    expect((await salon.call('PATCH', salon.path, { syncIntervalMinutes: 20 }, { 'if-match': current })).status).toBe(
      200,
    )
  })

  it('switches sync on after a passed test, and starts it at once', async () => {
    const salon = await createSalonTenant()
    const { status, json } = await salon.call('PATCH', salon.path, { syncEnabled: true })
    expect(status).toBe(200)
    expect(json).toMatchObject({ syncEnabled: true, connection: { status: 'ok' } })
    expect(Date.parse(json.nextSyncAt)).toBeLessThanOrEqual(Date.now() + 1000)
    const requests = salon.sandbox.requests.length
    await salon.call('PATCH', salon.path, { syncEnabled: false })
    const again = await salon.call('PATCH', salon.path, { syncEnabled: true })
    expect(again.json.syncEnabled).toBe(true)
    expect(salon.sandbox.requests).toHaveLength(requests)
  })

  it('does not switch sync on after a failed test, and applies nothing of the request', async () => {
    const salon = await createSalonTenant()
    const before = (await salon.call('GET', salon.path)).json
    const wrong = { syncEnabled: true, syncIntervalMinutes: 33, credentials: { apiSecret: 'wrong' } }
    const answer = await salon.call('PATCH', salon.path, wrong)
    expect([answer.status, answer.json.code]).toEqual([422, 'connection_test_failed'])
    expect(answer.json.report).toMatchObject({ ok: false, sample: [] })
    expect(answer.json.detail.match(/does not accept the tokens/g)).toHaveLength(1)
    expect((await salon.call('GET', salon.path)).json).toMatchObject({
      syncIntervalMinutes: before.syncIntervalMinutes,
    })
    expect((await salon.call('PATCH', salon.path, { syncEnabled: true })).status).toBe(200)
  })

  it.each([
    ['another token', { credentials: { apiSecret: 'another' } }],
    ['other settings', { additionalConfig: { companyId: 540_112, initialDays: 10 } }],
    ['another address', { apiUrl: 'https://api.yclients.com', credentials: { apiKey: 'a', apiSecret: 'b' } }],
  ])('switches sync off for %s until it is tested again', async (_name, change) => {
    const salon = await createSalonTenant()
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    const { json } = await salon.call('PATCH', salon.path, change)
    expect(json).toMatchObject({
      syncEnabled: false,
      nextSyncAt: null,
      connection: { status: 'untested', checkedAt: null },
    })
  })

  it('takes equal settings, in whatever order, for no change', async () => {
    const salon = await createSalonTenant({ settings: { initialDays: 30 } })
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    const { companyId } = salon.sandbox.credentials
    const { json } = await salon.call('PATCH', salon.path, { additionalConfig: { initialDays: 30, companyId } })
    expect(json).toMatchObject({ syncEnabled: true, connection: { status: 'ok' } })
  })

  it('lets two changes at once both happen, one after the other', async () => {
    const salon = await createSalonTenant()
    const [a, b] = await Promise.all([
      salon.call('PATCH', salon.path, { syncIntervalMinutes: 42 }),
      salon.call('PATCH', salon.path, { additionalConfig: { companyId: 540_112, initialDays: 3 } }),
    ])
    expect([a.status, b.status]).toEqual([200, 200])
    expect((await salon.call('GET', salon.path)).json).toMatchObject({
      syncIntervalMinutes: 42,
      additionalConfig: { initialDays: 3 },
    })
  })

  it('gives a new webhook address', async () => {
    const salon = await createSalonTenant()
    const before = (await salon.call('GET', salon.path)).json.webhookUrl
    const { json } = await salon.call('POST', `${salon.path}/webhook-token`)
    expect(json.webhookUrl).not.toBe(before)
    expect((await salon.call('GET', salon.path)).json.webhookUrl).toBe(json.webhookUrl)
  })
})

describe('deleting', () => {
  it('leaves nothing behind', async () => {
    const salon = await createSalonTenant({ demo: true })
    await sync(salon)
    const { status, text } = await salon.call('DELETE', salon.path)
    expect([status, text]).toEqual([204, ''])
    expect((await salon.call('GET', salon.path)).status).toBe(404)
    expect((await salon.call('DELETE', salon.path)).status).toBe(404)
    const id = sql`integration_id = ${salon.integrationId}::uuid`
    const sales = ['crm_transactions', 'transaction_changes', 'transaction_feed']
    const tables = [...sales, 'sync_runs', 'quarantined_records', 'webhook_deliveries']
    for (const table of tables) {
      expect(await query(salon, sql`select count(*)::int as n from ${sql.identifier(table)} where ${id}`)).toEqual([
        { n: 0 },
      ])
    }
    expect((await salon.call('POST', '/v1/integrations', connection(salon))).status).toBe(201)
  })
})
