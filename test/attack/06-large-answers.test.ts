// Finding 6: 10 MB of `[{},{}` were 223 MB of heap. An answer is bounded before it is parsed, and one that is too large
// is requested in halves.
import { describe, expect, it } from 'vitest'
import { CrmError } from '#lib/crm-error.ts'
import { createHttp, type HttpOptions } from '#lib/egress.ts'
import { readText } from '#lib/read-body.ts'
import { DEMOS } from '#sandbox/registry.ts'
import type { Sandbox } from '#sandbox/sandbox.ts'
import { createTestClock, SANDBOX_URL } from '#test/context.ts'
import { expectLinear } from '#test/cost.ts'
import { allTransactions, connect, type Connected, createVendorTenant, sync } from '#test/tenants.ts'

const OF_TENANT = 5_000_000
const PARTS_MAX = 200_000

function clientOf(body: string, hosts: HttpOptions['hosts']) {
  return createHttp({
    ...{ hosts, allowOrigins: [], denyHosts: [], clock: createTestClock(), fetch: async () => new Response(body) },
    ...{ requestsPerSecond: 5, concurrency: 1, timeoutMs: 5000, throttleMinimumMs: 1000, throttleWaitScale: 1 },
  })
}

async function outcomeOf(body: string, hosts: HttpOptions['hosts'] = null): Promise<string> {
  try {
    await clientOf(body, hosts).request({ url: 'https://vendor.example.com/' })
    return 'read'
  } catch (error) {
    if (error instanceof CrmError) return `${error.kind}.${error.reason}`
    throw error
  }
}

describe('an answer of a host that the tenant chose', () => {
  const listOf = (part: string, parts: number) => `[${`${part},`.repeat(parts - 2)}0]`

  it.each(['0', '{}', '[]', '{"99":0}', '{"a":{}}'])('of many %s is refused before it is parsed', async (part) => {
    const each = 1 + part.replaceAll(/[^{[,]/g, '').length
    expect(await outcomeOf(listOf(part, PARTS_MAX / each))).toBe('read')
    expect(await outcomeOf(listOf(part, PARTS_MAX / each + 5))).toBe('rejected.too_large')
    expect(await outcomeOf(listOf(part, PARTS_MAX / each + 5), ['example.com'])).toBe('read')
    expect(await outcomeOf(listOf(part, (5 * PARTS_MAX) / each + 5), ['example.com'])).toBe('rejected.too_large')
  })

  it('that is nested ten thousand times is refused before it is parsed, whoever sends it', async () => {
    const nested = (depth: number) => `[${'[0],'.repeat(2000)}${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}]`
    for (const hosts of [null, ['example.com']]) {
      expect(await outcomeOf(nested(10_000), hosts)).toBe('read')
      expect(await outcomeOf(nested(10_001), hosts)).toBe('rejected.too_large')
    }
  })

  it('may have so many bytes, whatever they are', async () => {
    expect(await outcomeOf(`"${'ж'.repeat(OF_TENANT / 2 - 1)}"`)).toBe('read')
    expect(await outcomeOf(`"${'ж'.repeat(OF_TENANT / 2)}"`)).toBe('rejected.too_large')
  })

  it('is counted in a time that grows with its length', async () => {
    const read = async (body: string) => readText(new Response(body).body, { bytesMax: 1e9, partsMax: 1e9 })
    await expectLinear(read, (size) => '[{},'.repeat(size / 4), 4_000_000)
  })
})

describe('a list of more than 10,000 members', () => {
  const read = async (json: string) => {
    const answer = await clientOf(json, ['example.com']).request({ url: 'https://vendor.example.com/' })
    return answer.json()
  }
  const list = (members: number) => `[${'{},'.repeat(members - 1)}{}]`
  const object = (members: number) => `{${Array.from({ length: members }, (_, n) => `"${n}":0`).join(',')}}`

  it.each([list, object])('is too large for any connector, however deep it is, whoever sends it', async (of) => {
    await expect(read(of(10_000))).resolves.toBeInstanceOf(Object)
    await expect(read(of(10_001))).rejects.toMatchObject({ kind: 'rejected', reason: 'too_large' })
    await expect(read(`{"a":[{"b":${of(10_001)}}]}`)).rejects.toMatchObject({ reason: 'too_large' })
  })

  it('is looked for in a time that grows with the answer', async () => {
    const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`
    await expectLinear(read, (size) => `[${`${deep},`.repeat(size / 10_000)}0]`, 1_500_000)
  })
})

/** How many records an answer has. */
const COUNTS: Readonly<Record<string, (json: never, path: string) => number>> = {
  '1c': ({ value }: { value?: unknown[] }, path) =>
    /Document_|Catalog_/.test(decodeURI(path)) ? (value?.length ?? 0) : 0,
  renovatio: ({ data }: { data?: object }, path) =>
    /Invoices|Appointments/.test(path) ? Object.keys(data ?? []).length : 0,
  iiko: ({ ordersByOrganizations = [], orders = [], data = [] }: Record<string, { orders: unknown[] }[]>) =>
    ordersByOrganizations.reduce((sum, one) => sum + one.orders.length, 0) + orders.length + data.length,
  yclients: ({ data }: { data?: unknown }) => (Array.isArray(data) ? data.length : 0),
  amo_crm: ({ _embedded = {} }: { _embedded?: Record<string, unknown[]> }) => Object.values(_embedded)[0]?.length ?? 0,
}

interface Limited {
  readonly tenant: Connected & { readonly sandbox: Sandbox }
  /** Answers with more records are too large. */
  recordsMax: number
  largest: number
}

const CHUNK = new Uint8Array(1_000_000)

function bodyOf(bytes: number): ReadableStream<Uint8Array> {
  let left = bytes
  return new ReadableStream({
    pull: (controller) => {
      if (left > 0) controller.enqueue(CHUNK.slice(0, left))
      else controller.close()
      left -= CHUNK.length
    },
  })
}

/** A vendor whose records are so large that only some of them fit into an answer. */
async function createLimited(type: string): Promise<Limited> {
  const tooLarge = ['yclients', 'amo_crm', 'iiko'].includes(type) ? 10_500_000 : OF_TENANT + 1
  const limited = { recordsMax: Infinity, largest: 0 }
  const tenant = await createVendorTenant(
    (now) => {
      const sandbox = DEMOS[type]?.(now())
      if (!sandbox) throw new Error('no such sandbox')
      const fetch = async (request: Request) => {
        const response = await sandbox.app.fetch(request)
        const text = await response.clone().text()
        const count = /^[{[]/.test(text)
          ? (COUNTS[type]?.(JSON.parse(text) as never, new URL(request.url).pathname) ?? 0)
          : 0
        limited.largest = Math.max(limited.largest, count)
        return count > limited.recordsMax ? new Response(bodyOf(tooLarge)) : response
      }
      return { ...sandbox, app: { fetch } }
    },
    { settings: { initialDays: 7 } },
  )
  return Object.assign(limited, { tenant })
}

/** How many records fit: what a base shows at once, or what the shortest period has. */
const FITTING = { '1c': 12, renovatio: 15, iiko: 130, yclients: 20, amo_crm: 15 }

it.each(Object.entries(FITTING))(
  'a test of %s that gets only too much is over after four such answers',
  async (type) => {
    let [answered, calm] = [0, 0]
    const tenant = await createVendorTenant((now) => {
      const sandbox = DEMOS[type]?.(now())
      if (!sandbox) throw new Error('no such sandbox')
      const fetch = async (request: Request) => {
        answered += 1
        return answered > calm ? new Response(bodyOf(10_500_000)) : sandbox.app.fetch(request)
      }
      return { ...sandbox, app: { fetch } }
    })
    for (calm of [0, 1, 2, 3]) {
      answered = 0
      expect((await tenant.call('POST', `${tenant.path}/test`)).status).toBe(200)
      // iiko’s own server beside its cloud counts for itself.
      expect(answered - calm).toBeLessThanOrEqual(type === 'iiko' ? 8 : 4)
    }
  },
)

describe.each(Object.entries(FITTING))('a page of %s', (type, recordsMax) => {
  it('that is too large is read in halves, and nothing is missing', async () => {
    const limited = await createLimited(type)
    const { tenant } = limited
    limited.recordsMax = recordsMax
    const { connection, addressed } = tenant.sandbox
    const additionalConfig = { ...connection.additionalConfig, ...addressed?.(SANDBOX_URL), initialDays: 7 }
    expect((await tenant.call('POST', `${tenant.path}/test`)).json.ok).toBe(true)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', attempt: 0, error: null })
    expect(limited.largest).toBeGreaterThan(recordsMax)
    limited.recordsMax = Infinity
    const other = await connect(tenant.context, { ...connection, apiUrl: SANDBOX_URL, additionalConfig })
    expect(await sync(other)).toMatchObject({ status: 'succeeded' })
    const salesOf = async (one: Connected) =>
      (await allTransactions(one)).map(({ externalId, status, amountMinor, customer, items }) => {
        return { externalId, status, amountMinor, customer, items }
      })
    expect(await salesOf(tenant)).toEqual(await salesOf(other))
  })

  it('whose smallest part is too large fails the run, which says so and leaves sync on', async () => {
    const limited = await createLimited(type)
    const { tenant } = limited
    expect((await tenant.call('PATCH', tenant.path, { syncEnabled: true })).status).toBe(200)
    limited.recordsMax = 0
    const { status, error } = await sync(tenant)
    expect([status, error.code]).toEqual(['failed', 'rejected.too_large'])
    expect(error.message).toContain('smallest part')
    const { syncEnabled, connection } = (await tenant.call('GET', tenant.path)).json
    expect([syncEnabled, connection.status]).toEqual([true, 'ok'])
  })
})
