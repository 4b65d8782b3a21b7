// Who is let into iiko's cloud, and to which restaurants: what is known to happen, played by the sandbox.
import { describe, expect, it } from 'vitest'
import { createIikoSandbox } from '#sandbox/iiko.ts'
import { asked, type CafeTenant, capability, createCafeTenant, ring, sell, statusOf, storedSales } from '#test/cafe.ts'
import { collect, openedSession, storedCursor } from '#test/pulls.ts'
import { sync } from '#test/tenants.ts'

const { appId, clientSecret } = createIikoSandbox().cloud.keys
const APP = { IIKO_APP_ID: appId, IIKO_APP_SECRET: clientSecret }
const OTHER = '11111111-0000-4000-8000-000000000001'

describe('the token', () => {
  it('is asked for once and used until shortly before its end, over all syncs', async () => {
    const tenant = await createCafeTenant()
    for (let run = 0; run < 3; run += 1) await sync(tenant)
    expect(asked(tenant, 'access_token')).toBe(1)
  })

  it('is replaced once when iiko has forgotten it', async () => {
    const tenant = await createCafeTenant()
    await sync(tenant)
    tenant.sandbox.cloud.tokens.clear()
    sell(tenant, 1)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', attempt: 0, counters: { inserted: 1 } })
    expect(asked(tenant, 'access_token')).toBe(2)
  })

  it('comes with the service’s own app where the integration has none', async () => {
    const tenant = await createCafeTenant({ settings: { appId: undefined }, variables: APP })
    await tenant.call('PATCH', tenant.path, { credentials: { apiSecret: null } })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(asked(tenant, '/api/v2/access_token')).toBe(1)
  })

  it('comes by the old form where there is no app and iiko still answers it', async () => {
    const tenant = await createCafeTenant({ settings: { appId: undefined } })
    tenant.sandbox.cloud.isOldTokenOn = true
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(asked(tenant, '/api/1/access_token')).toBe(1)
  })

  it('is not to be had by the old form any more, and the owner is told what is needed', async () => {
    const tenant = await createCafeTenant({ settings: { appId: undefined } })
    const run = await sync(tenant)
    expect(run).toMatchObject({ status: 'failed', error: { kind: 'auth' } })
    expect(run.error.message).toContain('app id')
    expect(await capability(tenant, 'credentials', 'ru')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('appId'),
    })
  })

  it.each([
    ['the key', { apiKey: 'another' }, 'auth', /API key/],
    ['the app’s secret', { clientSecret: 'another' }, 'auth', /app’s id or secret/],
  ])('is refused for %s by name', async (_name, keys, kind, sentence) => {
    const tenant = await createCafeTenant()
    Object.assign(tenant.sandbox.cloud.keys, keys)
    const run = await sync(tenant)
    expect(run).toMatchObject({ status: 'failed', attempt: 0, error: { kind } })
    expect(run.error.message).toMatch(sentence)
  })

  it('is refused when the licence has ended, which is no matter of the key', async () => {
    const tenant = await createCafeTenant()
    tenant.sandbox.cloud.denied.add('licence')
    const run = await sync(tenant)
    expect(run).toMatchObject({ status: 'failed', error: { kind: 'forbidden' } })
    expect(run.error.message).toMatch(/licence/i)
  })
})

describe('restaurants', () => {
  it('are none: the key is valid and opens nothing', async () => {
    const tenant = await createCafeTenant()
    tenant.sandbox.cloud.denied.add('organizations')
    expect(await sync(tenant)).toMatchObject({
      status: 'failed',
      error: { kind: 'forbidden', message: expect.stringMatching(/opens no restaurant/) },
    })
    expect(await capability(tenant, 'credentials')).toMatchObject({ ok: true })
    expect(await capability(tenant, 'organizations')).toMatchObject({ required: true, ok: false })
  })

  it('are not all granted that the settings name: the missing one is named', async () => {
    const tenant = await createCafeTenant({ settings: { organizationIds: [OTHER] } })
    expect(await sync(tenant)).toMatchObject({
      status: 'failed',
      error: { kind: 'forbidden', message: expect.stringContaining(OTHER) },
    })
  })

  it('are several: each sale stands in its own, with its own currency; those not chosen are left out', async () => {
    const tenant = await createCafeTenant()
    const { cloud } = tenant.sandbox
    cloud.organizations.push({ id: OTHER, name: 'Минск', currencyIsoName: 'BYN', countryPhoneCode: '375' })
    const [here, there] = [sell(tenant, 2), sell(tenant, 3, { organizationId: OTHER })]
    await sync(tenant)
    const { json } = await tenant.call('GET', `${tenant.path}/transactions`)
    const byId = new Map(json.items.map((item: { externalId: string }) => [item.externalId, item]))
    expect(byId.get(here.id)).toMatchObject({ currency: 'RUB', location: { name: 'Кафе «Центр»' } })
    expect(byId.get(there.id)).toMatchObject({ currency: 'BYN', location: { externalId: OTHER, name: 'Минск' } })
    const one = await createCafeTenant({ settings: { organizationIds: [OTHER.toUpperCase()] } })
    one.sandbox.cloud.organizations.push({ id: OTHER, name: 'Минск', currencyIsoName: 'BYN', countryPhoneCode: '375' })
    sell(one, 2)
    const mine = sell(one, 3, { organizationId: OTHER })
    await sync(one)
    expect((await storedSales(one)).map(({ externalId }) => externalId)).toEqual([mine.id])
  })

  it('come anew: their week is read by date before their changes are', async () => {
    const tenant = await createCafeTenant()
    const old = sell(tenant, 80, { organizationId: OTHER })
    await sync(tenant)
    tenant.sandbox.cloud.organizations.push({
      id: OTHER,
      name: 'Второе',
      currencyIsoName: 'RUB',
      countryPhoneCode: '7',
    })
    await sync(tenant)
    expect(await statusOf(tenant, old.id)).toBe('paid')
  })
})

describe('what is kept for a day', () => {
  const MINUTES_MS = 60_000
  const other = { id: OTHER, name: 'Второе', currencyIsoName: 'RUB', countryPhoneCode: '7' }

  /** Polls, each from the cursor of the one before. */
  function polling(tenant: CafeTenant) {
    let cursor: unknown = null
    return async (laterMs = 5 * MINUTES_MS) => {
      tenant.context.clock.advance(laterMs)
      const { connector, session } = await openedSession(tenant, tenant.context.clock.now())
      tenant.sandbox.requests.length = 0
      // As if all were stored: then no order is asked for by its id.
      const aliases = async (among: readonly string[]) => new Set(among)
      const pages = await collect(connector.pull({ ...session, aliases }, cursor))
      cursor = storedCursor(connector, pages.at(-1))
      return pages.flatMap(({ records }) => records)
    }
  }

  it('leaves five calls to a poll: changes, orders at tables and the three reports of the till', async () => {
    const tenant = await createCafeTenant({ withReports: true, settings: { initialDays: 5 } })
    ring(tenant, 2, { guest: { phone: '+79161234567', name: null, card: null } })
    sell(tenant, 1)
    const poll = polling(tenant)
    await poll()
    await poll()
    const paths = tenant.sandbox.requests
      .map((line) => line.split('/').at(-1))
      .filter((path) => path !== 'access_token')
    expect(paths).toEqual(['by_revision', 'by_table', 'get', 'get', 'get'])
    await poll(24 * 60 * MINUTES_MS)
    expect([asked(tenant, '/organizations'), asked(tenant, 'columns/get')]).toEqual([1, 1])
  })

  it('is read again at once when a restaurant is refused that the key opens no more', async () => {
    const tenant = await createCafeTenant({ settings: { initialDays: 5 } })
    const { organizations } = tenant.sandbox.cloud
    organizations.push(other)
    const poll = polling(tenant)
    await poll()
    organizations.pop()
    const { id } = sell(tenant, 0)
    expect(await poll()).toMatchObject([{ transaction: { externalId: id } }])
  })

  it('is read again at once when the reports are refused of a column that is no more', async () => {
    const tenant = await createCafeTenant({ withReports: true, settings: { initialDays: 5 } })
    ring(tenant, 2)
    const poll = polling(tenant)
    await poll()
    tenant.sandbox.server.missing.add('Bonus.CardNumber')
    const { id } = ring(tenant, 0)
    expect((await poll()).map((record) => 'transaction' in record && record.transaction.externalId)).toContain(
      `olap:${id}`,
    )
    await poll()
    expect(asked(tenant, 'columns/get')).toBe(0)
  })

  it('shows no sale of a restaurant that the settings do not choose, however new it is', async () => {
    const tenant = await createCafeTenant({
      settings: { organizationIds: [createIikoSandbox().cloud.organizations[0]?.id] },
    })
    const poll = polling(tenant)
    await poll()
    tenant.sandbox.cloud.organizations.push(other)
    await poll()
    expect(asked(tenant, '/organizations')).toBe(1)
  })
})
