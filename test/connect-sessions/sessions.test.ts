// A product gives one person a right to one business: what it is good for, for how long, and in which browser.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { mintSessionToken } from '#connect-sessions/token.ts'
import { createTestContext, SANDBOX_URL } from '#test/context.ts'
import { runOf, take } from '#test/pages.ts'
import { NEW } from '#test/rings.ts'
import { createSession, newBrowser, openLink } from '#test/sessions.ts'
import { caller, createSalonTenant, createTenant, sync, type Tenant } from '#test/tenants.ts'
import { adminToken, tenantToken } from '#test/tokens.ts'

const PRODUCT = 'https://app.example.com'
const OURS = { variables: { CORS_ORIGINS: PRODUCT } }
const minutesUntil = (at: string) => Math.round((Date.parse(at) - Date.now()) / 60_000)

async function refused({ call }: Pick<Tenant, 'call'>, path: string) {
  const { status, json, headers } = await call('GET', path)
  return [status, json.code, headers.get('www-authenticate')]
}
const ENDED = [401, 'session_ended', 'Bearer error="invalid_token"']

describe('making one', () => {
  it('answers with a link for the person, whose token stands in the fragment alone', async () => {
    const salon = await createSalonTenant(OURS)
    const session = await createSession(salon, { returnUrl: `${PRODUCT}/crm?tab=1`, origin: PRODUCT, language: 'ru' })
    const url = new URL(session.url)
    expect(url.origin + url.pathname + url.search).toBe(`https://api.example.com/connect?s=${session.id}`)
    expect(url.hash).toBe(`#token=${session.token}`)
    expect(minutesUntil(session.expiresAt)).toBe(30)
    expect(Object.keys(session).filter((key) => key !== 'call')).toEqual(['id', 'token', 'url', 'expiresAt'])
    expect(new URL((await createSession(salon, { permissions: ['view', 'import'] })).url).pathname).toBe('/app')
    expect(salon.context.logged.join('')).not.toContain(session.token.split('.')[2])
  })

  it('is repeated under its Idempotency-Key with the same token', async () => {
    const salon = await createSalonTenant()
    const make = async () => salon.call('POST', '/v1/connect-sessions', {}, { 'idempotency-key': 'session-1' })
    const [first, second] = [await make(), await make()]
    expect([second.json, second.headers.get('idempotency-replayed')]).toEqual([first.json, 'true'])
  })

  it.each([
    ['returnUrl', 'https://evil.example.com/'],
    ['returnUrl', `${PRODUCT}.evil.example.com`],
    ['returnUrl', `https://user@app.example.com`],
    ['returnUrl', 'javascript:alert(1)'],
    ['returnUrl', `blob:${PRODUCT}/0d9cbcdd-6b4c-4e7c-9d3b-8a4b5c6d7e8f`],
    ['returnUrl', '/settings'],
    ['origin', 'https://evil.example.com'],
    ['origin', `${PRODUCT}/`],
    ['origin', '*'],
    ['origin', ''],
  ])('takes no %s but the product’s: %s', async (name, value) => {
    const salon = await createSalonTenant(OURS)
    const { status, json } = await salon.call('POST', '/v1/connect-sessions', { [name]: value })
    expect([status, json.code, json.errors[0].path]).toEqual([400, 'origin_not_allowed', name])
  })

  it('is for one business: a tenant’s own, or the one an admin names', async () => {
    const salon = await createSalonTenant()
    const other = await createTenant(salon.context)
    const admin = caller(salon.context, await adminToken())
    const make = async (call: Tenant['call'], body: unknown) =>
      (await call('POST', '/v1/connect-sessions', body)).status
    expect(await make(salon.call, { businessId: other.businessId })).toBe(404)
    expect(await make(other.call, { integrationId: salon.integrationId })).toBe(404)
    expect(await make(admin, {})).toBe(400)
    expect(await make(admin, { businessId: crypto.randomUUID() })).toBe(404)
    expect(await make(admin, { integrationId: crypto.randomUUID() })).toBe(404)
    expect(await make(admin, { businessId: other.businessId, integrationId: salon.integrationId })).toBe(404)
    expect(await make(admin, { integrationId: salon.integrationId })).toBe(201)
    const reader = caller(salon.context, await tenantToken(salon.businessId, 'integrations:read transactions:read'))
    expect(await make(reader, {})).toBe(403)
  })

  it('lives longer only as a link for a reconnect, and a week at most', async () => {
    const salon = await createSalonTenant()
    const make = async (body: unknown) => salon.call('POST', '/v1/connect-sessions', body)
    expect((await make({ ttlMinutes: 31 })).json.errors).toMatchObject([{ path: 'ttlMinutes', code: 'too_large' }])
    const { integrationId } = salon
    expect((await make({ integrationId, ttlMinutes: 10_081 })).status).toBe(400)
    expect((await make({ ttlMinutes: 0 })).status).toBe(400)
    expect(minutesUntil((await make({ ttlMinutes: 5 })).json.expiresAt)).toBe(5)
    expect(minutesUntil((await make({ integrationId, ttlMinutes: 10_080 })).json.expiresAt)).toBe(10_080)
  })
})

describe('what it may', () => {
  it('connect: read, connect, test, switch on; its sample is masked, and sales stay unseen', async () => {
    const salon = await createSalonTenant({ demo: true })
    const tenant = await createTenant(salon.context)
    const { call } = await createSession(tenant)
    const { apiKey, apiSecret, companyId } = salon.sandbox.credentials
    const connection = { crmType: 'yclients', apiUrl: SANDBOX_URL, credentials: { apiKey, apiSecret } }
    const created = await call('POST', '/v1/integrations', { ...connection, additionalConfig: { companyId } })
    expect([created.status, created.json.businessId]).toEqual([201, tenant.businessId])
    const path = `/v1/integrations/${created.json.id}`
    const { json: masked } = await call('POST', `${path}/test`)
    const { json: shown } = await tenant.call('POST', `${path}/test`)
    expect(masked.ok).toBe(true)
    expect(masked.sample).toHaveLength(shown.sample.length)
    const person = shown.sample.find((one: { customer: unknown }) => one.customer).customer
    const hidden = masked.sample.find((one: { customer: unknown }) => one.customer).customer
    expect(hidden).toMatchObject({ externalId: person.externalId, name: `${person.name[0]}***` })
    expect(hidden.phone).toMatch(/^\+7\*\*\*\d\d$/)
    expect(masked.sample[0].amountMinor).toBe(shown.sample[0].amountMinor)
    expect((await call('PATCH', path, { syncEnabled: true })).json.syncEnabled).toBe(true)
    expect((await call('GET', path)).json.webhookUrl).toMatch(/^https:/)
    expect((await call('GET', `${path}/transactions`)).status).toBe(403)
    expect((await call('DELETE', path)).status).toBe(403)
    expect((await call('POST', '/v1/connect-sessions', {})).status).toBe(403)
  })

  it('view: see the sales, and change nothing', async () => {
    const salon = await createSalonTenant({ demo: true })
    await sync(salon)
    const { call } = await createSession(salon, { permissions: ['view'] })
    const { json } = await call('GET', `${salon.path}/transactions?limit=1`)
    expect(json.items[0].customer.phone).toMatch(/^\+7\d{10}$/)
    expect((await call('GET', salon.path)).json.webhookUrl).toBeNull()
    expect((await call('PATCH', salon.path, { syncEnabled: false })).status).toBe(403)
  })

  it('permissions add up: with connect and view the sample is whole', async () => {
    const salon = await createSalonTenant({ demo: true })
    const { call } = await createSession(salon, { permissions: ['connect', 'view'] })
    const { sample } = (await call('POST', `${salon.path}/test`)).json
    expect(JSON.stringify(sample)).toMatch(/"phone":"\+7\d{10}"/)
    expect((await call('GET', `${salon.path}/transactions`)).status).toBe(200)
  })

  it('never more than who made it: without transactions:read no sale, masked or whole', async () => {
    const salon = await createSalonTenant({ demo: true })
    const writer = caller(salon.context, await tenantToken(salon.businessId, 'integrations:read integrations:write'))
    const { call } = await createSession({ ...salon, call: writer }, { permissions: ['connect', 'view'] })
    expect((await call('GET', `${salon.path}/transactions`)).status).toBe(403)
    expect((await call('POST', `${salon.path}/test`)).json.sample).toEqual([])
    const admin = caller(salon.context, await adminToken())
    const business = { businessId: salon.businessId, permissions: ['view'] }
    const ofAdmin = await createSession({ ...salon, call: admin }, business)
    expect((await ofAdmin.call('GET', `${salon.path}/transactions`)).status).toBe(200)
    expect((await ofAdmin.call('GET', '/v1/admin/health')).status).toBe(403)
  })

  it('only the CRMs that it names', async () => {
    const tenant = await createTenant((await createSalonTenant()).context)
    const { call } = await createSession(tenant, { crmTypes: ['csv'] })
    const refusal = await call('POST', '/v1/integrations', { crmType: 'renovatio', credentials: { apiKey: 'x' } })
    expect([refusal.status, refusal.json.code]).toEqual([403, 'insufficient_scope'])
    expect((await call('POST', '/v1/integrations', { crmType: 'csv' })).status).toBe(201)
  })

  it('import: no runs but those of imports', async () => {
    const salon = await createSalonTenant()
    const live = await take(salon)
    const { call } = await createSession(salon, { permissions: ['import'] })
    for (const verb of ['cancel', 'confirm']) {
      const { status, json } = await call('POST', `${salon.path}/runs/${live.id}/${verb}`)
      expect([status, json.code]).toEqual([403, 'insufficient_scope'])
    }
    expect(await runOf(salon, live.id)).toMatchObject({ finishedAt: null })
    const stranger = await createSession(await createTenant(salon.context), { permissions: ['import'] })
    expect((await stranger.call('POST', `${salon.path}/runs/${live.id}/cancel`)).status).toBe(404)
  })

  it('no credentials for another CRM than it names', async () => {
    const salon = await createSalonTenant()
    const { call } = await createSession(salon, { crmTypes: ['csv'] })
    const { status, json } = await call('PATCH', salon.path, { credentials: { apiKey: 'x' } })
    expect([status, json.code]).toEqual([403, 'insufficient_scope'])
  })

  it('nothing of another business', async () => {
    const salon = await createSalonTenant()
    const stranger = await createTenant(salon.context)
    const { call } = await createSession(stranger, { permissions: ['connect', 'view', 'import'] })
    expect((await call('GET', salon.path)).status).toBe(404)
    expect((await call('GET', `${salon.path}/transactions`)).status).toBe(404)
    expect((await call('GET', `/v1/businesses/${salon.businessId}`)).status).toBe(404)
    expect((await call('GET', '/v1/integrations')).json.items).toEqual([])
  })
})

describe('its token', () => {
  it('is of this service and this kind alone', async () => {
    const salon = await createSalonTenant()
    const { id, token, call } = await createSession(salon)
    expect((await call('GET', salon.path)).status).toBe(200)
    const [head, body, signature = ''] = token.split('.')
    const flipped = `${head}.${body}.${signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}`
    expect((await caller(salon.context, flipped)('GET', salon.path)).json.code).toBe('unauthenticated')
    expect((await openLink(salon.context, flipped, newBrowser())).json.code).toBe('unauthenticated')
    const otherKey = { ...salon.context, addressKey: async () => otherAddressKey() }
    const until = new Date(Date.now() + 60_000).toISOString()
    const forged = await mintSessionToken(otherKey, { sessionId: id, step: 'link' }, until)
    expect((await caller(salon.context, forged)('GET', salon.path)).json.code).toBe('unauthenticated')
    const access = await tenantToken(salon.businessId)
    expect((await openLink(salon.context, access, newBrowser())).json.code).toBe('unauthenticated')
  })

  it('outlives a rotation of ENCRYPTION_KEYS', async () => {
    const salon = await createSalonTenant()
    const { token } = await createSession(salon)
    // It stores nothing: what the new key alone had sealed would stand in the database of other tests.
    const later = createTestContext(null, { ENCRYPTION_KEYS: NEW })
    expect((await caller(later, token)('GET', `/v1/businesses/${salon.businessId}`)).status).toBe(200)
  })

  it('ends by DELETE, by its time, and with its business or integration', async () => {
    const salon = await createSalonTenant()
    const stranger = await createTenant(salon.context)
    const [byDelete, byTime, withAll] = [
      await createSession(salon),
      await createSession(salon),
      await createSession(salon),
    ]
    const ofIntegration = await createSession(salon, { integrationId: salon.integrationId })
    const end = `/v1/connect-sessions/${byDelete.id}`
    expect((await stranger.call('DELETE', end)).status).toBe(404)
    expect((await byDelete.call('GET', salon.path)).status).toBe(200)
    expect((await salon.call('DELETE', end)).status).toBe(204)
    expect((await salon.call('DELETE', end)).status).toBe(404)
    expect(await refused(byDelete, salon.path)).toEqual(ENDED)
    await salon.context.db.execute(sql`
      update connect_sessions set expires_at = now() where id = ${byTime.id}::uuid`)
    expect(await refused(byTime, salon.path)).toEqual(ENDED)
    expect((await salon.call('DELETE', salon.path)).status).toBe(204)
    expect(await refused(ofIntegration, '/v1/integrations')).toEqual(ENDED)
    expect((await withAll.call('GET', '/v1/integrations')).status).toBe(200)
    await caller(salon.context, await adminToken())('DELETE', `/v1/businesses/${salon.businessId}`)
    expect(await refused(withAll, '/v1/integrations')).toEqual(ENDED)
    salon.context.clock.advance(31 * 60_000)
    expect(await refused(withAll, '/v1/integrations')).toEqual(ENDED)
  })
})

describe('its link', () => {
  it('opens in one browser, which may repeat it, and in no other from then on', async () => {
    const salon = await createSalonTenant(OURS)
    const session = await createSession(salon, { origin: PRODUCT, permissions: ['connect', 'view'] })
    const [own, other] = [newBrowser(), newBrowser()]
    const opened = await openLink(salon.context, session.token, own)
    expect(opened.json).toMatchObject({
      ...{ id: session.id, expiresAt: session.expiresAt, origin: PRODUCT, permissions: ['connect', 'view'] },
      business: { id: salon.businessId, name: 'Салон «Проба»', timezone: 'Europe/Moscow', currency: 'RUB' },
      ...{ integrationId: null, crmTypes: null },
    })
    const page = caller(salon.context, opened.json.token)
    expect((await page('GET', salon.path)).status).toBe(200)
    expect((await openLink(salon.context, session.token, other)).json.code).toBe('session_ended')
    expect(await refused(session, salon.path)).toEqual(ENDED)
    const again = await openLink(salon.context, session.token, own)
    expect([again.status, (await caller(salon.context, again.json.token)('GET', salon.path)).status]).toEqual([
      200, 200,
    ])
    expect((await openLink(salon.context, opened.json.token, own)).json.code).toBe('session_ended')
    await salon.call('DELETE', `/v1/connect-sessions/${session.id}`)
    expect((await page('GET', salon.path)).json.code).toBe('session_ended')
    expect((await openLink(salon.context, session.token, own)).json.code).toBe('session_ended')
  })

  it('opens in one of two browsers that open it at the same time', async () => {
    const salon = await createSalonTenant()
    const { token } = await createSession(salon)
    const both = await Promise.all([newBrowser(), newBrowser()].map(async (one) => openLink(salon.context, token, one)))
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401])
  })

  it.each(['opened', 'called with'])('has 30 minutes left from when it is first %s', async (how) => {
    const salon = await createSalonTenant()
    const long = { integrationId: salon.integrationId, ttlMinutes: 10_080 }
    const { id, token, call } = await createSession(salon, long)
    const answer = how === 'opened' ? await openLink(salon.context, token, newBrowser()) : await call('GET', salon.path)
    expect(answer.status).toBe(200)
    if (how === 'opened') expect(minutesUntil(answer.json.expiresAt)).toBe(30)
    const { rows } = await salon.context.db.execute<{ minutes: number }>(sql`
      select round(extract(epoch from expires_at - now()) / 60)::int as minutes from connect_sessions where id = ${id}::uuid`)
    expect(rows).toEqual([{ minutes: 30 }])
    await salon.context.db.execute(sql`
      update connect_sessions set expires_at = now() + interval '1 minute' where id = ${id}::uuid`)
    if (how === 'opened')
      expect(minutesUntil((await openLink(salon.context, token, newBrowser())).json.expiresAt ?? '')).toBeNaN()
    else expect((await call('GET', salon.path)).status).toBe(200)
    const { rows: later } = await salon.context.db.execute<{ minutes: number }>(sql`
      select round(extract(epoch from expires_at - now()) / 60)::int as minutes from connect_sessions where id = ${id}::uuid`)
    expect(later).toEqual([{ minutes: 1 }])
  })
})

async function otherAddressKey(): Promise<CryptoKey> {
  const bytes = new Uint8Array(32).fill(3)
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
}
