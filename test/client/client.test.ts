import { describe, expect, it } from 'vitest'
import {
  type Client,
  createClient,
  followChanges,
  iterate,
  ProblemError,
  previewFile,
  unwrap,
  uploadFile,
  watchRun,
} from '#client/index.ts'
import { connect, sync, takings } from '#client-examples/connect-and-sync.ts'
import { createYclientsSandbox } from '#sandbox/yclients.ts'
import { createTestContext, SANDBOX_URL } from '#test/context.ts'
import { createFileTenant } from '#test/files.ts'
import { createWriter, transaction } from '#test/pages.ts'
import { createSalonTenant, createTenant, serveInProcess, type Tenant } from '#test/tenants.ts'
import { tenantToken } from '#test/tokens.ts'

const BASE_URL = 'https://api.example.com'

interface Watched {
  readonly client: Client
  readonly requests: Request[]
}

/** A client of the Worker itself; what it sends can be looked at. */
function clientOf(
  { context, businessId }: Pick<Tenant, 'context' | 'businessId'>,
  language: 'ru' | 'en' = 'en',
): Watched {
  const requests: Request[] = []
  const fetch = async (request: Request) => {
    requests.push(request.clone())
    return context.app.fetch(request)
  }
  return {
    requests,
    client: createClient({ baseUrl: BASE_URL, token: async () => tenantToken(businessId), language, fetch }),
  }
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const seen: Item[] = []
  for await (const item of items) seen.push(item)
  return seen
}

describe('the client', () => {
  it('reads and changes an integration, and throws what the API refuses as it says it', async () => {
    const salon = await createSalonTenant()
    const { client } = clientOf(salon, 'ru')
    const path = { id: salon.integrationId }
    const integration = await unwrap(client.GET('/v1/integrations/{id}', { params: { path } }))
    expect(integration.crmType).toBe('yclients')
    const body = { syncIntervalMinutes: 0 }
    const refused = unwrap(client.PATCH('/v1/integrations/{id}', { params: { path }, body }))
    await expect(refused).rejects.toBeInstanceOf(ProblemError)
    await expect(refused).rejects.toMatchObject({
      problem: {
        ...{ code: 'invalid_request', status: 400, detail: expect.stringMatching(/[а-я]/) },
        errors: [{ path: 'syncIntervalMinutes' }],
      },
    })
  })

  it('goes through all pages of a list', async () => {
    const { salon, write } = await createWriter()
    const { client, requests } = clientOf(salon)
    await write(['a', 'b', 'c'].map((id) => transaction(id)))
    const path = { id: salon.integrationId }
    const sales = await all(
      iterate((cursor) =>
        client.GET('/v1/integrations/{id}/transactions', {
          params: { path, query: { limit: 2, ...(cursor !== undefined && { cursor }) } },
        }),
      ),
    )
    expect(sales.map(({ externalId }) => externalId).toSorted()).toEqual(['a', 'b', 'c'])
    expect(requests).toHaveLength(2)
  })

  it('follows the changes from where it stopped', async () => {
    const { salon, write } = await createWriter()
    const { client } = clientOf(salon)
    await write([transaction('a'), transaction('b')])
    const stop = new AbortController()
    const follow = { integrationId: salon.integrationId, signal: stop.signal, limit: 1, pauseSeconds: 0.01 }
    const seen: string[] = []
    let after = 0
    for await (const batch of followChanges(client, { ...follow, after })) {
      seen.push(...batch.items.map(({ externalId }) => externalId))
      ;({ after } = batch)
      if (seen.length === 2) break
    }
    await write([transaction('c')])
    const { value } = await followChanges(client, { ...follow, after }).next()
    expect([...seen, value?.items[0]?.externalId]).toEqual(['a', 'b', 'c'])
    const waiting = followChanges(client, { ...follow, after: value?.after ?? 0 }).next()
    stop.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })

  it('watches a run to its end', async () => {
    const { salon, run, write } = await createWriter()
    const { client } = clientOf(salon)
    const seen: [string, number][] = []
    for await (const now of watchRun(client, { integrationId: salon.integrationId, runId: run.id })) {
      seen.push([now.status, now.counters.pages])
      if (seen.length === 1) await write([transaction('a')])
      if (seen.length === 2) await salon.call('POST', `${salon.path}/runs/${run.id}/cancel`)
    }
    expect(seen).toEqual([
      ['running', 0],
      ['running', 1],
      ['cancelled', 1],
    ])
  })
})

it('connects a salon, follows its first sync and adds up its sales, as the example does', async () => {
  const sandbox = createYclientsSandbox({ now: () => new Date(), demo: true })
  const tenant = await createTenant(createTestContext(serveInProcess(sandbox)))
  const { client } = clientOf(tenant)
  const { apiKey = '', apiSecret = '' } = sandbox.connection.credentials
  const { additionalConfig } = sandbox.connection
  const vendor = {
    crmType: 'yclients',
    apiUrl: SANDBOX_URL,
    credentials: { apiKey, apiSecret },
    additionalConfig,
  } as const
  const id = await connect(client, vendor)
  const seen: string[] = []
  const run = await sync(client, id, ({ status }) => {
    seen.push(status)
    if (seen.length === 1) void tenant.context.drain()
  })
  expect(run.status).toBe('succeeded')
  expect(seen.length).toBeGreaterThan(1)
  const paid = sandbox.ledger().filter(({ status }) => status === 'paid')
  const sum = paid.reduce((all, { amountMinor }) => all + amountMinor, 0)
  expect(Object.fromEntries(await takings(client, id))).toEqual({ RUB: sum })
})

const FILE = 'id,date,amount\n1,2026-03-02 10:00,100\n2,2026-03-02 11:00,200\n'

describe('files', () => {
  it('are imported whole when they are small, and questions about them are thrown', async () => {
    const files = await createFileTenant()
    const { client } = clientOf(files)
    const upload = { integrationId: files.integrationId }
    const run = await uploadFile(client, { ...upload, file: new Blob([FILE]) })
    expect(run).toMatchObject({ trigger: 'import', status: 'queued' })
    const asked = new Blob(['id,date,amount,status\n1,2026-03-02,100,grmbl\n'])
    const error = await uploadFile(client, { ...upload, file: asked }).catch((error: ProblemError) => error)
    expect(error).toMatchObject({ problem: { code: 'mapping_unconfirmed', doubts: [{ code: 'words_unknown' }] } })
  })

  it('are sent in parts when they are large', async () => {
    const files = await createFileTenant()
    const { client, requests } = clientOf(files)
    const row = (n: number) => `${n},2026-03-02 10:00,100,${'x'.repeat(1000)}\n`
    const file = new Blob(['id,date,amount,comment\n', ...Array.from({ length: 8200 }, (_, n) => row(n))])
    const sent: number[] = []
    const run = await uploadFile(client, {
      ...{ integrationId: files.integrationId, file },
      onProgress: (bytes) => sent.push(bytes),
    })
    expect(run).toMatchObject({ trigger: 'import', status: 'queued' })
    expect(requests.filter(({ method }) => method === 'PUT').length).toBeGreaterThan(1)
    expect(sent.at(-1)).toBe(file.size)
    // The answer was lost, and the page was closed: all parts are known.
    const { id: uploadId } = run
    const completed = requests.find(({ url }) => url.endsWith('/complete'))
    const { parts } = JSON.parse((await completed?.text()) ?? '')
    const resume = { uploadId, partBytes: 8 * 1024 * 1024, parts }
    expect(await uploadFile(client, { integrationId: files.integrationId, file, resume })).toMatchObject({
      id: uploadId,
    })
  })

  it('are previewed by their beginning, with a format that is tried', async () => {
    const files = await createFileTenant()
    const { client, requests } = clientOf(files)
    const file = new Blob(['nr,day,sum,note\n', `1,2026-03-02,100,${'x'.repeat(500)}\n`.repeat(4000)])
    const format = { mapping: { id: 'nr', date: 'day', amount: 'sum' } }
    const shown = await previewFile(client, { integrationId: files.integrationId, file, format })
    expect(shown).toMatchObject({ isWhole: false, mapping: { amount: 'sum' } })
    const bytes = await requests.at(-1)?.arrayBuffer()
    expect(bytes?.byteLength).toBeLessThan(1_200_000)
  })
})
