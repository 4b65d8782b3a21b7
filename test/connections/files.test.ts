// Files in R2 and what a session lets a connector do with them.
import { beforeAll, describe, expect, it } from 'vitest'
import { refusal } from '#crm/csv/refusal.ts'
import type { Files } from '#crm/files.ts'
import { createHttp } from '#lib/egress.ts'
import { createFiles } from '#connections/files.ts'
import { fileKey, storeFile } from '#connections/file-store.ts'
import { cleanUp } from '#jobs/clean-up.ts'
import { createTestContext, SANDBOX_URL, type TestContext } from '#test/context.ts'
import { createSalonTenant, type Salon } from '#test/tenants.ts'

const MIB = 1024 * 1024

async function* chunks(...sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (const [index, size] of sizes.entries()) yield new Uint8Array(size).fill(index + 1)
}

async function* broken(bytes: number): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(bytes)
  throw new Error('the sender is gone')
}

const FILE = { url: `${SANDBOX_URL}/x.csv`, refuse: refusal, sheet: { sheet: null, delimiter: ';' } }
const LIMIT = { bytesMax: 100 * MIB, refuse: () => new Error('too large') }

async function keysOf({ files }: TestContext, integrationId: string) {
  return (await files.list({ prefix: fileKey(integrationId, '') })).objects.map(({ key }) => key)
}

interface Served {
  body: string
  headers: Record<string, string>
  /** Its own answer instead. */
  answer: ((request: Request) => Response) | null
  readonly asked: Request[]
}

function served(): Served {
  return { body: 'id;date;sum\n', headers: {}, answer: null, asked: [] }
}

let salon: Salon
let context: TestContext

beforeAll(async () => {
  salon = await createSalonTenant()
  context = salon.context
})

function filesOver(server: Served, variables: Readonly<Record<string, string>> = {}): Files {
  const own = createTestContext(null, variables)
  const http = createHttp({
    ...{ requestsPerSecond: 1000, concurrency: 1, timeoutMs: 1000, throttleMinimumMs: 1, throttleWaitScale: 1 },
    ...{ allowOrigins: [SANDBOX_URL], denyHosts: [], hosts: null, clock: own.clock },
    fetch: async (input, init) => {
      const request = new Request(input, init)
      server.asked.push(request)
      return server.answer?.(request) ?? new Response(server.body, { headers: server.headers })
    },
  })
  return createFiles(own, salon.integrationId, http)
}

describe('a file that is stored', () => {
  it.each([
    { name: 'small', sizes: [10, 20, 5] },
    { name: 'of exactly one part', sizes: [8 * MIB] },
    { name: 'of several parts', sizes: [5 * MIB, 5 * MIB, 7 * MIB + 3] },
  ])('and $name is whole, byte for byte', async ({ sizes }) => {
    const key = fileKey(salon.integrationId, crypto.randomUUID())
    const { bytes, sha256 } = await storeFile(context.files, key, chunks(...sizes), LIMIT)
    const expected = new Blob(sizes.map((size, index) => new Uint8Array(size).fill(index + 1)))
    expect(bytes).toBe(expected.size)
    const digest = await crypto.subtle.digest('SHA-256', await expected.arrayBuffer())
    expect(sha256).toBe(new Uint8Array(digest).toHex())
    const stored = await (await context.files.get(key))?.arrayBuffer()
    expect(stored && new Uint8Array(await crypto.subtle.digest('SHA-256', stored)).toHex()).toBe(sha256)
  })

  it.each([1000, 9 * MIB])('leaves nothing behind when its sender breaks off after %i bytes', async (bytes) => {
    const key = fileKey(salon.integrationId, crypto.randomUUID())
    await expect(storeFile(context.files, key, broken(bytes), LIMIT)).rejects.toThrow('the sender is gone')
    expect(await context.files.head(key)).toBeNull()
  })

  it('leaves nothing behind when it is larger than allowed, whatever was said of its length', async () => {
    const key = fileKey(salon.integrationId, crypto.randomUUID())
    const limit = { bytesMax: 20 * MIB, refuse: LIMIT.refuse }
    await expect(storeFile(context.files, key, chunks(10 * MIB, 10 * MIB, 1), limit)).rejects.toThrow('too large')
    expect(await context.files.head(key)).toBeNull()
  })

  it('goes with its integration', async () => {
    const other = await createSalonTenant()
    const key = fileKey(other.integrationId, crypto.randomUUID())
    await storeFile(other.context.files, key, chunks(10), LIMIT)
    expect((await other.call('DELETE', other.path)).status).toBe(204)
    expect(await keysOf(other.context, other.integrationId)).toEqual([])
  })

  it('is kept for three days', async () => {
    const own = await createSalonTenant()
    await storeFile(own.context.files, fileKey(own.integrationId, 'a'), chunks(10), LIMIT)
    await cleanUp(own.context)
    expect(await keysOf(own.context, own.integrationId)).toHaveLength(1)
    own.context.clock.advance(3 * 86_400_000 + 1000)
    await cleanUp(own.context)
    expect(await keysOf(own.context, own.integrationId)).toEqual([])
  })
})

describe('a file at an address', () => {
  it('is brought here and read by ranges', async () => {
    const server = served()
    server.body = 'номер;дата\n'
    const files = filesOver(server)
    const file = await files.fetch(FILE, null)
    if (!file) throw new Error('no file')
    expect(file.bytes).toBe(new TextEncoder().encode(server.body).length)
    expect(new TextDecoder().decode((await files.read(file.id, 0, 10)) ?? undefined)).toBe('номер')
    expect(new TextDecoder().decode((await files.read(file.id, 11, 100)) ?? undefined)).toBe('дата\n')
    await files.remove(file.id)
    expect(await files.read(file.id, 0, 10)).toBeNull()
  })

  it('is not fetched again while the server says that it is the same', async () => {
    const server = served()
    server.headers = { etag: '"v1"', 'last-modified': 'Mon, 02 Nov 2026 10:00:00 GMT' }
    const files = filesOver(server)
    const first = await files.fetch(FILE, null)
    server.answer = () => new Response(null, { status: 304 })
    expect(await files.fetch(FILE, first?.version ?? null)).toBeNull()
    const { headers } = server.asked[1] ?? new Request(SANDBOX_URL)
    expect([headers.get('if-none-match'), headers.get('if-modified-since')]).toEqual([
      '"v1"',
      'Mon, 02 Nov 2026 10:00:00 GMT',
    ])
  })

  it.each([
    { name: 'its tag', headers: { etag: '"v1"' } },
    { name: 'its content', headers: {} },
  ])('is known again by $name where the server knows of no conditions, and nothing stays', async ({ headers }) => {
    const server = served()
    server.headers = headers
    const files = filesOver(server)
    const first = await files.fetch(FILE, null)
    const before = (await keysOf(context, salon.integrationId)).length
    expect(await files.fetch(FILE, first?.version ?? null)).toBeNull()
    expect(await keysOf(context, salon.integrationId)).toHaveLength(before)
    server.body += '1;02.03.2024;5\n'
    server.headers = { ...headers, ...('etag' in headers && { etag: '"v2"' }) }
    expect(await files.fetch(FILE, first?.version ?? null)).not.toBeNull()
  })

  it('that breaks off before its told length is an outage, and nothing of it stays', async () => {
    const server = served()
    const files = filesOver(server)
    server.answer = () =>
      Object.defineProperty(new Response('id;da'), 'headers', { value: new Headers({ 'content-length': '12' }) })
    const before = (await keysOf(context, salon.integrationId)).length
    await expect(files.fetch(FILE, null)).rejects.toMatchObject({
      kind: 'unavailable',
      reason: 'truncated',
    })
    expect(await keysOf(context, salon.integrationId)).toHaveLength(before)
  })

  it('that breaks off in the middle of its stream is an outage', async () => {
    const server = served()
    const files = filesOver(server)
    const body = () =>
      new ReadableStream<Uint8Array>({
        pull: (controller) => {
          controller.enqueue(new Uint8Array(10))
          controller.error(new Error('reset'))
        },
      })
    server.answer = () => new Response(body())
    await expect(files.fetch(FILE, null)).rejects.toMatchObject({ kind: 'unavailable' })
  })

  it('may not be larger than an upload', async () => {
    const server = served()
    server.body = 'x'.repeat(1_000_001)
    const files = filesOver(server, { IMPORT_BYTES_MAX: '1000000' })
    await expect(files.fetch(FILE, null)).rejects.toMatchObject({
      kind: 'rejected',
      reason: 'file_too_large',
      isFinal: true,
    })
  })

  it('can be looked into without being fetched', async () => {
    const server = served()
    const files = filesOver(server)
    expect(await files.peek(FILE, 100)).toEqual({
      bytes: new TextEncoder().encode(server.body),
      isWhole: true,
    })
    server.body = 'x'.repeat(100_000)
    expect(await files.peek(FILE, 100)).toEqual({
      bytes: new TextEncoder().encode('x'.repeat(100)),
      isWhole: false,
    })
  })
})

describe('notes on a file', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((letter) => `${letter.repeat(8)}-0000-4000-8000-000000000000`) as [
    string,
    string,
    string,
  ]

  it('are merged part by part, and twice the same is once', async () => {
    const files = filesOver(served())
    const id = crypto.randomUUID()
    expect(await files.note(id, new Map([[b, { 2: 100 }]]))).toEqual(new Map([[b, { 2: 100 }]]))
    const notes = new Map<string, Record<string, unknown>>([
      [b, { 5: 200 }],
      [a, { 4: { n: 'О\u0000\ud800К' } }],
    ])
    const noted = await files.note(id, notes)
    expect(noted).toEqual(
      new Map<string, unknown>([
        [a, { 4: { n: 'О\ufffdК' } }],
        [b, { 2: 100, 5: 200 }],
      ]),
    )
    expect(await files.note(id, notes)).toEqual(noted)
    expect(await files.note(id, new Map())).toEqual(new Map())
  })

  it('are read in the order of their keys, and are of one file alone', async () => {
    const files = filesOver(served())
    const [id, other] = [crypto.randomUUID(), crypto.randomUUID()]
    await files.note(id, new Map([c, a, b].map((key) => [key, { 1: key }])))
    await files.note(other, new Map([[a, { 1: 'other' }]]))
    expect((await files.noted(id, null, 2)).map(([key]) => key)).toEqual([a, b])
    expect(await files.noted(id, b, 2)).toEqual([[c, { 1: c }]])
    expect(await files.noted(id, c, 2)).toEqual([])
  })
})
