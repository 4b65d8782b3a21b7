// Finding 7: nothing bounded how often a subject calls or a vendor is tested, and strangers kept the database busy.
import { describe, expect, it } from 'vitest'
import { createApp } from '#api/app.ts'
import { ROUTES } from '#api/routes.ts'
import { parseConfig } from '#config.ts'
import { type Context, createContext } from '#context.ts'
import { createUndecided } from '#test/amo.ts'
import { createTestContext } from '#test/context.ts'
import { env } from '#test/env.ts'
import { createTenant, request, type Tenant } from '#test/tenants.ts'
import { tenantToken, token } from '#test/tokens.ts'

const EXACT = { RATE_LIMIT_SCALE: '1' }

/** A binding that lets so many calls of a key through, and remembers its keys. */
function countingLimit(limit: number) {
  const calls = new Map<string, number>()
  const binding: RateLimit = {
    limit: async ({ key }) => {
      const count = (calls.get(key) ?? 0) + 1
      calls.set(key, count)
      return { success: count <= limit }
    },
  }
  return { binding, calls }
}

/** Calls the app with other bindings than those of the test's own. */
function appWith(context: Context, bindings: Partial<Context>) {
  const app = createApp(ROUTES, () => ({ ...context, ...bindings }))
  return async (method: string, path: string, bearer: string) =>
    app.fetch(
      new Request(`https://api.example.com${path}`, { method, headers: { authorization: `Bearer ${bearer}` } }),
      env,
    )
}

async function statuses(times: number, call: () => Promise<Response>): Promise<number[]> {
  const answers = await Promise.all(Array.from({ length: times }, call))
  return answers.map(({ status }) => status)
}

describe('a subject', () => {
  it('writes 120 times a minute for a business, and is told when to come back', async () => {
    const { call } = await createTenant(createTestContext(null, EXACT))
    let count = 0
    let refused: Awaited<ReturnType<Tenant['call']>> | undefined
    // The platform's minute may end in between.
    while (!refused && count < 300) {
      const answers = await Promise.all(Array.from({ length: 30 }, async () => call('POST', '/v1/integrations', {})))
      count += answers.filter(({ status }) => status === 400).length
      refused = answers.find(({ status }) => status === 429)
    }
    expect(count).toBeGreaterThanOrEqual(120)
    expect(count).toBeLessThanOrEqual(240)
    expect(refused?.json).toMatchObject({ code: 'too_many_requests', status: 429 })
    expect(refused?.headers.get('retry-after')).toBe('60')
    expect(refused?.headers.get('ratelimit-policy')).toBe('"writes";q=120;w=60')
    expect((await call('GET', '/v1/crm-types')).status).toBe(200)
  })

  it('has limits of its own for each business, and for reading and writing', async () => {
    const { context } = await createUndecided({ variables: EXACT })
    const [reads, writes] = [countingLimit(3), countingLimit(2)]
    const send = appWith(context, { readLimit: reads.binding, writeLimit: writes.binding })
    const [one, other] = [crypto.randomUUID(), crypto.randomUUID()]
    const bearer = await tenantToken(one)
    const nowhere = `/v1/integrations/${crypto.randomUUID()}`
    expect(await statuses(4, async () => send('GET', nowhere, bearer))).toEqual([404, 404, 404, 429])
    expect((await send('HEAD', nowhere, bearer)).status).toBe(429)
    expect(await statuses(3, async () => send('DELETE', nowhere, bearer))).toEqual([404, 404, 429])
    expect((await send('GET', nowhere, await tenantToken(other))).status).toBe(404)
    expect((await send('GET', nowhere, await token({ sub: 'other', business_id: one }))).status).toBe(404)
    // It stores a state.
    expect((await send('GET', '/v1/oauth/amo_crm/authorize', bearer)).status).toBe(429)
  })

  it('has a hundred times as much in development, by no binding', async () => {
    const context = createContext(env, { config: parseConfig({ ...env, ENVIRONMENT: 'development' }) })
    const within = await Promise.all(Array.from({ length: 60_001 }, async () => context.readLimit.limit({ key: 'a' })))
    // A minute may end in between.
    expect([0, 1]).toContain(within.filter(({ success }) => !success).length)
    expect(within.slice(0, 60_000).every(({ success }) => success)).toBe(true)
    const { headers } = await request(createTestContext(null, { ENVIRONMENT: 'development' }), '/healthz')
    expect(headers.get('ratelimit-policy')).toBe('"reads";q=60000;w=60')
  })

  it('is let through while the limit itself fails', async () => {
    const context = createTestContext()
    const broken: RateLimit = { limit: async () => Promise.reject(new Error('the limit is away')) }
    const send = appWith(context, { readLimit: broken })
    expect((await send('GET', '/v1/crm-types', await tenantToken(crypto.randomUUID()))).status).toBe(200)
    expect(context.logged.join('\n')).toContain('rate_limit_failed')
  })
})

describe('every answer', () => {
  it.each([
    ['GET', '/healthz', 200, '"reads";q=600;w=60'],
    ['GET', '/docs', 200, '"reads";q=600;w=60'],
    ['GET', '/openapi.json', 200, '"reads";q=600;w=60'],
    ['GET', '/v1/nothing', 404, '"reads";q=600;w=60'],
    ['GET', '/v1/integrations', 401, '"reads";q=600;w=60'],
    ['POST', '/v1/integrations', 401, '"writes";q=120;w=60'],
    ['OPTIONS', '/v1/integrations', 204, '"reads";q=600;w=60'],
    ['POST', `/webhooks/yclients/${'a'.repeat(43)}`, 404, '"webhooks";q=3000;w=60'],
  ])('names its limit: %s %s', async (method, path, status, policy) => {
    const answer = await request(createTestContext(null, EXACT), path, { method })
    expect([answer.status, answer.headers.get('ratelimit-policy')]).toEqual([status, policy])
  })

  it('that may be 429 is documented, with the pause', async () => {
    const { paths, components } = (await request(createTestContext(), '/openapi.json')).json
    for (const { path, method, scope } of ROUTES) {
      const name = paths[path][method].responses['429']?.$ref.split('/').at(-1)
      const refusal = components.responses[name]
      const isLimited = scope !== null || path.startsWith('/webhooks/')
      expect(refusal?.headers['Retry-After'] !== undefined, `${method} ${path}`).toBe(isLimited)
    }
  })
})

describe('a page in a browser', () => {
  const SENT = 'traceparent tracestate baggage sentry-trace x-request-id idempotency-key if-match if-none-match'
  const READ = 'location etag content-disposition retry-after ratelimit-policy x-request-id idempotency-replayed'
  const listed = (headers: Headers, name: string) => new Set(headers.get(name)?.toLowerCase().split(/,\s*/))

  it('may send and read what the API understands', async () => {
    const context = createTestContext(null, { CORS_ORIGINS: 'https://app.example.com' })
    const origin = 'https://app.example.com'
    const asked = { origin, 'access-control-request-method': 'PATCH' }
    const preflight = await request(context, '/v1/integrations', { method: 'OPTIONS', headers: asked })
    const sent = listed(preflight.headers, 'access-control-allow-headers')
    const expected = `${SENT} last-event-id accept-language authorization content-type`.split(' ')
    expect(expected.filter((name) => !sent.has(name))).toEqual([])
    const answer = await request(context, '/v1/integrations', { headers: { origin } })
    const read = listed(answer.headers, 'access-control-expose-headers')
    expect(READ.split(' ').filter((name) => !read.has(name))).toEqual([])
  })

  it.each([
    ['http://localhost:5173', true],
    ['http://127.0.0.1:3000', true],
    ['http://localhost', true],
    ['https://localhost:5173', false],
    ['http://localhost.evil.com:80', false],
    ['http://127.0.0.1:3000@evil.com', false],
    ['http://localhost:5173/', false],
    ['null', false],
  ])('of %s is served in development only: %s', async (origin, isLocal) => {
    const allowed = async (environment: string) => {
      const context = createTestContext(null, { ENVIRONMENT: environment })
      const { headers } = await request(context, '/v1/integrations', { headers: { origin } })
      return headers.get('access-control-allow-origin')
    }
    expect(await allowed('development')).toBe(isLocal ? origin : null)
    expect(await allowed('test')).toBeNull()
  })
})

describe('readiness', () => {
  it('is asked for once by all who ask within a few seconds', async () => {
    const context = createTestContext()
    // What is asked once in the life of an isolate.
    await request(context, '/readyz')
    context.clock.advance(6000)
    const before = context.roundTrips()
    const answers = await Promise.all(Array.from({ length: 50 }, async () => request(context, '/readyz')))
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    context.clock.advance(1000)
    await request(context, '/readyz')
    expect(context.roundTrips() - before).toBe(1)
  })

  it('is asked for again after these', async () => {
    const context = createTestContext()
    expect((await request(context, '/readyz')).status).toBe(200)
    context.outage.database = 'down'
    context.clock.advance(6000)
    expect((await request(context, '/readyz')).json.checks).toMatchObject({ database: 'failed', schema: 'failed' })
    context.outage.database = null
    context.clock.advance(6000)
    expect((await request(context, '/readyz')).status).toBe(200)
  })
})
