// The cloud and the restaurant's own server beside each other: one sale is one row, and each has its own rules of
// address.
import { describe, expect, it } from 'vitest'
import { line } from '#sandbox/iiko/cafe.ts'
import type { IikoOptions } from '#sandbox/iiko.ts'
import { connectorOf } from '#crm/registry.ts'
import { findForSession } from '#integrations/queries.ts'
import { openSession } from '#connections/session.ts'
import { memoryTokenCache } from '#connections/token-cache.ts'
import { ago, asked, type CafeTenant, createCafeTenant, ring, storedById } from '#test/cafe.ts'
import { SANDBOX_URL } from '#test/context.ts'
import { sync } from '#test/tenants.ts'

const HOUR_MS = 3_600_000
const ANNA = { id: 'd0e70000-0000-4000-8000-000000000001', name: 'Анна', surname: 'К.', phone: '+79990001122' }

const create = async (options: IikoOptions & { settings?: Record<string, unknown> } = {}) =>
  createCafeTenant({ withServer: true, ...options, settings: { initialDays: 10, ...options.settings } })
const server = (change: object) => ({ server: { url: SANDBOX_URL, login: 'loyalty', ...change } })

describe('an order that both sources show', () => {
  const paid = async (tenant: CafeTenant) =>
    Object.values(await storedById(tenant)).filter(({ status }) => status === 'paid')

  it('is one sale, with the cloud’s id and the cloud’s customer', async () => {
    const tenant = await create()
    const delivery = tenant.sandbox.cafe.sell({
      at: ago(tenant, 2),
      customer: ANNA,
      lines: [line('1', 'Пицца', 59_000)],
    })
    const table = tenant.sandbox.cafe.sell({
      at: ago(tenant, 3),
      kind: 'table',
      customer: ANNA,
      lines: [line('1', 'Суп', 30_000)],
    })
    for (let run = 0; run < 2; run += 1) expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    const all = await storedById(tenant)
    expect(Object.keys(all).toSorted()).toEqual([delivery.id, table.id].toSorted())
    expect(all[table.id]).toMatchObject({ customer: { externalId: ANNA.id, phone: ANNA.phone } })
  })

  it('is the cloud’s even when the till closes it a moment after the cloud was asked', async () => {
    const tenant = await create()
    const { cafe, cloud } = tenant.sandbox
    const order = cafe.open({ at: ago(tenant, 1), customer: ANNA, lines: [line('1', 'Пицца', 59_000)] })
    // Asked for after the changes and before the server's reports.
    cloud.onList = (path) => {
      if (path === 'order/by_table' && order.status !== 'Closed') cafe.close(order.id)
    }
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(order.status).toBe('Closed')
    expect(Object.keys(await storedById(tenant))).toEqual([order.id])
    expect(await paid(tenant)).toMatchObject([{ customer: { externalId: ANNA.id } }])
  })

  it('stays the till’s where the till was first, and is not doubled when the cloud tells of it', async () => {
    const tenant = await create()
    const { cafe, cloud } = tenant.sandbox
    const order = cafe.sell({ at: ago(tenant, 2), lines: [line('1', 'Пицца', 59_000)] })
    cloud.emptyLists = true
    await sync(tenant)
    expect((await paid(tenant)).map(({ externalId }) => externalId)).toEqual([`olap:${order.posId}`])
    cloud.emptyLists = false
    tenant.context.clock.advance(3 * HOUR_MS)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect((await paid(tenant)).map(({ externalId }) => externalId)).toEqual([`olap:${order.posId}`])
  })

  it('is not doubled when it is older than the cloud’s memory', async () => {
    const tenant = await create()
    const order = tenant.sandbox.cafe.sell({ at: ago(tenant, 24), lines: [line('1', 'Пицца', 59_000)] })
    await sync(tenant)
    tenant.context.clock.advance(20 * 24 * HOUR_MS)
    const before = asked(tenant, '/resto/api/v2/reports/olap')
    await sync(tenant)
    expect(asked(tenant, '/resto/api/v2/reports/olap')).toBeGreaterThan(before)
    expect((await paid(tenant)).map(({ externalId }) => externalId)).toEqual([order.id])
  })

  it('is the till’s alone where it is too old for the cloud: history comes from the server', async () => {
    const tenant = await create({ settings: { initialDays: 30 } })
    const order = tenant.sandbox.cafe.sell({
      at: ago(tenant, 20 * 24),
      customer: ANNA,
      lines: [line('1', 'Пицца', 59_000)],
    })
    await sync(tenant)
    expect(await paid(tenant)).toMatchObject([{ externalId: `olap:${order.posId}`, customer: { phone: ANNA.phone } }])
  })
})

describe('a sync by the schedule', () => {
  it('asks for what is new, and for what changes rarely only once a day', async () => {
    const tenant = await create()
    const { clock } = tenant.context
    // At noon: far from any change of the day.
    clock.advance(Date.parse(`${clock.now().toISOString().slice(0, 10)}T12:00:00Z`) - clock.now().getTime())
    ring(tenant, 3)
    const row = await findForSession(tenant.context.db, tenant.integrationId, null)
    if (!row) throw new Error('no integration')
    const tokenCache = memoryTokenCache()
    const pull = async (cursor: unknown) => {
      const session = await openSession(tenant.context, row, { startedAt: clock.now(), tokenCache })
      let last = cursor
      for await (const page of connectorOf('iiko').pull(session, cursor)) last = page.cursor
      return last
    }
    const first = await pull(null)
    clock.advance(5 * 60_000)
    const before = tenant.sandbox.requests.length
    await pull(first)
    expect(tenant.sandbox.requests.slice(before).map((request) => request.split('/').slice(-2).join('/'))).toEqual([
      ...['deliveries/by_revision', 'order/by_table', 'api/auth'],
      ...['reports/olap', 'reports/olap', 'reports/olap', 'api/logout', 'deliveries/by_id', 'order/by_id'],
    ])
  })
})

describe('the server’s address', () => {
  const credentials = { apiKey: 'another', apiSecret: null, serverPassword: 'another' }
  const patch = async (tenant: CafeTenant, url: string) =>
    (await tenant.call('PATCH', tenant.path, { additionalConfig: server({ url }), credentials })).json

  it.each([
    ['http://cafe.iiko.it', /https/],
    ['https://cafe.iiko.it:8080', /port/],
    ['https://192.168.0.5', /public/],
    ['https://localhost/resto', /public/],
    ['https://user:pass@cafe.iiko.it', /user name/],
    ['cafe.iiko.it', /not a URL/],
  ])('is refused when it is saved: %s', async (url, message) => {
    const json = await patch(await create(), url)
    expect(json.errors).toMatchObject([
      { path: 'additionalConfig.server.url', message: expect.stringMatching(message) },
    ])
  })

  it('may be any public host, unlike the cloud’s', async () => {
    const tenant = await create()
    expect((await patch(tenant, 'https://cafe.example-restaurant.ru/resto/')).errors).toBeUndefined()
    const { json } = await tenant.call('PATCH', tenant.path, { apiUrl: 'https://cafe.example-restaurant.ru' })
    expect(json.errors).toMatchObject([{ path: 'apiUrl', message: 'is not an address of this CRM' }])
    for (const apiUrl of ['https://api-eu.syrve.live', 'https://api-eu.iiko.services']) {
      expect((await tenant.call('PATCH', tenant.path, { apiUrl, credentials })).status).toBe(200)
    }
  })

  it('needs the password of its user', async () => {
    const tenant = await create()
    const { json } = await tenant.call('PATCH', tenant.path, { credentials: { serverPassword: null } })
    expect(json.errors).toMatchObject([
      { path: 'credentials.serverPassword', message: expect.stringContaining('is required') },
    ])
  })

  it('may be given with or without /resto', async () => {
    for (const url of [`${SANDBOX_URL}/resto`, `${SANDBOX_URL}/resto/`, `${SANDBOX_URL}/`]) {
      const tenant = await create({ settings: server({ url }) })
      ring(tenant, 3)
      expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 1 } })
    }
  })
})
