import { describe, expect, it } from 'vitest'
import { type BegunUpload, createClient, followChanges, type Run, unwrap, uploadFile, watchRun } from '#client/index.ts'

const BASE_URL = 'https://api.example.com'
const ID = '2f0f3f0e-5b2b-4d5e-8d27-0c7b0a8b1c11'
const path = { id: ID }

type Step = (request: Request) => Response

/** A client whose requests are answered by these steps in turn. */
function answeredBy(...steps: readonly Step[]) {
  const requests: Request[] = []
  const fetch = async (request: Request) => {
    requests.push(request.clone())
    const step = steps[requests.length - 1]
    if (!step) throw new Error('asked too often')
    return step(request)
  }
  let tokens = 0
  const token = async () => `token-${(tokens += 1)}`
  return { requests, client: createClient({ baseUrl: BASE_URL, token, fetch }) }
}

const status =
  (status: number, headers: Readonly<Record<string, string>> = { 'retry-after': '0' }): Step =>
  () =>
    new Response('', { status, headers })
const ok =
  (body: unknown): Step =>
  () =>
    Response.json(body)
const drop: Step = () => {
  throw new TypeError('the network is gone')
}

describe('a request', () => {
  it('that starts something is repeated under one key, each time with a fresh token', async () => {
    const { client, requests } = answeredBy(status(503), status(409), ok({ id: ID }))
    const { data } = await client.POST('/v1/integrations/{id}/sync', { params: { path } })
    expect(data?.id).toBe(ID)
    const keys = requests.map(({ headers }) => headers.get('idempotency-key'))
    expect(new Set(keys)).toEqual(new Set([expect.stringMatching(/^[0-9a-f-]{36}$/)]))
    expect(keys).toHaveLength(3)
    expect(requests.map(({ headers }) => headers.get('authorization'))).toEqual(
      [1, 2, 3].map((n) => `Bearer token-${n}`),
    )
  })

  it('that reads is repeated when the network is gone, also in the middle of a refusal', async () => {
    const cut = new ReadableStream({ start: (body) => body.error(new TypeError('cut')) })
    const { client } = answeredBy(drop, () => new Response(cut, { status: 503 }), ok({ id: ID }))
    const { data } = await client.GET('/v1/integrations/{id}', { params: { path } })
    expect(data?.id).toBe(ID)
  })

  it('that changes settings is not repeated, unless it was refused before anything was done', async () => {
    const change = { params: { path }, body: { syncEnabled: true } } as const
    const gone = answeredBy(drop)
    await expect(gone.client.PATCH('/v1/integrations/{id}', change)).rejects.toThrow('gone')
    const down = answeredBy(status(503))
    expect((await down.client.PATCH('/v1/integrations/{id}', change)).response.status).toBe(503)
    const limited = answeredBy(status(429), ok({ id: ID }))
    expect((await limited.client.PATCH('/v1/integrations/{id}', change)).response.status).toBe(200)
  })

  it('is given up after four attempts, and when the wait would be long', async () => {
    const { client, requests } = answeredBy(status(503), status(503), status(503), status(503))
    const { response } = await client.GET('/v1/integrations/{id}', { params: { path } })
    expect([response.status, requests.length]).toEqual([503, 4])
    const long = answeredBy(status(429, { 'retry-after': '3600' }))
    expect((await long.client.GET('/v1/integrations/{id}', { params: { path } })).response.status).toBe(429)
  })

  it('ends at once when it is aborted while it waits', async () => {
    const { client } = answeredBy(status(503, { 'retry-after': '30' }))
    const stop = new AbortController()
    const reading = client.GET('/v1/integrations/{id}', { params: { path }, signal: stop.signal })
    setTimeout(() => stop.abort(new Error('enough')), 10)
    await expect(reading).rejects.toThrow('enough')
  })
})

it('unwraps an answer without a body as nothing', async () => {
  const { client } = answeredBy(() => new Response(null, { status: 204 }))
  expect(await unwrap(client.DELETE('/v1/integrations/{id}', { params: { path } }))).toBeUndefined()
})

it('sends no further parts of a file once one was refused', async () => {
  let sent = 0
  const fetch = async ({ method, url }: Request) => {
    if (method === 'POST') return Response.json({ id: ID, partBytes: 1_000_000 })
    if (method === 'DELETE') return new Response(null, { status: 204 })
    sent += 1
    if (sent !== 2) return Response.json({ part: sent, etag: url })
    return Response.json({ code: 'forbidden', detail: 'No more.', requestId: 'r' }, { status: 403 })
  }
  const client = createClient({ baseUrl: BASE_URL, token: 'token', fetch })
  const file = new Blob([new Uint8Array(12_000_000)])
  await expect(uploadFile(client, { integrationId: ID, file })).rejects.toThrow('No more.')
  await new Promise((resolve) => setTimeout(resolve, 20))
  // The first goes alone, then three at once.
  expect(sent).toBe(4)
})

describe('an upload in parts that the network broke off', () => {
  const file = new Blob([new Uint8Array(10_000_000)])
  /** An API that forgets its uploads, and a network that is gone for some parts. */
  const createUploads = () => {
    const [sent, begun, kept]: [string[], string[], BegunUpload[]] = [[], [], []]
    const state = { isForgotten: false, isGone: (_part: number): boolean => false }
    const fetch = async ({ method, url }: Request) => {
      const { pathname } = new URL(url)
      const part = Number(/parts\/(\d+)$/.exec(pathname)?.[1])
      if (method === 'PUT' && state.isGone(part)) throw new TypeError('the network is gone')
      if (pathname.endsWith('/uploads')) {
        begun.push(`upload-${begun.length + 1}`)
        return Response.json({ id: begun.at(-1), partBytes: 3_000_000 })
      }
      sent.push(`${method} ${pathname.replace(/^.*\/uploads\//, '')}`)
      if (state.isForgotten && pathname.includes('upload-1'))
        return Response.json({ code: 'not_found', detail: 'None.', requestId: 'r' }, { status: 404 })
      return Response.json(method === 'PUT' ? { part, etag: `etag-${part}` } : { id: ID })
    }
    const client = createClient({ baseUrl: BASE_URL, token: 'token', fetch, retry: { attempts: 1 } })
    const upload = { integrationId: ID, file, onUpload: (state: BegunUpload) => kept.push(state) }
    return { client, upload, sent, begun, kept, state }
  }

  it('stays open, and goes on with the parts that are missing', async () => {
    const { client, upload, sent, begun, kept, state } = createUploads()
    state.isGone = (part) => part > 2
    await expect(uploadFile(client, upload)).rejects.toThrow('gone')
    expect(sent).toEqual(['PUT upload-1/parts/1', 'PUT upload-1/parts/2'])
    state.isGone = () => false
    const [progress, resume]: [number[], BegunUpload | undefined] = [[], kept.at(-1)]
    const onProgress = (bytes: number) => progress.push(bytes)
    expect(await uploadFile(client, { ...upload, onProgress, ...(resume && { resume }) })).toEqual({ id: ID })
    expect(sent.slice(2).toSorted()).toEqual(['POST upload-1/complete', 'PUT upload-1/parts/3', 'PUT upload-1/parts/4'])
    expect([begun.length, progress[0], progress.at(-1)]).toEqual([1, 6_000_000, 10_000_000])
  })

  it('is begun again when it is gone by then', async () => {
    const { client, upload, sent, begun, state } = createUploads()
    state.isForgotten = true
    const resume = { uploadId: 'upload-1', partBytes: 3_000_000, parts: [{ part: 1, etag: 'etag-1' }] }
    begun.push('upload-1')
    expect(await uploadFile(client, { ...upload, resume })).toEqual({ id: ID })
    expect(sent.filter((line) => line.startsWith('PUT upload-2'))).toHaveLength(4)
  })

  it('is given up after a refusal, and where nobody keeps it', async () => {
    const { client, upload, sent, state } = createUploads()
    state.isGone = (part) => part > 2
    const { onUpload: _, ...unkept } = upload
    await expect(uploadFile(client, unkept)).rejects.toThrow('gone')
    expect(sent.at(-1)).toBe('DELETE upload-1')
  })
})

describe('watching a run', () => {
  const event = (id: string, run: Partial<Run>) => `id: ${id}\nevent: run\ndata: ${JSON.stringify(run)}\n\n`
  const stream =
    (...parts: readonly string[]): Step =>
    () =>
      new Response(parts.join(''), { headers: { 'content-type': 'text/event-stream' } })

  it('goes on where it was cut, and nothing comes twice', async () => {
    const { client, requests } = answeredBy(
      stream('retry: 1\n\n', event('a', { attempt: 1, finishedAt: null }), ': heartbeat\n\n', 'id: b\nevent: ru'),
      drop,
      status(503),
      stream(event('c', { attempt: 2, finishedAt: null })),
      stream(event('d', { attempt: 3, finishedAt: '2026-03-02T10:00:00Z' })),
    )
    const seen: number[] = []
    for await (const { attempt } of watchRun(client, { integrationId: ID, runId: ID })) seen.push(attempt)
    expect(seen).toEqual([1, 2, 3])
    expect(requests.map(({ headers }) => headers.get('last-event-id'))).toEqual([null, 'a', 'a', 'a', 'c'])
  })

  it('ends where the API says that nothing will follow, and throws what it refuses', async () => {
    const over = answeredBy(() => new Response(null, { status: 204 }))
    expect(await watchRun(over.client, { integrationId: ID, runId: ID }).next()).toEqual({
      done: true,
      value: undefined,
    })
    const gone = answeredBy(() =>
      Response.json({ code: 'not_found', detail: 'There is no such run.', requestId: 'r' }, { status: 404 }),
    )
    await expect(watchRun(gone.client, { integrationId: ID, runId: ID }).next()).rejects.toThrow('no such run')
  })
})

describe.concurrent('following changes', () => {
  const changes = (after: number) => ok({ items: [{ externalId: `sale ${after}` }], nextAfter: after })
  const follow = (...steps: readonly Step[]) => {
    const { client, requests } = answeredBy(...steps)
    const stop = new AbortController()
    const options = { integrationId: ID, after: 3, pauseSeconds: 0, limit: 1, signal: stop.signal }
    return { requests, stop, changes: followChanges(client, options) }
  }

  it('goes on where it was however long the API is away, less and less often', async () => {
    // Twice what the client repeats by itself.
    const away = [drop, status(429), status(502), status(503), status(503), status(503), status(500), drop]
    const { changes: seen, requests } = follow(changes(4), ...away, changes(5))
    const startedAt = Date.now()
    expect((await seen.next()).value?.after).toBe(4)
    expect((await seen.next()).value?.after).toBe(5)
    const asked = requests.map(({ url }) => new URL(url).searchParams.get('after'))
    expect(asked).toEqual(['3', ...Array.from({ length: 9 }, () => '4')])
    // A second, then two.
    expect(Date.now() - startedAt).toBeGreaterThan(2900)
  })

  it.for([401, 403, 404])('ends when it is refused with %i', async (refusal) => {
    const { changes: seen } = follow(() =>
      Response.json({ code: 'x', detail: 'No.', requestId: 'r', status: refusal }, { status: refusal }),
    )
    await expect(seen.next()).rejects.toThrow('No.')
  })

  it('ends at once when it is aborted while the API is away', async () => {
    const { changes: seen, stop } = follow(...Array.from({ length: 9 }, () => drop))
    setTimeout(() => stop.abort(new Error('enough')), 50)
    await expect(seen.next()).rejects.toThrow('enough')
  })
})
