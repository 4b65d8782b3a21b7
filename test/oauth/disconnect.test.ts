// amoCRM tells that somebody has switched the app off. The notice can be replayed for ever.
import { describe, expect, it } from 'vitest'
import { disconnectQuery } from '#sandbox/amo_crm/consent.ts'
import { oauth } from '#crm/amo_crm/oauth.ts'
import { Secret } from '#lib/secret.ts'
import { type AmoTenant, createConsented } from '#test/amo.ts'
import { request, sync } from '#test/tenants.ts'

async function notify(tenant: AmoTenant, change: (query: URLSearchParams) => void = () => undefined) {
  const query = new URLSearchParams(await disconnectQuery(tenant.sandbox.consent.app, tenant.sandbox.accountId))
  change(query)
  return request(tenant.context, `/v1/oauth/amo_crm/disconnect?${query.toString()}`)
}

describe('the notice of disconnection', () => {
  it('turns the connection off when the vendor indeed refuses it', async () => {
    const tenant = await createConsented()
    await tenant.call('PATCH', tenant.path, { syncEnabled: true })
    tenant.sandbox.consent.tokens.revokeAll()
    expect(await notify(tenant)).toMatchObject({ status: 200, json: { heard: true } })
    expect((await tenant.call('GET', tenant.path)).json).toMatchObject({
      ...{ syncEnabled: false, nextSyncAt: null, connection: { status: 'failed' } },
      lastError: expect.stringContaining('Connect amoCRM again'),
    })
    const asked = tenant.sandbox.requests.length
    expect(await notify(tenant)).toMatchObject({ status: 200 })
    expect(tenant.sandbox.requests.length).toBe(asked)
  })

  it('changes nothing about a connection that works, however often it is replayed', async () => {
    const tenant = await createConsented()
    await tenant.call('PATCH', tenant.path, { syncEnabled: true })
    for (let times = 0; times < 3; times += 1) expect((await notify(tenant)).status).toBe(200)
    expect((await tenant.call('GET', tenant.path)).json).toMatchObject({
      syncEnabled: true,
      connection: { status: 'ok' },
    })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
  })

  it.each<[string, (query: URLSearchParams) => void]>([
    ['a wrong signature', (query) => query.set('signature', 'ab'.repeat(32))],
    ['half a signature', (query) => query.set('signature', (query.get('signature') ?? '').slice(0, 32))],
    ['no signature', (query) => query.delete('signature')],
    ['the signature of another account', (query) => query.set('account_id', '31000002')],
    ['another app', (query) => query.set('client_uuid', crypto.randomUUID())],
    ['an account that is no number', (query) => query.set('account_id', '31000001|x')],
  ])('is refused with %s, and nobody is asked', async (_, change) => {
    const tenant = await createConsented()
    tenant.sandbox.consent.tokens.revokeAll()
    expect(await notify(tenant, change)).toMatchObject({ status: 401, json: { code: 'unauthenticated' } })
    expect(tenant.sandbox.requests).toEqual([])
    expect((await tenant.call('GET', tenant.path)).json.connection.status).toBe('ok')
  })

  it('is taken in upper case too: it is the same signature', async () => {
    const tenant = await createConsented()
    const upper = (query: URLSearchParams) => query.set('signature', (query.get('signature') ?? '').toUpperCase())
    expect((await notify(tenant, upper)).status).toBe(200)
  })

  it('is signed as the vendor signs', async () => {
    const app = { id: '11111111-2222-3333-4444-555555555555', secret: new Secret('test-secret'), brand: null }
    const signature = '977cce2dfb2ec15fc84939ccd3e1191733102199b95dc8f36cc87c958a0008ef'
    const query = { account_id: '12345678', client_uuid: app.id, signature }
    expect(await oauth.disconnected(app, query)).toBe('12345678')
    expect(await oauth.disconnected(app, { ...query, account_id: '12345679' })).toBeNull()
  })
})
