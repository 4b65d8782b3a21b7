// A person connects amoCRM through its consent page: what works, and each way in which it must not.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import {
  authorize,
  comeBack,
  createAmoTenant,
  createConsented,
  createUndecided,
  decide,
  grantOf,
  storedLedger,
  type Undecided,
} from '#test/amo.ts'
import { SANDBOX_URL } from '#test/context.ts'
import { caller, createTenant, request, sync } from '#test/tenants.ts'
import { adminToken, tenantToken } from '#test/tokens.ts'

async function listed({ call }: Undecided) {
  return (await call('GET', '/v1/integrations')).json.items
}

describe('giving consent', () => {
  it('connects the account: tokens sealed, connection tested, and the sync stores what the account has', async () => {
    const tenant = await createConsented({ demo: true })
    const { json } = await tenant.call('GET', tenant.path)
    expect(json).toMatchObject({
      ...{ crmType: 'amo_crm', apiUrl: SANDBOX_URL, hasCredentials: true, syncEnabled: false },
      connection: { status: 'ok' },
    })
    expect(await grantOf(tenant)).toMatchObject({ account_id: String(tenant.sandbox.accountId), is_dead: false })
    const { rows } = await tenant.context.db.execute<{ key: Uint8Array }>(sql`
      select api_key as key from crm_integrations where id = ${tenant.integrationId}::uuid`)
    expect(new TextDecoder('latin1').decode(rows[0]?.key)).not.toMatch(/def502|oauth/)
    expect((await tenant.call('PATCH', tenant.path, { syncEnabled: true })).status).toBe(200)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(await storedLedger(tenant)).toEqual(tenant.sandbox.account.ledger())
  })

  it('sends the person to the consent page with our id and a state, or tells a program its address', async () => {
    const tenant = await createUndecided()
    const url = new URL(await authorize(tenant))
    expect(`${url.origin}${url.pathname}`).toBe(`${SANDBOX_URL}/oauth`)
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: tenant.sandbox.consent.app.clientId,
      state: expect.stringMatching(/^[\w-]{43}$/),
      mode: 'post_message',
    })
    const { status, json } = await tenant.call('GET', '/v1/oauth/amo_crm/authorize', undefined, {
      accept: 'application/json',
    })
    expect(status).toBe(200)
    expect(new URL(json.url).searchParams.get('state')).not.toBe(url.searchParams.get('state'))
  })

  it('tells in the person’s language that it worked, in a page that runs nothing and is framed by nobody', async () => {
    const tenant = await createUndecided()
    const { status, headers, text } = await comeBack(
      tenant.context,
      await decide(tenant, await authorize(tenant)),
      'ru-RU',
    )
    expect(status).toBe(200)
    expect(text).toContain('Подключено')
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(text).not.toMatch(/<script|def502|eyJ/)
  })

  it('says on the page what the connection test found missing', async () => {
    const tenant = await createUndecided()
    tenant.sandbox.denied.add('leads')
    const { status, text } = await comeBack(tenant.context, await decide(tenant, await authorize(tenant)))
    expect(status).toBe(200)
    expect(text).toMatch(/something is missing[\s\S]*may not see this \(leads\)/)
    expect((await listed(tenant))[0]).toMatchObject({ connection: { status: 'failed' }, syncEnabled: false })
  })

  it('replaces a long-lived token and what was given before, and a sync that was on stays on', async () => {
    const tenant = await createUndecided({ demo: true })
    const created = await tenant.call('POST', '/v1/integrations', {
      ...{ crmType: 'amo_crm', apiUrl: SANDBOX_URL, credentials: { apiKey: tenant.sandbox.longLivedToken } },
    })
    const path = `/v1/integrations/${created.json.id}`
    expect((await tenant.call('PATCH', path, { syncEnabled: true })).status).toBe(200)
    for (const times of [1, 2]) {
      const { text } = await comeBack(tenant.context, await decide(tenant, await authorize(tenant)))
      expect(text).toContain('the sync goes on')
      expect(tenant.sandbox.consent.tokens.calls).toHaveLength(times)
    }
    expect(await listed(tenant)).toMatchObject([{ id: created.json.id, syncEnabled: true }])
  })

  it('is undone by a long-lived token: what was given by consent is used no more', async () => {
    const tenant = await createConsented()
    const credentials = { apiKey: tenant.sandbox.longLivedToken }
    expect((await tenant.call('PATCH', tenant.path, { credentials, syncEnabled: true })).status).toBe(200)
    expect(await grantOf(tenant)).toMatchObject({ account_id: null, is_dead: true })
    tenant.sandbox.consent.tokens.revokeAll()
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(tenant.sandbox.consent.tokens.calls).toHaveLength(1)
  })
})

/** Everything about the way back is as it should be, but for what the test changes. */
async function comeBackWith(tenant: Undecided, change: (query: URLSearchParams) => void, language = 'en') {
  const query = await decide(tenant, await authorize(tenant))
  change(query)
  return comeBack(tenant.context, query, language)
}

describe('consent that must not count', () => {
  it('says so when the person declined', async () => {
    const tenant = await createUndecided()
    const back = await comeBack(tenant.context, await decide(tenant, await authorize(tenant), 'deny'))
    expect([back.status, back.text]).toEqual([400, expect.stringContaining('Access was not given')])
    expect(await listed(tenant)).toEqual([])
  })

  it.each([
    ['evil.example'],
    ['amocrm.ru.evil.example'],
    ['evil.example/.amocrm.ru'],
    ['coffee.amocrm.ru:8443'],
    ['coffee.amocrm.ru@evil.example'],
    ['a.b.amocrm.ru'],
    ['www.amocrm.ru'],
    ['127.0.0.1:10'],
    [''],
  ])('sends the secret of the app to no host but the vendor’s: %s', async (referer) => {
    const tenant = await createUndecided()
    const back = await comeBackWith(tenant, (query) => query.set('referer', referer))
    expect([back.status, back.text]).toEqual([400, expect.stringContaining('The address is not right')])
    expect(tenant.sandbox.consent.tokens.calls).toEqual([])
    expect(await listed(tenant)).toEqual([])
  })

  it('takes no state that is missing, unknown, used or too old', async () => {
    const tenant = await createUndecided()
    const missing = await comeBackWith(tenant, (query) => query.delete('state'))
    expect([missing.status, missing.text]).toEqual([400, expect.stringContaining('through the settings')])
    const unknown = await comeBackWith(tenant, (query) => query.set('state', 'somebody else’s'))
    expect([unknown.status, unknown.text]).toEqual([400, expect.stringContaining('We did not start this')])
    const query = await decide(tenant, await authorize(tenant))
    expect((await comeBack(tenant.context, query)).status).toBe(200)
    const used = await comeBack(tenant.context, query)
    expect([used.status, used.text]).toEqual([400, expect.stringContaining('has been used already')])
    const late = await decide(tenant, await authorize(tenant))
    await tenant.context.db.execute(sql`
      update oauth_states set expires_at = now() where business_id = ${tenant.businessId}::uuid and used_at is null`)
    const expired = await comeBack(tenant.context, late)
    expect([expired.status, expired.text]).toEqual([400, expect.stringContaining('Too much time has passed')])
    expect(tenant.sandbox.consent.tokens.calls).toHaveLength(1)
  })

  it('lets one of two returns with the same state through', async () => {
    const tenant = await createUndecided()
    const query = await decide(tenant, await authorize(tenant))
    const both = await Promise.all([comeBack(tenant.context, query), comeBack(tenant.context, query)])
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 400])
  })

  it('says so when the code is older than 20 minutes', async () => {
    const tenant = await createUndecided()
    const query = await decide(tenant, await authorize(tenant))
    tenant.context.clock.advance(21 * 60_000)
    const back = await comeBack(tenant.context, query, 'ru')
    expect([back.status, back.text]).toEqual([400, expect.stringContaining('Согласие уже недействительно')])
    expect(await listed(tenant)).toEqual([])
  })

  it('does not take the vendor’s call after a widget was installed for a person’s consent', async () => {
    const tenant = await createUndecided()
    const back = await comeBackWith(tenant, (query) => query.set('from_widget', '1'))
    expect([back.status, back.text]).toEqual([400, expect.stringContaining('Not for widgets')])
  })

  it('takes no consent for another app', async () => {
    const tenant = await createUndecided()
    const back = await comeBackWith(tenant, (query) => query.set('client_id', crypto.randomUUID()))
    expect([back.status, tenant.sandbox.consent.tokens.calls]).toEqual([400, []])
  })

  it('leaves a business alone that has another CRM', async () => {
    const tenant = await createUndecided()
    await tenant.call('POST', '/v1/integrations', {
      ...{ crmType: 'yclients', apiUrl: SANDBOX_URL, additionalConfig: { companyId: '1' } },
      credentials: { apiKey: 'a', apiSecret: 'b' },
    })
    const back = await comeBackWith(tenant, () => undefined)
    expect([back.status, tenant.sandbox.consent.tokens.calls]).toEqual([409, []])
  })

  it.each([
    ['the vendor is down', '500', 502],
    ['its answer is cut short', 'truncated', 502],
  ] as const)('asks to begin again when %s', async (_, fault, status) => {
    const tenant = await createUndecided()
    const query = await decide(tenant, await authorize(tenant))
    tenant.sandbox.faults.plan.next = [fault]
    expect((await comeBack(tenant.context, query)).status).toBe(status)
    expect(await listed(tenant)).toEqual([])
    expect((await comeBackWith(tenant, () => undefined)).status).toBe(200)
  })

  it('names the operator when the vendor does not know our app', async () => {
    const tenant = await createUndecided()
    tenant.sandbox.consent.app.clientSecret = 'made anew'
    const back = await comeBackWith(tenant, () => undefined)
    expect([back.status, back.text]).toEqual([502, expect.stringContaining('operator')])
  })
})

describe('who may begin', () => {
  it('a tenant for itself, an admin for a business that there is', async () => {
    const tenant = await createUndecided()
    const other = await createTenant(tenant.context)
    const path = '/v1/oauth/amo_crm/authorize'
    expect((await tenant.call('GET', `${path}?businessId=${other.businessId}`)).status).toBe(404)
    const admin = caller(tenant.context, await adminToken())
    expect((await admin('GET', path)).status).toBe(400)
    expect((await admin('GET', `${path}?businessId=${crypto.randomUUID()}`)).status).toBe(404)
    expect((await admin('GET', `${path}?businessId=${other.businessId}`)).status).toBe(302)
    const reader = caller(tenant.context, await tenantToken(tenant.businessId, 'integrations:read'))
    expect((await reader('GET', path)).status).toBe(403)
  })

  it('nobody while the service is not registered with the vendor: a long-lived token works then', async () => {
    const tenant = await createAmoTenant()
    const { status, json } = await tenant.call('GET', '/v1/oauth/amo_crm/authorize')
    expect([status, json.code]).toEqual([503, 'misconfigured'])
    expect(json.detail).toContain('long-lived token')
    expect((await request(tenant.context, '/v1/oauth/amo_crm/callback?code=1&state=2')).status).toBe(503)
    expect((await tenant.call('POST', `${tenant.path}/test`)).json.ok).toBe(true)
  })
})
