// Only 1C's own words are believed: what a web server or a proxy before it says tells nothing of the base.
import { describe, expect, it } from 'vitest'
import { createClient, type OneCClient } from '#crm/1c/client.ts'
import { baseUrl, serviceUrl } from '#crm/1c/odata.ts'
import type { Settings } from '#crm/1c/settings.ts'
import type { Session } from '#crm/contract.ts'
import { attempt } from '#lib/crm-error.ts'
import { Secret } from '#lib/secret.ts'
import { createShopTenant, saleOf, sell } from '#test/shop.ts'
import { sync } from '#test/tenants.ts'

const KEY = '5a0f7c1e-8d21-11f0-9c55-00155d0a1b02'
const CALLS: Readonly<Record<string, (client: OneCClient) => Promise<unknown>>> = {
  'the root': async (client) => client.sets(),
  'a list': async (client) => client.rows('Document_ЧекККМ', { top: 1 }),
  'an object': async (client) => client.object('Document_ЧекККМ', KEY),
}

interface Answer {
  readonly status: number
  readonly text?: string
  readonly challenge?: string
}

async function ask(call: (client: OneCClient) => Promise<unknown>, { status, text = '', challenge }: Answer) {
  const headers = new Headers(challenge === undefined ? {} : { 'www-authenticate': challenge })
  const json = (): unknown => JSON.parse(text)
  const session = {
    ...{ apiKey: new Secret('user'), apiSecret: new Secret('password'), apiUrl: 'https://1c.example.com/base' },
    ...{ settings: { allowedOnly: false }, http: { request: async () => ({ status, headers, text, json }) } },
  } as unknown as Session<Settings>
  const { value, error } = await attempt(async () => call(createClient(session)))
  return error ? { kind: error.kind, reason: error.reason, mayPass: error.mayPass } : value
}

const error = (code: string, value = '…') => JSON.stringify({ 'odata.error': { code, message: { lang: 'ru', value } } })
const PAGE = '<!doctype html><html><h1>Forbidden</h1></html>'
const FOREIGN = {
  'a page': PAGE,
  'a page with a code': '<html><code>9</code><code>20</code></html>',
  'the JSON of a proxy': '{"error":{"code":"20"},"code":"9"}',
  nothing: '',
  'a text': 'Access denied',
}

describe.each(Object.entries(CALLS))('a refusal of %s', (_name, call) => {
  it.each(Object.entries(FOREIGN))('by %s is an outage under every status', async (_what, text) => {
    for (const status of [400, 401, 402, 403, 404, 405, 409, 412, 500]) {
      expect(await ask(call, { status, text })).toMatchObject({ kind: 'unavailable' })
    }
  })

  it('is of the password only when it asks for Basic authorization and shows no page', async () => {
    const challenge = 'Basic realm="1C:Enterprise"'
    const auth = { kind: 'auth', reason: 'credentials_rejected' }
    expect(await ask(call, { status: 401, challenge })).toMatchObject(auth)
    expect(await ask(call, { status: 401, challenge: 'Negotiate, basic realm="1C"' })).toMatchObject(auth)
    for (const text of [PAGE, '{"message":"Unauthorized"}', '{"odata.error":{"co', '\u001F\uFFFD\b\0packed']) {
      expect(await ask(call, { status: 401, challenge, text })).toMatchObject({ kind: 'unavailable' })
    }
    expect(await ask(call, { status: 401, challenge: 'Bearer' })).toMatchObject({ kind: 'unavailable' })
  })

  it('A8: by maintenance, with a byte order mark before it, may pass', async () => {
    const descr = 'Ведутся технические работы'
    for (const body of [error('', descr), `{"odata.error":{"message":{"value":"${descr}"}},"#exception":{}}`]) {
      const shown = await ask(call, { status: 403, text: `\uFEFF${body}` })
      expect(shown).toMatchObject({ kind: 'forbidden', reason: 'maintenance', mayPass: true })
    }
    const exception = `{"#exception":{"#value":{"descr":"${descr}"}}}`
    expect(await ask(call, { status: 403, text: exception })).toMatchObject({ mayPass: true })
  })

  it('by 1C’s own codes is what they mean, in JSON and in XML', async () => {
    const xml = (code: string) => `<?xml version="1.0"?><m:error xmlns:m="x"><m:code>${code}</m:code></m:error>`
    for (const form of [error, xml]) {
      expect(await ask(call, { status: 404, text: form('8') })).toMatchObject({ kind: 'not_found' })
      expect(await ask(call, { status: 500, text: form('-1') })).toMatchObject({ reason: 'query_refused' })
      expect(await ask(call, { status: 400, text: form('10') })).toMatchObject({ kind: 'rejected' })
    }
  })

  it('E3: for a condition on the date, in a text without a code, names the setting to change', async () => {
    const text = 'Ошибка выполнения запроса: Операция не разрешена в предложении "ГДЕ"'
    expect(await ask(call, { status: 500, text })).toMatchObject({ kind: 'unavailable', reason: 'query_refused' })
  })
})

it('an object is gone, or hidden, only by 1C’s own code', async () => {
  const call = async (client: OneCClient) => client.object('Document_ЧекККМ', KEY)
  expect(await ask(call, { status: 404, text: error('9') })).toBe('gone')
  expect(await ask(call, { status: 401, text: error('20') })).toBe('hidden')
})

it('A8: a sync during maintenance fails for now, and goes on after it', async () => {
  const tenant = await createShopTenant()
  const receipt = sell(tenant, 1)
  tenant.sandbox.isInMaintenance = true
  const { json } = await tenant.call('POST', `${tenant.path}/test`, undefined, { 'accept-language': 'ru' })
  expect(json.capabilities[0].detail).toContain('не пускает пользователей')
  tenant.sandbox.isInMaintenance = false
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
  expect(await saleOf(tenant, receipt)).toMatchObject({ status: 'paid' })
})

it('E3: the test names the setting where plain reads work and a condition on the date does not', async () => {
  const tenant = await createShopTenant()
  sell(tenant, 1)
  Object.assign(tenant.sandbox, { noDateFilter: true, refusesInText: true })
  const { json } = await tenant.call('POST', `${tenant.path}/test`)
  const advice = expect.stringContaining('switch off “The server selects by date”')
  expect(json.capabilities).toContainEqual({
    name: 'Document_ЧекККМ',
    title: 'Documents ЧекККМ',
    required: true,
    ok: false,
    detail: advice,
  })
})

it.each([
  ['https://1c.example.com/retail/ru_RU/', 'https://1c.example.com/retail'],
  ['https://1c.example.com/retail/ru/', 'https://1c.example.com/retail'],
  ['https://1c.example.com/retail/#', 'https://1c.example.com/retail'],
  ['https://1c.example.com/retail/en_US/#', 'https://1c.example.com/retail'],
  ['https://1c.example.com/retail/odata/standard.odata/$metadata', 'https://1c.example.com/retail'],
  ['https://1c.example.com/retail/odata/standard.odata/Document_X', 'https://1c.example.com/retail'],
  ['https://1c.example.com/retail/e1cib/list', 'https://1c.example.com/retail'],
  ['https://n1.1cfresh.com/a/unf/123456/ru_RU/', 'https://n1.1cfresh.com/a/unf/123456'],
  ['https://1c.example.com/ru_RU/', 'https://1c.example.com'],
  ['https://1c.example.com/ut', 'https://1c.example.com/ut'],
  ['https://1c.example.com/ru', 'https://1c.example.com/ru'],
])('E4: the address %s is that of the base', (pasted, base) => {
  expect(baseUrl(pasted)).toBe(base)
  expect(serviceUrl(pasted)).toBe(`${base}/odata/standard.odata`)
})

it('E4: a pasted address is stored and works', async () => {
  const tenant = await createShopTenant()
  sell(tenant, 1)
  const { status } = await tenant.call('PATCH', tenant.path, {
    apiUrl: 'http://127.0.0.1:9/ru_RU/?N=user&P=secret#e1cib/list',
  })
  expect(status).toBe(200)
  expect((await tenant.call('GET', tenant.path)).text).not.toContain('P=secret')
  await tenant.call('PATCH', tenant.path, { apiUrl: 'http://127.0.0.1:9/odata/standard.odata/$metadata?$format=json' })
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 1 } })
})

it('E5: a password is kept as typed, and a user name with a colon is refused with the reason', async () => {
  const tenant = await createShopTenant()
  sell(tenant, 1)
  Object.assign(tenant.sandbox.credentials, { apiSecret: ' пароль ' })
  await tenant.call('PATCH', tenant.path, { credentials: { apiSecret: ' пароль ' } })
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 1 } })
  const { status, json } = await tenant.call('PATCH', tenant.path, {
    credentials: { apiKey: 'domain:user', apiSecret: 'x' },
  })
  expect(status).toBe(400)
  expect(json.errors).toEqual([
    { path: 'credentials.apiKey', code: 'wrong_form', message: expect.stringContaining('may not hold a colon') },
  ])
})
