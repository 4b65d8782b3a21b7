// Who is let into iiko's cloud, and to which restaurants: what is known to happen, played by the sandbox.
import { describe, expect, it } from 'vitest'
import { createIikoSandbox } from '#sandbox/iiko.ts'
import { asked, capability, createCafeTenant, sell, statusOf, storedSales } from '#test/cafe.ts'
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
