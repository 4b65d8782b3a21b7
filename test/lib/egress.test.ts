import { describe, expect, it } from 'vitest'
import { createHttp, type HttpOptions } from '#lib/egress.ts'
import { refuseAddress } from '#lib/egress-policy.ts'
import { retryAfterMs } from '#lib/retry-after.ts'
import { Secret } from '#lib/secret.ts'
import { createTestClock } from '#test/context.ts'

const URL_OF_VENDOR = 'https://api.vendor.com/list'

function http(answer: (request: Request) => Response | Promise<Response>, change: Partial<HttpOptions> = {}) {
  const seen: Request[] = []
  const client = createHttp({
    ...{ requestsPerSecond: 1000, concurrency: 1, timeoutMs: 1000, throttleMinimumMs: 60_000, throttleWaitScale: 1 },
    ...{ allowOrigins: [], denyHosts: [], hosts: null, clock: createTestClock() },
    fetch: async (input, init) => {
      const request = new Request(input, init)
      seen.push(request)
      return answer(request)
    },
    ...change,
  })
  return { client, seen }
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'no failure',
    ({ kind, reason, retryAfterMs: wait }: Record<string, unknown>) => ({ kind, reason, wait }),
  )
}

const redirect = (location: string, status = 302) => new Response(null, { status, headers: { location } })

describe('an address', () => {
  it.each([
    'https://127.0.0.1',
    'https://127.1',
    'https://0x7f.0.0.1',
    'https://2130706433',
    'https://017700000001',
    'https://[::1]',
    'https://[::ffff:127.0.0.1]',
    'https://169.254.169.254/latest/meta-data',
    'https://10.1.2.3',
    'https://localhost',
    'https://localhost.',
    'https://intranet',
    'https://db.internal',
    'https://printer.local',
    'https://１２７.０.０.１',
    'https://api.vendor.com.',
    'https://api.vendor.com:8443',
    'https://user@api.vendor.com',
    'http://api.vendor.com',
    'ftp://api.vendor.com',
    'file:///etc/passwd',
    'javascript:alert(1)',
    '//api.vendor.com',
    '',
  ])('%s is refused', (address) => {
    expect(refuseAddress(address, { allowOrigins: [], denyHosts: [], hosts: null })).not.toBeNull()
  })

  it('of the vendor passes, whatever its case; a look-alike does not', () => {
    const policy = { allowOrigins: [], denyHosts: [], hosts: ['vendor.com'] }
    expect(refuseAddress('https://API.Vendor.com/x', policy)).toBeNull()
    expect(refuseAddress('https://vendor.com', policy)).toBeNull()
    expect(refuseAddress('https://evilvendor.com', policy)).toBe('not_the_vendors')
    expect(refuseAddress('https://vendor.com.evil.com', policy)).toBe('not_the_vendors')
    expect(refuseAddress('https://пример.рф', { allowOrigins: [], denyHosts: [], hosts: null })).toBeNull()
  })

  it('passes as an exact origin that is allowed, and no other port of it', () => {
    const policy = { allowOrigins: ['http://127.0.0.1:9'], denyHosts: [], hosts: null }
    expect(refuseAddress('http://127.0.0.1:9/x', policy)).toBeNull()
    expect(refuseAddress('http://127.0.0.1:90/x', policy)).not.toBeNull()
  })
})

describe('a redirect', () => {
  it('is followed within the origin', async () => {
    const { client, seen } = http(({ url }) => (url.endsWith('/list') ? redirect('/moved') : Response.json({ ok: 1 })))
    expect((await client.request({ url: URL_OF_VENDOR })).json()).toEqual({ ok: 1 })
    expect(seen.map(({ url }) => url)).toEqual([URL_OF_VENDOR, 'https://api.vendor.com/moved'])
  })

  it.each([
    'https://evil.com/',
    'http://api.vendor.com/',
    'https://169.254.169.254/',
    'https://sub.api.vendor.com/',
    '//evil.com',
    'http://[',
  ])('to %s is refused before any credential is sent there', async (location) => {
    const { client, seen } = http(() => redirect(location))
    const headers = { authorization: new Secret('key'), 'x-api-key': new Secret('key') }
    expect(await failure(client.request({ url: URL_OF_VENDOR, headers }))).toMatchObject({
      kind: 'rejected',
      reason: 'redirect_refused',
    })
    expect(seen).toHaveLength(1)
  })

  it('that never ends is given up', async () => {
    const { client, seen } = http(() => redirect('/again'))
    expect(await failure(client.request({ url: URL_OF_VENDOR }))).toMatchObject({ reason: 'redirect_refused' })
    expect(seen.length).toBeLessThan(6)
  })
})

describe('an answer', () => {
  it.each([
    [401, 'auth'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [400, 'rejected'],
    [422, 'rejected'],
    [500, 'unavailable'],
    [502, 'unavailable'],
    [503, 'unavailable'],
  ])('of %i is %s', async (status, kind) => {
    const { client } = http(() => new Response('', { status }))
    expect(await failure(client.request({ url: URL_OF_VENDOR }))).toMatchObject({ kind })
  })

  it('of 429 says how long to wait: what the vendor says, at least its documented minimum, scaled', async () => {
    const wait = async (header: string | null, change: Partial<HttpOptions> = {}) => {
      const headers = header === null ? {} : { 'retry-after': header }
      const { client } = http(() => new Response('', { status: 429, headers }), change)
      return failure(client.request({ url: URL_OF_VENDOR }))
    }
    expect(await wait('90')).toMatchObject({ kind: 'rate_limited', wait: 90_000 })
    expect(await wait('5')).toMatchObject({ wait: 60_000 })
    expect(await wait(null)).toMatchObject({ wait: 60_000 })
    expect(await wait('90', { throttleWaitScale: 0.01 })).toMatchObject({ wait: 900 })
  })

  it.each([
    ['<html>', 'not_json'],
    ['{"data": [1, 2', 'truncated'],
    ['', 'not_json'],
  ])('that says %j where JSON was due is an outage: %s', async (text, reason) => {
    const { client } = http(() => new Response(text))
    const response = await client.request({ url: URL_OF_VENDOR })
    expect(() => response.json()).toThrow(expect.objectContaining({ kind: 'unavailable', reason }))
  })

  it('that is too large is not read to its end', async () => {
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 1
        controller.enqueue(new Uint8Array(1000))
      },
    })
    const { client } = http(() => new Response(body), { answerMax: { bytesMax: 10_000 } })
    expect(await failure(client.request({ url: URL_OF_VENDOR }))).toMatchObject({ reason: 'too_large' })
    expect(sent).toBeLessThan(20)
  })

  it('that never comes, or never ends, is a time-out', async () => {
    const never = http(
      async ({ signal }) =>
        new Promise((_settle, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')))
        }),
      { timeoutMs: 30 },
    )
    expect(await failure(never.client.request({ url: URL_OF_VENDOR }))).toMatchObject({
      kind: 'unavailable',
      reason: 'timeout',
    })
    const endless = http(() => new Response(new ReadableStream({ pull: async () => new Promise(() => undefined) })), {
      timeoutMs: 30,
    })
    expect(await failure(endless.client.request({ url: URL_OF_VENDOR }))).toMatchObject({ reason: 'timeout' })
  })

  it('is asked for no faster than the vendor wants', async () => {
    const clock = createTestClock()
    const { client } = http(() => Response.json({}), { requestsPerSecond: 2, clock })
    const before = clock.now().getTime()
    for (let n = 0; n < 5; n += 1) await client.request({ url: URL_OF_VENDOR })
    expect(clock.now().getTime() - before).toBeGreaterThanOrEqual(2000)
  })

  it.each([1, 3])('has %i requests under way at most, and forgets none after a failure', async (concurrency) => {
    let underWay = 0
    let most = 0
    const answer = async () => {
      underWay += 1
      most = Math.max(most, underWay)
      await new Promise((settle) => setTimeout(settle, 1))
      underWay -= 1
      return most % 2 === 0 ? Response.json({}) : new Response(null, { status: 500 })
    }
    const { client, seen } = http(answer, { concurrency, requestsPerSecond: 1_000_000 })
    await Promise.allSettled(Array.from({ length: 12 }, async () => client.request({ url: URL_OF_VENDOR })))
    expect([most, seen.length]).toEqual([concurrency, 12])
  })

  it('lets the first few go at once where the vendor counts by the minute, and then holds the pace', async () => {
    const clock = createTestClock()
    const { client } = http(() => Response.json({}), { requestsPerSecond: 0.5, burst: 3, clock })
    const started = clock.now().getTime()
    const ask = async (times: number) => {
      for (let index = 0; index < times; index += 1) await client.request({ url: URL_OF_VENDOR })
      return clock.now().getTime() - started
    }
    expect(await ask(4)).toBeLessThan(1000)
    expect(await ask(2)).toBeGreaterThanOrEqual(3900)
    clock.advance(60_000)
    expect(await ask(4)).toBeLessThan(66_000)
  })

  it('is not waited for by the hour when the clock is set back', async () => {
    const clock = createTestClock()
    const { client } = http(() => Response.json({}), { requestsPerSecond: 2, clock })
    await client.request({ url: URL_OF_VENDOR })
    clock.advance(-3_600_000)
    const before = clock.now().getTime()
    await client.request({ url: URL_OF_VENDOR })
    expect(clock.now().getTime() - before).toBeLessThan(1000)
  })
})

it('reads Retry-After as seconds and as a date', () => {
  const now = new Date('2026-11-01T12:00:00Z')
  const values = [
    '120',
    '1.5',
    'Sun, 01 Nov 2026 12:02:00 GMT',
    '0',
    '-5',
    'Sun, 01 Nov 2026 11:00:00 GMT',
    'soon',
    '',
    null,
  ]
  expect(values.map((value) => retryAfterMs(value, now))).toEqual([
    120_000,
    1500,
    120_000,
    null,
    null,
    null,
    null,
    null,
    null,
  ])
})

describe('an open address, which nothing secret is sent to', () => {
  it('may lead to other servers, each checked like the first', async () => {
    const hops = ['https://files.drive.com/d/1', 'https://cdn.drive.net/x?token=1']
    const { client, seen } = http(() => (hops.length > 0 ? redirect(hops.shift() ?? '', 303) : new Response('a;b')))
    const { status, body } = await client.open({ url: URL_OF_VENDOR, headers: { 'if-none-match': '"1"' } })
    expect([status, await new Response(body).text()]).toEqual([200, 'a;b'])
    expect(seen.map(({ url }) => new URL(url).host)).toEqual(['api.vendor.com', 'files.drive.com', 'cdn.drive.net'])
  })

  it.each(['http://files.drive.com/d', 'https://127.0.0.1/d', 'https://db.internal/d'])(
    'does not lead to %s',
    async (target) => {
      const { client } = http(() => redirect(target))
      expect(await failure(client.open({ url: URL_OF_VENDOR }))).toMatchObject({
        kind: 'rejected',
        reason: 'address_refused',
      })
    },
  )

  it('does not lead round in circles', async () => {
    const { client, seen } = http(() => redirect(URL_OF_VENDOR))
    expect(await failure(client.open({ url: URL_OF_VENDOR }))).toMatchObject({ reason: 'redirect_refused' })
    expect(seen).toHaveLength(6)
  })

  it('answers an unchanged file with its status, and fails by the status like any other request', async () => {
    expect((await http(() => new Response(null, { status: 304 })).client.open({ url: URL_OF_VENDOR })).status).toBe(304)
    const missing = http(() => new Response('no', { status: 404 }))
    expect(await failure(missing.client.open({ url: URL_OF_VENDOR }))).toMatchObject({ kind: 'not_found' })
    const busy = http(() => new Response('no', { status: 429, headers: { 'retry-after': '90' } }))
    expect(await failure(busy.client.open({ url: URL_OF_VENDOR }))).toMatchObject({
      kind: 'rate_limited',
      wait: 90_000,
    })
  })

  it('has to begin to answer in time', async () => {
    const { client } = http(
      async ({ signal }) =>
        new Promise((_settle, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')))
        }),
      { timeoutMs: 20 },
    )
    expect(await failure(client.open({ url: URL_OF_VENDOR }))).toMatchObject({ kind: 'unavailable', reason: 'timeout' })
  })
})
