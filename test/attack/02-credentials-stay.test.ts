// Who may change settings must not thereby have a stored credential sent to a host of his own.
import { describe, expect, it } from 'vitest'
import { createConsented } from '#test/amo.ts'
import { createCafeTenant } from '#test/cafe.ts'
import { SANDBOX_URL } from '#test/context.ts'
import { workingClinic } from '#test/renovatio.ts'
import { createShopTenant } from '#test/shop.ts'
import { type Connected, createSalonTenant } from '#test/tenants.ts'

const ELSEWHERE = 'https://collect.attacker.ru'

async function patch({ call, path }: Connected, change: unknown) {
  const { status, json } = await call('PATCH', path, change)
  const paths = json.errors?.map((error: { path: string }) => error.path)
  return { status, code: json.code, paths }
}

async function refused(tenant: Connected, change: unknown, paths: string[]) {
  const before = (await tenant.call('GET', tenant.path)).json
  expect(await patch(tenant, change)).toEqual({ status: 400, code: 'credentials_required', paths })
  expect((await tenant.call('GET', tenant.path)).json).toEqual(before)
}

describe('another origin', () => {
  it('needs the user and the password of a 1C base anew, both of them', async () => {
    const shop = await createShopTenant({ receipts: 1 })
    await refused(shop, { apiUrl: ELSEWHERE }, ['credentials.apiKey', 'credentials.apiSecret'])
    await refused(shop, { apiUrl: ELSEWHERE, syncEnabled: true }, ['credentials.apiKey', 'credentials.apiSecret'])
    const half = { apiUrl: ELSEWHERE, credentials: { apiKey: 'mine' } }
    await refused(shop, half, ['credentials.apiSecret'])
    const whole = { apiUrl: ELSEWHERE, credentials: { apiKey: 'mine', apiSecret: 'mine' } }
    expect((await patch(shop, whole)).status).toBe(200)
  })

  it('needs the key of a clinic anew, also when it is the vendor’s own by default', async () => {
    const clinic = await workingClinic({ initialDays: 10 })
    await refused(clinic, { apiUrl: `${ELSEWHERE}/api/public` }, ['credentials.apiKey'])
    await refused(clinic, { apiUrl: null }, ['credentials.apiKey'])
    expect((await patch(clinic, { apiUrl: null, credentials: { apiKey: 'k' } })).status).toBe(200)
    expect((await patch(clinic, { apiUrl: 'https://app.rnova.org/api/public' })).status).toBe(200)
    await refused(clinic, { apiUrl: ELSEWHERE }, ['credentials.apiKey'])
  })

  it('may be reached by another path, or be spelt otherwise', async () => {
    const shop = await createShopTenant({ receipts: 1 })
    expect((await patch(shop, { apiUrl: `${SANDBOX_URL}/odata/standard.odata` })).status).toBe(200)
    expect((await patch(shop, { apiUrl: `HTTP://127.0.0.1:0009/` })).status).toBe(200)
  })

  it('may be another brand’s, chosen by the settings', async () => {
    const salon = await createSalonTenant()
    const { companyId } = salon.sandbox.credentials
    const credentials = { apiKey: 'a', apiSecret: 'b' }
    await patch(salon, { apiUrl: null, credentials })
    const additionalConfig = { companyId, brand: 'altegio' }
    await refused(salon, { additionalConfig }, ['credentials.apiKey', 'credentials.apiSecret'])
    expect((await patch(salon, { additionalConfig, credentials })).status).toBe(200)
  })

  it('ends what was given by consent: it takes a new one, or a key in its place', async () => {
    const tenant = await createConsented()
    await refused(tenant, { apiUrl: 'https://attacker.amocrm.ru' }, ['credentials.apiKey'])
    expect(
      (await patch(tenant, { apiUrl: 'https://attacker.amocrm.ru', credentials: { apiKey: 'mine' } })).status,
    ).toBe(200)
  })
})

describe('the server beside the cloud', () => {
  const server = (url: string, login = 'loyalty') => ({ additionalConfig: { server: { url, login } } })
  const all = ['credentials.apiKey', 'credentials.apiSecret', 'credentials.serverPassword']

  it('keeps its password to its address and user', async () => {
    const cafe = await createCafeTenant({ withServer: true })
    await refused(cafe, server(ELSEWHERE), all)
    await refused(cafe, server(SANDBOX_URL, 'owner'), all)
    const credentials = { apiKey: 'mine', apiSecret: null, serverPassword: 'mine' }
    expect((await patch(cafe, { ...server(ELSEWHERE), credentials })).status).toBe(200)
  })

  it('cannot be taken out first and named anew afterwards', async () => {
    const cafe = await createCafeTenant({ withServer: true })
    expect((await patch(cafe, { additionalConfig: {} })).status).toBe(200)
    await refused(cafe, server(ELSEWHERE), ['credentials.serverPassword'])
    const credentials = { serverPassword: 'mine' }
    expect((await patch(cafe, { ...server(ELSEWHERE), credentials })).status).toBe(200)
  })

  it('may be spelt otherwise, and its other settings change freely', async () => {
    const cafe = await createCafeTenant({ withServer: true })
    const { additionalConfig } = server(`${SANDBOX_URL}/resto/`)
    expect(
      (await patch(cafe, { additionalConfig: { server: { ...additionalConfig.server, overlapDays: 5 } } })).status,
    ).toBe(200)
  })
})
