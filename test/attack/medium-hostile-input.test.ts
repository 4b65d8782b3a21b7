// Medium and low: 92 of 502 hostile requests were answered 500, refusals were larger than what they refused, cells that
// begin with a line feed ran in spreadsheets, and the pages of the documentation left parts of their policy open.
import { beforeAll, describe, expect, it } from 'vitest'
import { csvLine, guardCell, unguardCell } from '#lib/csv-cell.ts'
import { createUndecided } from '#test/amo.ts'
import { createTestContext } from '#test/context.ts'
import { createFileTenant, type FileTenant } from '#test/files.ts'
import { type Answer, caller, createSalonTenant, request, type Salon } from '#test/tenants.ts'
import { adminToken, token } from '#test/tokens.ts'

let salon: Salon
let shop: FileTenant

beforeAll(async () => {
  salon = await createSalonTenant()
  shop = await createFileTenant()
})

const base64url = (value: unknown): string =>
  new TextEncoder().encode(JSON.stringify(value)).toBase64({ alphabet: 'base64url', omitPadding: true })
const ID = crypto.randomUUID()

/** Of a refusal: small, with a code, and with the path of what is wrong. */
function expectRefused(answer: Answer, path?: string | RegExp): void {
  expect([answer.status, answer.json.code]).toEqual([400, 'invalid_request'])
  expect(answer.text.length).toBeLessThan(32_000)
  expect(answer.json.errors.length).toBeLessThanOrEqual(50)
  if (path !== undefined) expect(answer.json.errors[0].path).toMatch(path)
}

describe('a time that PostgreSQL has no day for', () => {
  const TIMES = [
    ...['0000-01-01T00:00:00Z', '0000-12-31T23:59:59.999Z', '2026-01-01T00:00:00+16:00', '2026-01-01T00:00:00-23:59'],
    `2026-01-01T00:00:00.${'0'.repeat(500)}Z`,
  ]

  it.each(TIMES)('is refused in every query and body: %s', async (time) => {
    for (const list of ['transactions', 'transactions/export', 'webhook-deliveries']) {
      for (const name of ['from', 'to']) {
        const answer = await salon.call('GET', `${salon.path}/${list}?${name}=${encodeURIComponent(time)}`)
        expectRefused(answer, `query.${name}`)
      }
    }
    const range = { from: time, to: '2026-02-01T00:00:00Z' }
    for (const route of ['backfill', 'backfill?dryRun=true', 'webhook-deliveries/replay']) {
      expectRefused(await salon.call('POST', `${salon.path}/${route}`, range), 'from')
    }
  })

  it('is refused in a cursor, as is every other text that is no cursor', async () => {
    const cursors = [
      ...[[], {}, null, 1, 'x', [ID], [ID, ID], [null, ID], [{}, ID]].map(base64url),
      ...['0000-01-01 00:00:00+00', '2026-13-01 00:00:00+00', '2026-02-31 00:00:00+00', '2026-01-01 00:00:00+16']
        .concat('2026-01-01 25:00:00+00', '2026-01-01 00:00:00', 'infinity', 'now', 'epoch', '\0')
        .map((time) => base64url([time, ID])),
      ...['2026-01-01 00:00:00+00'].flatMap((time) => [base64url([time, 'x']), base64url([time, `${ID}\0`])]),
      ...['%00', '%FF', '!', 'a'.repeat(10_000), base64url('['.repeat(100_000))],
    ]
    for (const list of ['transactions', 'runs', 'webhook-deliveries', 'quarantine']) {
      for (const cursor of cursors) {
        expectRefused(await salon.call('GET', `${salon.path}/${list}?cursor=${cursor}`), 'query.cursor')
      }
    }
  })

  it('does not take away what PostgreSQL reads', async () => {
    for (const time of ['0001-01-01T00:00:00+15:59', '9999-12-31T23:59:59.999999-15:59']) {
      const answer = await salon.call('GET', `${salon.path}/transactions?from=${encodeURIComponent(time)}`)
      expect(answer.status, time).toBe(200)
    }
  })
})

describe('a text that PostgreSQL does not take', () => {
  const TEXTS = ['\0', 'a\0b', '\ud800', 'a\udfffb']

  it.each(TEXTS)('is refused with its path, in a value or a key: %j', async (text) => {
    const { call, path } = salon
    const admin = caller(salon.context, await adminToken())
    const business = { timezone: 'Europe/Moscow', currency: 'RUB' }
    expectRefused(await admin('PUT', `/v1/businesses/${crypto.randomUUID()}`, { ...business, name: text }), /^name$/)
    expectRefused(await call('PATCH', path, { apiUrl: `https://api.yclients.com/${text}` }), /^apiUrl$/)
    expectRefused(await call('PATCH', path, { credentials: { apiKey: text } }), /^credentials\.apiKey$/)
    const config = { companyId: 1, deep: [{ down: { text } }] }
    expectRefused(await call('PATCH', path, { additionalConfig: config }), /^additionalConfig\.deep\.0\.down\.text$/)
    expectRefused(await call('PATCH', path, { additionalConfig: { companyId: 1, [text]: 1 } }), /^additionalConfig\./)
    expectRefused(await call('PATCH', path, { [text]: 1 }))
    expectRefused(await call('POST', '/v1/oauth/amo_crm/confirm', { ticket: text }), 'ticket')
  })

  it('is refused in a query', async () => {
    for (const list of ['transactions', 'webhook-deliveries']) {
      expectRefused(await salon.call('GET', `${salon.path}/${list}?externalId=a%00b`), /^query\.externalId$/)
    }
    expectRefused(
      await salon.call('POST', `${salon.path}/imports?format=%00`, 'a', { 'content-type': 'text/csv' }),
      'query.format',
    )
    expectRefused(await salon.call('GET', '/v1/oauth/amo_crm/authorize?returnUrl=https://a%00'), 'query.returnUrl')
  })

  it('is no subject of a token', async () => {
    for (const sub of ['a\0b', '\ud800']) {
      const bearer = await token({ business_id: salon.businessId, sub })
      expect((await caller(salon.context, bearer)('GET', '/v1/integrations')).status).toBe(401)
    }
  })

  it('is left out of what a hook says', async () => {
    const { webhookUrl } = (await salon.call('GET', salon.path)).json
    const { pathname } = new URL(webhookUrl)
    for (const body of [
      '{"a":"\\u0000\\ud800"',
      '{"company_id":1,"resource":"\\ud800\\u0000","resource_id":"\\u0000"}',
    ]) {
      const answer = await request(salon.context, pathname, { method: 'POST', body })
      expect(answer.status).toBe(200)
    }
  })
})

describe('a body that is made to cost', () => {
  const zeros = (count: number) => `[${'0,'.repeat(count - 1)}0]`
  const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, 0]))

  it.each([
    ['300,000 parts', 'POST', `/imports/uploads/${ID}/complete`, `{"parts":${zeros(300_000)}}`],
    ['10,000 wrong parts', 'POST', `/imports/uploads/${ID}/complete`, `{"parts":${zeros(10_000)}}`],
    ['300,000 members', 'PATCH', '', `{"additionalConfig":{"list":${zeros(300_000)}}}`],
    ['a list in the place of an object', 'PATCH', '', zeros(400_000)],
    ['70,000 unknown keys', 'PATCH', '', JSON.stringify(keys(70_000))],
    ['9,000 unknown keys', 'PATCH', '', JSON.stringify(keys(9000))],
    ['70,000 keys further down', 'PATCH', '', JSON.stringify({ credentials: keys(70_000) })],
    ['100,000 brackets', 'PATCH', '', `{"additionalConfig":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`],
    ['100,000 objects in each other', 'PATCH', '', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['many lists of many members', 'PATCH', '', `{"a":[${`${zeros(400)},`.repeat(400)}0]}`],
    ['a key as long as the body', 'PATCH', '', JSON.stringify({ ['k'.repeat(900_000)]: 1 })],
    ['a number as long as the body', 'PATCH', '', `{"syncIntervalMinutes":${'9'.repeat(900_000)}}`],
    ['a value as long as the body', 'PATCH', '', JSON.stringify({ apiUrl: 'x'.repeat(900_000) })],
    ['a prototype', 'PATCH', '', '{"__proto__":{"syncEnabled":true}}'],
    ['a prototype further down', 'PATCH', '', '{"additionalConfig":{"companyId":1,"__proto__":{"a":1}}}'],
  ])('is refused shortly: %s', async (_, method, route, body) => {
    const { call, path } = route === '' ? salon : shop
    expectRefused(await call(method, path + route, body, { 'content-type': 'application/json' }))
  })

  it('is refused where its brackets do not end', async () => {
    const answer = await salon.call('PATCH', salon.path, '['.repeat(900_000))
    expect([answer.status, answer.json.code]).toEqual([400, 'malformed_json'])
  })

  it('is refused shortly in a query', async () => {
    const queries = [
      Array.from({ length: 5000 }, (_, n) => `k${n}=`).join('&'),
      'limit=5&'.repeat(5000),
      `${'k'.repeat(50_000)}=1`,
      `limit=${'9'.repeat(50_000)}`,
      `cursor=${'A'.repeat(50_000)}`,
      '__proto__=1',
      '__proto__[a]=1',
    ]
    for (const query of queries) expectRefused(await salon.call('GET', `${salon.path}/transactions?${query}`), /^query/)
  })
})

describe('a request of an odd form', () => {
  it('is answered by a problem of its own', async () => {
    const { path, call } = salon
    const json = { 'content-type': 'application/json' }
    const gzip = new Uint8Array([31, 139, 8, 0, 0, 0, 0, 0])
    const forms: [number, Promise<Answer>][] = [
      [404, call('GET', '/v1/integrations/%E0%A4%A')],
      [404, call('GET', '/v1/integrations/%')],
      [404, call('GET', `${path}/runs/%00`)],
      [404, call('GET', `${path}%00`)],
      [404, call('GET', '/docs/%')],
      [404, call('GET', '/docs/__proto__')],
      [404, call('GET', '/docs/constructor')],
      [404, call('GET', '/webhooks/__proto__/constructor')],
      [404, call('PROPFIND', '/v1/nothing')],
      [405, call('PROPFIND', path)],
      [405, call('PUT', path)],
      [200, call('GET', path, undefined, { 'if-none-match': '"x",'.repeat(15_000) })],
      [200, call('GET', path, undefined, { 'accept-language': 'x,'.repeat(30_000), range: 'bytes=0-1' })],
      [200, call('GET', path, undefined, { 'if-none-match': '\u00ff\u00fe"', 'content-type': '\u00ff' })],
      [412, call('PATCH', path, {}, { 'if-match': '"x",'.repeat(15_000) })],
      [400, call('PATCH', path, gzip, { ...json, 'content-encoding': 'gzip' })],
      [415, call('PATCH', path, '--x--', { 'content-type': 'multipart/form-data; boundary=x' })],
      [200, call('PATCH', path, new ReadableStream({ start: (controller) => controller.close() }), json)],
      [401, call('GET', path, undefined, { authorization: `Bearer ${'x'.repeat(60_000)}` })],
      [401, call('GET', path, undefined, { authorization: ' '.repeat(60_000) })],
    ]
    for (const [status, form] of forms) expect((await form).status).toBe(status)
  })
})

describe('a callback', () => {
  it('is refused when a parameter is longer than any that the vendor sends; others are ignored', async () => {
    const { context } = await createUndecided()
    const callback = async (query: string, route = 'callback') =>
      request(context, `/v1/oauth/amo_crm/${route}?${query}`)
    for (const name of ['code', 'state', 'referer', 'client_id', 'error', 'from_widget']) {
      expectRefused(await callback(`${name}=${'x'.repeat(4097)}`), `query.${name}`)
      expect((await callback(`${name}=${'x'.repeat(4096)}`)).json).toBeNull()
    }
    for (const name of ['account_id', 'client_uuid', 'signature']) {
      expectRefused(await callback(`${name}=${'x'.repeat(4097)}`, 'disconnect'), `query.${name}`)
    }
    expectRefused(await callback('code=%00&state=x'), 'query.code')
    expect((await callback(`state=x&other=%00${'x'.repeat(5000)}`)).json).toBeNull()
  })
})

describe('a cell of a spreadsheet', () => {
  it.each([
    '\n=1+1',
    '\r=1+1',
    '\t=1+1',
    '\v=1+1',
    '\f=1+1',
    '\0=1+1',
    '\u001f@a',
    '\ufeff=1',
    ' =1+1',
    '\u00a0=1',
    '\n5',
  ])('does not run behind what programs leave out: %j', (text) => {
    const guarded = guardCell(text)
    expect(guarded).toMatch(/^'/)
    expect(guardCell(guarded)).toMatch(/^''/)
    expect([unguardCell(guarded), unguardCell(guardCell(guarded))]).toEqual([text, guarded])
    expect(csvLine([guarded], ',')).toMatch(/^"?'/)
  })
})

describe('the pages of the documentation', () => {
  it('have a policy that leaves nothing to a default that does not cover it', async () => {
    const { headers } = await request(createTestContext(), '/docs')
    const policy = Object.fromEntries(
      (headers.get('content-security-policy') ?? '').split('; ').map((part) => [part.split(' ')[0], part]),
    )
    // What has no default of its own falls back to default-src, but these three do not.
    for (const name of ['default-src', 'base-uri', 'form-action', 'frame-ancestors']) {
      expect(policy[name]).toBe(`${name} 'none'`)
    }
    const own = { 'style-src': "style-src 'self'", 'img-src': "img-src 'self'" }
    expect(policy).toMatchObject(own)
    expect(Object.keys(policy)).toHaveLength(6)
  })
})
