// Walks every route there is, so that a new one cannot miss what all of them promise.
import { env } from '#test/env.ts'
import { beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '#api/app.ts'
import { ROUTES } from '#api/routes.ts'
import type { Route } from '#api/route.ts'
import { PROBLEMS } from '#lib/errors.ts'
import { caller, createSalonTenant, createTenant, request, type Salon, sync, type Tenant } from '#test/tenants.ts'
import { adminToken, tenantToken } from '#test/tokens.ts'

const GUARDED = ROUTES.filter(({ scope }) => scope !== null)
const SCOPED = GUARDED.filter(({ scope }) => scope !== 'any')
const OF_A_TENANT = GUARDED.filter(({ path }) => path.startsWith('/v1/integrations/{id}'))
const WITH_BODY = GUARDED.filter(({ method, rawBody }) => ['post', 'put', 'patch'].includes(method) && rawBody === null)
/** What a route takes at least. */
const BODIES: Readonly<Record<string, unknown>> = {
  'patch /v1/integrations/{id}': { syncIntervalMinutes: 7 },
  'post /v1/integrations/{id}/imports/uploads/{uploadId}/complete': { parts: [{ part: 1, etag: 'x' }] },
  'put /v1/integrations/{id}/formats/{name}': {},
  'post /v1/integrations/{id}/checks': { from: '2026-01-01', to: '2026-01-02' },
  'post /v1/integrations/{id}/repairs': { from: '2026-01-01', to: '2026-01-02' },
  'post /v1/integrations/{id}/backfill': { from: '2026-01-01T00:00:00Z' },
  'post /v1/integrations/{id}/webhook-deliveries/replay': { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' },
}
/** What a route's query has at least. */
const QUERIES: Readonly<Record<string, string>> = {
  'get /v1/integrations/{id}/transactions/summary': '?from=2026-01-01&to=2026-01-31&groupBy=day',
  'get /v1/integrations/{id}/days': '?from=2026-01-01&to=2026-01-31',
  'get /v1/integrations/{id}/explanation': '?externalId=record:1',
}
const title = (route: Route) => `${route.method.toUpperCase()} ${route.path}`

let salon: Salon
let stranger: Tenant
let runId: string

beforeAll(async () => {
  salon = await createSalonTenant()
  stranger = await createTenant(salon.context)
  runId = (await sync(salon)).id
})

function pathOf({ method, path }: Route): string {
  const id = path.startsWith('/v1/businesses') ? salon.businessId : salon.integrationId
  return path
    .replace('{id}', id)
    .replace('{runId}', runId)
    .replaceAll(/\{\w+Id\}/g, crypto.randomUUID())
    .replace('{n}', '1')
    .replace('{day}', '2026-01-01')
    .replace('{name}', 'till')
    .concat(QUERIES[`${method} ${path}`] ?? '')
}

async function send(route: Route, bearer: string | null, body?: unknown) {
  return request(salon.context, pathOf(route), {
    method: route.method.toUpperCase(),
    headers: {
      ...(bearer && { authorization: `Bearer ${bearer}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

function expectProblem(answer: Awaited<ReturnType<typeof send>>, code: keyof typeof PROBLEMS) {
  expect(answer.status).toBe(PROBLEMS[code].status)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(answer.json).toMatchObject({ code, status: answer.status, requestId: answer.headers.get('x-request-id') })
  expect(Object.keys(answer.json)).toEqual(expect.arrayContaining(['type', 'title', 'detail']))
}

it('walks all that the app serves', () => {
  const app = createApp(ROUTES, () => salon.context)
  const served = new Set(app.routes.map(({ path }) => path.replaceAll(/:(\w+)/g, '{$1}')))
  const known = new Set([
    ...ROUTES.map(({ path }) => path),
    '/docs',
    '/docs/schemas',
    '/docs/style.css',
    '/docs/icon.svg',
    '/openapi.json',
    '/*',
  ])
  expect([...served].filter((path) => !known.has(path))).toEqual([])
  expect(GUARDED.length).toBeGreaterThan(15)
})

describe.each(GUARDED.map((route) => ({ name: title(route), route })))('$name', ({ route }) => {
  it('refuses the anonymous', async () => {
    const answer = await send(route, null)
    expectProblem(answer, 'unauthenticated')
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  })

  it('refuses a token that is none', async () => {
    expectProblem(await send(route, 'not.a.token'), 'unauthenticated')
  })

  it('wears the security headers and a request id, answered or refused', async () => {
    for (const bearer of [null, await tenantToken(stranger.businessId)]) {
      const { headers } = await send(route, bearer)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers.get('strict-transport-security')).toContain('max-age')
      expect(headers.get('cache-control')).toContain('no-store')
      expect(headers.get('x-request-id')).toBeTruthy()
      expect(headers.get('server-timing')).toMatch(/^total;dur=/)
    }
  })
})

it.each(SCOPED.map((route) => ({ name: title(route), route })))(
  '$name refuses a token without the scope',
  async ({ route }) => {
    const others = ['integrations:read', 'integrations:write', 'transactions:read'].filter((one) => one !== route.scope)
    expectProblem(await send(route, await tenantToken(salon.businessId, others.join(' '))), 'insufficient_scope')
  },
)

describe.each(OF_A_TENANT.map((route) => ({ name: title(route), route })))('$name', ({ route }) => {
  const body = BODIES[`${route.method} ${route.path}`]

  it('shows another tenant the same as for what does not exist', async () => {
    const bearer = await tenantToken(stranger.businessId)
    const other = await send(route, bearer, body)
    const path = pathOf(route).replace(salon.integrationId, crypto.randomUUID())
    const none = await caller(salon.context, bearer)(route.method.toUpperCase(), path, body)
    for (const answer of [other, none]) expectProblem(answer, 'not_found')
    expect({ ...other.json, requestId: '' }).toEqual({ ...none.json, requestId: '' })
  })

  it('takes an id that is no UUID for one that does not exist', async () => {
    const bearer = await tenantToken(salon.businessId)
    const path = pathOf(route).replace(salon.integrationId, "1'%20or%201=1")
    expectProblem(await caller(salon.context, bearer)(route.method.toUpperCase(), path, body), 'not_found')
  })
})

describe.each(WITH_BODY.map((route) => ({ name: title(route), route })))('$name', ({ route }) => {
  it('refuses keys that it does not know, by name', async () => {
    const answer = await send(route, await adminToken(), { surprise: 1 })
    expectProblem(answer, 'invalid_request')
    expect(answer.json.errors.map(({ path }: { path: string }) => path)).toContain('surprise')
  })

  it('refuses a body that is no JSON, of another type, or too large', async () => {
    const bearer = await adminToken()
    const post = async (body: string, type: string) =>
      caller(salon.context, bearer)(route.method.toUpperCase(), pathOf(route), body, { 'content-type': type })
    expectProblem(await post('{"name":', 'application/json'), 'malformed_json')
    expectProblem(await post('name=x', 'application/x-www-form-urlencoded'), 'unsupported_media_type')
    expectProblem(await post(JSON.stringify({ name: 'x'.repeat(1_000_001) }), 'application/json'), 'body_too_large')
  })
})

it('logs one line a request, with the ids it is about and nothing of the token', async () => {
  const { logged } = salon.context
  logged.length = 0
  const bearer = await tenantToken(salon.businessId)
  await caller(salon.context, bearer)('GET', `${salon.path}/runs/${runId}`)
  const lines = logged.map((line) => JSON.parse(line))
  expect(lines).toMatchObject([
    { level: 'info', event: 'request', path: '/v1/integrations/{id}/runs/{runId}', status: 200, runId },
  ])
  expect(lines[0]).toMatchObject({ integrationId: salon.integrationId, requestId: expect.any(String) })
  expect(logged.join('')).not.toContain(bearer.split('.')[2])
})

describe('an address with a slash at its end', () => {
  it('is the same without it', async () => {
    for (const path of ['/healthz', '/docs', '/openapi.json']) {
      const [plain, slashed] = [await request(salon.context, path), await request(salon.context, `${path}/`)]
      expect([slashed.status, slashed.text]).toEqual([200, plain.text])
    }
    const { pathname } = new URL((await salon.call('GET', `${salon.path}/`)).json.webhookUrl)
    const hook = { method: 'POST', body: '[]' }
    expect(await request(salon.context, `${pathname}/`, hook)).toMatchObject({ status: 200 })
    expectProblem(await request(salon.context, `${pathname}//`, hook), 'not_found')
  })
})

describe('what is not there', () => {
  it('is a problem too: unknown addresses and methods', async () => {
    expectProblem(await request(salon.context, '/v2/anything'), 'not_found')
    const answer = await request(salon.context, '/v1/integrations', { method: 'DELETE' })
    expectProblem(answer, 'method_not_allowed')
    expect(answer.headers.get('allow')).toBe('GET, POST, OPTIONS')
    for (const path of ['/openapi.json', '/docs', '/docs/style.css']) {
      const posted = await request(salon.context, path, { method: 'POST' })
      expectProblem(posted, 'method_not_allowed')
      expect(posted.headers.get('allow')).toBe('GET')
    }
  })

  it('is told in the language that the caller prefers', async () => {
    const titleIn = async (language: string) =>
      (await request(salon.context, '/v2/anything', { headers: { 'accept-language': language } })).json.title
    const languages = [
      'ru',
      'en, ru',
      'ru;q=0',
      'en;q=0.5, ru;q=0.9',
      'de, ru;q=0.1',
      'run',
      '*',
      'ru;q=x',
      'RU-ru;q=1.0',
    ]
    expect(await Promise.all(languages.map(titleIn))).toEqual([
      ...['Не найдено', 'Not found', 'Not found', 'Не найдено', 'Не найдено', 'Not found', 'Not found'],
      ...['Не найдено', 'Не найдено'],
    ])
  })

  it('says nothing of the inside when something breaks, and logs all of it', async () => {
    const broken = { ...salon.context, db: new Proxy(salon.context.db, { get: () => () => explode() }) }
    const app = createApp(ROUTES, () => broken)
    const headers = { authorization: `Bearer ${await tenantToken(salon.businessId)}` }
    const url = `https://api.example.com/v1/integrations/${salon.integrationId}`
    const response = await app.fetch(new Request(url, { headers }), env)
    const text = await response.text()
    expect(response.status).toBe(500)
    expect(text).not.toContain('secret table')
    expect(text).toContain('"code":"internal"')
    expect(salon.context.logged.join('\n')).toContain('secret table')
  })

  it('answers 503 with Retry-After when the database does not answer', async () => {
    salon.context.databaseFaults.push('unsent')
    const answer = await salon.call('POST', `${salon.path}/sync`)
    expectProblem(answer, 'unavailable')
    expect(answer.headers.get('retry-after')).toBe('5')
  })
})

function explode(): never {
  throw new Error('the secret table is broken')
}

describe('other origins', () => {
  it('may call only when they are named', async () => {
    const { context } = await createSalonTenant({ variables: { CORS_ORIGINS: 'https://app.example.com' } })
    const preflight = async (origin: string) =>
      request(context, '/v1/integrations', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      })
    const named = await preflight('https://app.example.com')
    expect(named.status).toBe(204)
    expect(named.headers.get('access-control-allow-origin')).toBe('https://app.example.com')
    expect(named.headers.get('access-control-allow-methods')).toContain('POST')
    expect((await preflight('https://evil.example.com')).headers.get('access-control-allow-origin')).toBeNull()
  })
})
