import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { SANDBOX_URL } from '#test/context.ts'
import { listen, removeLeft } from '#test/receiver.ts'
import { caller, createSalonTenant } from '#test/tenants.ts'
import { adminToken, tenantToken } from '#test/tokens.ts'

const PATH = '/v1/webhook-endpoints'

describe('an endpoint', () => {
  it('is made, shown without its secret, changed and deleted', async () => {
    const salon = await createSalonTenant()
    const { call, businessId } = salon
    const url = `${SANDBOX_URL}/events?key=1`
    const made = await call('POST', PATH, { url, types: ['run.finished'], description: 'Ночь' })
    expect(made.status).toBe(201)
    expect(made.json).toMatchObject({
      ...{ businessId, url, types: ['run.finished'], description: 'Ночь', isEnabled: true, disabledAt: null },
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    })
    const path = made.headers.get('location') ?? ''
    const { secret: _, ...shown } = made.json
    expect((await call('GET', path)).json).toEqual(shown)
    expect((await call('GET', PATH)).json.items).toEqual([shown])
    const changed = await call('PATCH', path, { types: null, description: null })
    expect(changed.json).toMatchObject({ types: null, description: null, url, isEnabled: true })
    const { rows } = await salon.context.db.execute(sql`
      select position(${made.json.secret.slice(6)} in encode(secret, 'escape')) as found, former_secret
      from event_endpoints where id = ${made.json.id}::uuid`)
    expect(rows).toEqual([{ found: 0, former_secret: null }])
    const lines = await salon.context.db.execute(sql`
      select action from audit where business_id = ${businessId}::uuid and action like 'endpoint%' order by at`)
    expect(lines.rows.map(({ action }) => action)).toEqual(['endpoint.created', 'endpoint.changed'])
    expect((await call('DELETE', path)).status).toBe(204)
    for (const method of ['GET', 'DELETE']) expect((await call(method, path)).status).toBe(404)
  })

  it('has a public https address and known types', async () => {
    const { call } = await createSalonTenant()
    const refused = async (body: object) => {
      const { status, json } = await call('POST', PATH, body)
      return [status, json.errors?.[0]?.path, json.errors?.[0]?.code]
    }
    for (const url of ['http://example.com/', 'https://10.0.0.1/', 'https://localhost/', 'https://u:p@example.com/']) {
      expect(await refused({ url }), url).toEqual([400, 'url', 'not_allowed'])
    }
    expect(await refused({ url: 'https://example.com', types: ['sale.made'] })).toEqual([400, 'types.0', 'not_allowed'])
    expect(await refused({ url: 'https://example.com', types: [] })).toEqual([400, 'types', 'too_small'])
    const { path } = await listen({ call })
    const moved = await call('PATCH', path, { url: 'https://192.168.0.1/' })
    expect([moved.status, moved.json.errors[0].path]).toEqual([400, 'url'])
  })

  it('is one of ten of its business at most, also when two are made at once', async () => {
    const salon = await createSalonTenant()
    for (let made = 0; made < 9; made += 1) await listen(salon)
    const both = [1, 2].map(async () => salon.call('POST', PATH, { url: `${SANDBOX_URL}/` }))
    const answers = await Promise.all(both)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]))
    expect(answers.map(({ json }) => json.code)).toContain('too_many_endpoints')
  })

  it('is out of reach of other tenants and of those who may only read', async () => {
    const [salon, other] = [await createSalonTenant(), await createSalonTenant()]
    const { path, id } = await listen(salon)
    const calls: [string, string, object?][] = [
      ['GET', path],
      ['PATCH', path, { isEnabled: false }],
      ['DELETE', path],
      ['POST', `${path}/rotate`],
      ['POST', `${path}/test`],
      ['GET', `${path}/deliveries`],
      ['POST', `${path}/deliveries/${crypto.randomUUID()}/resend`],
    ]
    for (const [method, to, body] of calls) expect((await other.call(method, to, body)).status, to).toBe(404)
    expect((await other.call('POST', PATH, { url: SANDBOX_URL, businessId: salon.businessId })).status).toBe(404)
    expect((await other.call('GET', PATH)).json.items).toEqual([])
    const reader = caller(salon.context, await tenantToken(salon.businessId, 'integrations:read'))
    for (const [method, to, body] of calls) {
      expect((await reader(method, to, body)).status, to).toBe(method === 'GET' ? 200 : 403)
    }
    const admin = caller(salon.context, await adminToken())
    const listed = (await admin('GET', `${PATH}?businessId=${salon.businessId}`)).json.items
    expect(listed.map((one: { id: string }) => one.id)).toEqual([id])
    expect((await admin('POST', PATH, { url: SANDBOX_URL, businessId: crypto.randomUUID() })).status).toBe(404)
  })

  it('goes with its business, and so does what waits for it', async () => {
    const salon = await createSalonTenant()
    const { id } = await listen(salon)
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    const admin = caller(salon.context, await adminToken())
    expect((await admin('DELETE', `/v1/businesses/${salon.businessId}`)).status).toBe(204)
    await removeLeft(salon.context, id)
    const { rows } = await salon.context.db.execute(sql`
      select (select count(*)::int from event_endpoints where id = ${id}::uuid) as endpoints,
        (select count(*)::int from event_deliveries where endpoint_id = ${id}::uuid) as deliveries`)
    expect(rows).toEqual([{ endpoints: 0, deliveries: 0 }])
  })
})
