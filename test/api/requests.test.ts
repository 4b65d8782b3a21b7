// How a request is read, in the forms that clients and servers between them give it.
import { beforeAll, describe, expect, it } from 'vitest'
import { createSalonTenant, request, type Salon } from '#test/tenants.ts'
import { tenantToken } from '#test/tokens.ts'

let salon: Salon
let authorization: string

beforeAll(async () => {
  salon = await createSalonTenant({ variables: { CORS_ORIGINS: 'https://app.example.com' } })
  authorization = `Bearer ${await tenantToken(salon.businessId)}`
})

const JSON_TYPE = { 'content-type': 'application/json' }

function chunked(text: string) {
  const bytes = new TextEncoder().encode(text)
  const half = bytes.length >> 1
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(bytes.subarray(0, half))
      controller.enqueue(bytes.subarray(half))
      controller.close()
    },
  })
}

describe('a JSON body', () => {
  const patch = async (body: BodyInit | null, headers: Record<string, string> = JSON_TYPE) =>
    request(salon.context, salon.path, {
      ...{ method: 'PATCH', headers: { authorization, ...headers }, body },
      ...(body instanceof ReadableStream && { duplex: 'half' }),
    })

  it('may come in chunks, which count towards its limit', async () => {
    const { status, json } = await patch(chunked('{"syncIntervalMinutes": 9}'))
    expect([status, json.syncIntervalMinutes]).toEqual([200, 9])
    const large = await patch(chunked(JSON.stringify({ apiUrl: 'x'.repeat(1_000_000) })))
    expect([large.status, large.json.code]).toEqual([413, 'body_too_large'])
  })

  it('is refused by the length that it announces, before it is read', async () => {
    const { status, json } = await patch('{}', { ...JSON_TYPE, 'content-length': '1000001' })
    expect([status, json.code]).toEqual([413, 'body_too_large'])
  })

  it('may be empty, whatever type is announced, and null where there is nothing to say', async () => {
    for (const body of [null, '', 'null', '{}']) {
      expect((await patch(body)).status, String(body)).toBe(body === 'null' ? 400 : 200)
      const sync = { method: 'POST', headers: { authorization, ...JSON_TYPE }, body }
      expect((await request(salon.context, `${salon.path}/test`, sync)).status, String(body)).toBe(200)
    }
    expect((await patch(null, {})).status).toBe(200)
  })

  it('may have any type that JSON has, and no other', async () => {
    for (const type of ['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/merge-patch+json']) {
      expect((await patch('{}', { 'content-type': type })).status, type).toBe(200)
    }
    for (const type of ['text/plain', 'application/jsonp', 'application/x-www-form-urlencoded']) {
      const { json } = await patch('{}', { 'content-type': type })
      expect(json.code, type).toBe('unsupported_media_type')
    }
  })

  it('names what does not fit by its path in the body', async () => {
    const { json } = await patch('{"syncIntervalMinutes": 0, "credentials": {"apiKey": 1, "login": ""}}')
    expect(json.code).toBe('invalid_request')
    expect(json.errors.map(({ path }: { path: string }) => path).toSorted()).toEqual([
      'credentials.apiKey',
      'credentials.login',
      'syncIntervalMinutes',
    ])
  })
})

describe('a query', () => {
  it('is refused where it says something unknown, wrong or twice', async () => {
    const list = async (query: string) => salon.call('GET', `${salon.path}/runs?${query}`)
    expect((await list('limit=5')).status).toBe(200)
    for (const [query, path] of [
      ['limit=5&page=2', 'query.page'],
      ['limit=no', 'query.limit'],
      ['limit=5&limit=6', 'query.limit'],
    ]) {
      const { status, json } = await list(query ?? '')
      expect([status, json.code, json.errors[0].path]).toEqual([400, 'invalid_request', path])
    }
  })
})

describe('a method', () => {
  it('HEAD is GET without the body', async () => {
    const url = `https://api.example.com${salon.path}`
    const head = await salon.context.app.fetch(new Request(url, { method: 'HEAD', headers: { authorization } }))
    expect([head.status, head.body]).toEqual([200, null])
    expect(head.headers.get('etag')).toBe((await salon.call('GET', salon.path)).headers.get('etag'))
  })

  it('OPTIONS names what is allowed, to pages of a named origin by CORS', async () => {
    const options = async (headers: Record<string, string>) =>
      (await request(salon.context, salon.path, { method: 'OPTIONS', headers })).headers
    const allowed = 'GET, PATCH, DELETE, OPTIONS'
    expect((await options({})).get('allow')).toBe(allowed)
    const preflight = await options({ origin: 'https://app.example.com', 'access-control-request-method': 'PATCH' })
    expect(preflight.get('allow')).toBe(allowed)
    expect(preflight.get('access-control-allow-methods')?.split(',')).toContain('PATCH')
    expect(preflight.get('access-control-allow-headers')).toContain('authorization')
    expect(preflight.get('access-control-max-age')).toBe('7200')
  })

  it('OPTIONS is logged with the path of its route, and no id of a refused method is lost', async () => {
    salon.context.logged.length = 0
    await request(salon.context, salon.path, { method: 'OPTIONS' })
    await request(salon.context, salon.path, { method: 'PUT' })
    const lines = salon.context.logged.filter((line) => line.includes('"event":"request"'))
    expect(lines).toHaveLength(2)
    for (const line of lines) {
      const id = salon.path.split('/').at(-1)
      expect(JSON.parse(line)).toMatchObject({ path: '/v1/integrations/{id}', integrationId: id })
    }
  })

  it('answers and refusals can be read by a page of a named origin only', async () => {
    const read = async (origin: string, path: string) =>
      (await request(salon.context, path, { headers: { authorization, origin } })).headers
    for (const path of [salon.path, `${salon.path}/runs?limit=0`, '/v1/nothing']) {
      const headers = await read('https://app.example.com', path)
      expect(headers.get('access-control-allow-origin'), path).toBe('https://app.example.com')
      expect(headers.get('access-control-expose-headers'), path).toContain('x-request-id')
      expect(headers.get('vary')?.toLowerCase(), path).toContain('origin')
      expect(headers.get('x-content-type-options'), path).toBe('nosniff')
      expect((await read('https://evil.example.com', path)).get('access-control-allow-origin')).toBeNull()
    }
  })
})
