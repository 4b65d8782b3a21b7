// A person connects amoCRM through its consent page: what works, and each way in which it must not.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import {
  authorize,
  comeBack,
  confirm,
  consent,
  createAmoTenant,
  createConsented,
  createUndecided,
  decide,
  fragmentOf,
  grantOf,
  PRODUCT,
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

  it('answers with the consent page, our id and a new state each time', async () => {
    const tenant = await createUndecided()
    const url = new URL(await authorize(tenant))
    expect(`${url.origin}${url.pathname}`).toBe(`${SANDBOX_URL}/oauth`)
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: tenant.sandbox.consent.app.clientId,
      state: expect.stringMatching(/^[\w-]{43}$/),
      mode: 'post_message',
    })
    expect(new URL(await authorize(tenant)).searchParams.get('state')).not.toBe(url.searchParams.get('state'))
  })

  it('sends the browser back to the product with a ticket in the fragment, and connects nothing yet', async () => {
    const tenant = await createUndecided()
    const back = await comeBack(tenant.context, await decide(tenant, await authorize(tenant)))
    expect(back.status).toBe(302)
    expect(back.headers.get('location')).toMatch(new RegExp(`^${PRODUCT}/settings#ticket=[\\w-]{43}$`))
    expect(back.headers.get('referrer-policy')).toBe('no-referrer')
    expect(tenant.sandbox.consent.tokens.calls).toEqual([])
    expect(await listed(tenant)).toEqual([])
  })

  it('ends on a page of ours without a returnUrl, which runs nothing and is framed by nobody', async () => {
    const tenant = await createUndecided()
    const query = await decide(tenant, await authorize(tenant, null))
    const back = await comeBack(tenant.context, query)
    const url = new URL(back.headers.get('location') ?? '')
    expect([back.status, url.origin]).toEqual([302, 'https://api.example.com'])
    const { status, headers, text } = await request(tenant.context, url.pathname, {
      headers: { 'accept-language': 'ru-RU' },
    })
    expect(status).toBe(200)
    expect(text).toContain('вернитесь в настройки')
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
    expect(text).not.toContain('<script')
    expect((await confirm(tenant, fragmentOf(back)['ticket'])).status).toBe(200)
  })

  it('shows whose account it is, and what the connection test found missing', async () => {
    const tenant = await createUndecided()
    tenant.sandbox.denied.add('leads')
    const { status, json, text } = await consent(tenant)
    expect(status).toBe(200)
    const account = { externalId: String(tenant.sandbox.accountId), name: 'Кофейня' }
    expect(json).toMatchObject({ businessId: tenant.businessId, report: { ok: false, account } })
    expect(text).toMatch(/may not see this \(leads\)/)
    expect(text).not.toMatch(/def502|eyJ/)
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
      expect((await consent(tenant)).json).toMatchObject({ id: created.json.id, syncEnabled: true })
      expect(tenant.sandbox.consent.tokens.calls).toHaveLength(times)
    }
    expect(await listed(tenant)).toMatchObject([{ id: created.json.id, syncEnabled: true }])
  })

  it('leaves off what a person switches off while the consent is being finished', async () => {
    const tenant = await createConsented({ demo: true })
    expect((await tenant.call('PATCH', tenant.path, { syncEnabled: true })).status).toBe(200)
    tenant.sandbox.consent.beforeTokens = async () => {
      tenant.sandbox.consent.beforeTokens = null
      await tenant.call('PATCH', tenant.path, { syncEnabled: false })
    }
    expect((await consent(tenant)).json).toMatchObject({ syncEnabled: false, stoppedBy: 'person' })
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

/** Everything about the way back is as it should be, but for what the test changes; what is refused ends on a page. */
async function comeBackWith(tenant: Undecided, change: (query: URLSearchParams) => void) {
  const query = await decide(tenant, await authorize(tenant, null))
  change(query)
  return comeBack(tenant.context, query)
}

describe('consent that must not count', () => {
  it('says so when the person declined: to the product, else on a page', async () => {
    const tenant = await createUndecided()
    const back = await comeBack(tenant.context, await decide(tenant, await authorize(tenant), 'deny'))
    expect(back.headers.get('location')).toBe(`${PRODUCT}/settings#error=denied`)
    const page = await comeBack(tenant.context, await decide(tenant, await authorize(tenant, null), 'deny'))
    expect([page.status, page.text]).toEqual([400, expect.stringContaining('Access was not given')])
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

  it('takes no state that is missing, unknown or too old', async () => {
    const tenant = await createUndecided()
    const missing = await comeBackWith(tenant, (query) => query.delete('state'))
    expect([missing.status, missing.text]).toEqual([400, expect.stringContaining('through the settings')])
    const unknown = await comeBackWith(tenant, (query) => query.set('state', 'somebody else’s'))
    expect([unknown.status, unknown.text]).toEqual([400, expect.stringContaining('We did not start this')])
    const late = await decide(tenant, await authorize(tenant, null))
    await tenant.context.db.execute(sql`
      update oauth_states set expires_at = now() where business_id = ${tenant.businessId}::uuid`)
    const expired = await comeBack(tenant.context, late, 'ru')
    expect([expired.status, expired.text]).toEqual([400, expect.stringContaining('Прошло слишком много времени')])
  })

  it('answers a confirmation that is repeated under its Idempotency-Key as the first', async () => {
    const tenant = await createUndecided()
    const { ticket } = fragmentOf(await comeBack(tenant.context, await decide(tenant, await authorize(tenant))))
    const send = async () =>
      tenant.call('POST', '/v1/oauth/amo_crm/confirm', { ticket }, { 'idempotency-key': 'consent-1' })
    const [first, second] = [await send(), await send()]
    expect([first.status, second.status, second.headers.get('idempotency-replayed')]).toEqual([200, 200, 'true'])
    expect(second.json).toEqual(first.json)
  })

  it('takes a ticket once, also when it comes twice at the same time, and not after its time', async () => {
    const tenant = await createUndecided()
    const back = async () => comeBack(tenant.context, await decide(tenant, await authorize(tenant)))
    const { ticket } = fragmentOf(await back())
    const both = await Promise.all([confirm(tenant, ticket), confirm(tenant, ticket)])
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 410])
    expect((await confirm(tenant, ticket)).json.code).toBe('ticket_used')
    const late = fragmentOf(await back())
    await tenant.context.db.execute(sql`
      update oauth_states set expires_at = now() where business_id = ${tenant.businessId}::uuid`)
    expect((await confirm(tenant, late['ticket'])).json.code).toBe('ticket_used')
    expect(tenant.sandbox.consent.tokens.calls).toHaveLength(1)
    expect((await confirm(tenant, 'never made')).status).toBe(404)
  })

  it('says so when the code is older than 20 minutes', async () => {
    const tenant = await createUndecided()
    const query = await decide(tenant, await authorize(tenant))
    tenant.context.clock.advance(21 * 60_000)
    const { ticket } = fragmentOf(await comeBack(tenant.context, query))
    const { status, json } = await confirm(tenant, ticket)
    expect([status, json.code]).toEqual([422, 'consent_failed'])
    expect(await listed(tenant)).toEqual([])
  })

  it('answers the vendor’s call after a widget was installed, with a state and without, and connects nothing', async () => {
    const tenant = await createUndecided()
    for (const hasState of [false, true]) {
      const back = await comeBackWith(tenant, (query) => {
        query.set('from_widget', '1')
        if (!hasState) query.delete('state')
      })
      expect([back.status, back.text]).toEqual([200, expect.stringContaining('connects nothing by itself')])
    }
    expect(tenant.sandbox.consent.tokens.calls).toEqual([])
    expect(await listed(tenant)).toEqual([])
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
    const { status, json } = await consent(tenant)
    expect([status, json.code]).toEqual([409, 'integration_exists'])
    expect(tenant.sandbox.consent.tokens.calls).toEqual([])
  })

  it.each([
    ['the vendor is down', '500'],
    ['its answer is cut short', 'truncated'],
  ] as const)('asks to begin again when %s', async (_, fault) => {
    const tenant = await createUndecided()
    const { ticket } = fragmentOf(await comeBack(tenant.context, await decide(tenant, await authorize(tenant))))
    tenant.sandbox.faults.plan.next = [fault]
    const { status, json } = await confirm(tenant, ticket)
    expect([status, json.code]).toEqual([502, 'crm_unavailable'])
    expect(await listed(tenant)).toEqual([])
    expect((await consent(tenant)).status).toBe(200)
  })

  it('names the operator when the vendor does not know our app', async () => {
    const tenant = await createUndecided()
    tenant.sandbox.consent.app.clientSecret = 'made anew'
    const { status, json } = await consent(tenant)
    expect([status, json.detail]).toEqual([502, expect.stringContaining('operator')])
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
    expect((await admin('GET', `${path}?businessId=${other.businessId}`)).status).toBe(200)
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

it('a page that ends a consent leads back to the product', async () => {
  const tenant = await createUndecided()
  const page = await request(tenant.context, '/v1/oauth/amo_crm/given', { headers: { 'accept-language': 'ru' } })
  expect(page.text).toContain(`<a href="${PRODUCT}">Вернуться в продукт</a>`)
  const refusal = await comeBackWith(tenant, (query) => query.delete('state'))
  expect(refusal.text).toContain(`<a href="${PRODUCT}">Go back to the product</a>`)
})
