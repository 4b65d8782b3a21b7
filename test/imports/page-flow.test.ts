// From a file to its import, against the real API.
import { expect, it } from 'vitest'
import { createClient, type Run } from '#client/index.ts'
import { createFileTenant, type FileTenant } from '#test/files.ts'
import { tenantToken } from '#test/tokens.ts'
import { createFlow, type ImportState, needsName, usedFormat } from '#web/screens/import/flow.ts'

const DOUBTFUL = 'id,Date,Amount\n1,03/04/2024,5\n2,05/06/2024,7\n'
const row = (n: number) => `${n},2026-03-02 10:00,100,${'x'.repeat(1000)}\n`
const LARGE = ['id,date,amount,comment\n', ...Array.from({ length: 17_000 }, (_, n) => row(n))]

/** A screen; its network is gone while `isGone` says so. */
async function open(tenant: FileTenant, kept = new Map<string, string>()) {
  const network = { isGone: (_path: string): boolean => false }
  const [states, runs, paths]: [ImportState[], Run[], string[]] = [[], [], []]
  const client = createClient({
    ...{
      baseUrl: 'https://api.example.com',
      token: async () => tenantToken(tenant.businessId),
      retry: { attempts: 1 },
    },
    fetch: async (request) => {
      const { pathname } = new URL(request.url)
      if (network.isGone(pathname)) throw new TypeError('the network is gone')
      paths.push(`${request.method} ${pathname.replace(/.*\/imports/, '')}`)
      return tenant.context.app.fetch(request)
    },
  })
  const memory = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
  const flow = createFlow({
    ...{ client, integrationId: tenant.integrationId, memory },
    ...{ onChange: (state) => states.push(state), onStarted: (run) => runs.push(run) },
  })
  await flow.load()
  return { flow, network, states, runs, paths, kept }
}

const fileOf = (...parts: readonly string[]) => new File([...parts], 'till.csv', { lastModified: 7 })

it('asks, shows what an answer makes of the file, and imports it by the saved answers', async () => {
  const tenant = await createFileTenant()
  const { flow, runs } = await open(tenant)
  await flow.choose(fileOf(DOUBTFUL))
  expect(flow.state).toMatchObject({ step: 'check', asked: [{ choiceId: null, doubt: { code: 'date_order' } }] })
  flow.answer(0, 'date_order:mdy')
  expect([flow.state.isAhead, needsName(flow.state)]).toEqual([true, true])
  await flow.apply()
  expect(flow.state).toMatchObject({
    isAhead: false,
    preview: { doubts: [], new: 2 },
    asked: [{ choiceId: 'date_order:mdy' }],
  })
  expect(flow.state.preview?.rows.map(({ occurredAt }) => occurredAt.slice(0, 10))).toEqual(
    ['2024-05-05', '2024-03-03'].toReversed(),
  )
  // A double click.
  await Promise.all([flow.start('till'), flow.start('till')])
  expect(runs).toHaveLength(1)
  await tenant.context.drain()
  const { json } = await tenant.call('GET', `${tenant.path}/runs/${runs[0]?.id}`)
  expect(json).toMatchObject({ status: 'succeeded', counters: { inserted: 2 } })
  await flow.load()
  await flow.choose(fileOf(DOUBTFUL))
  expect(flow.state).toMatchObject({ step: 'check', asked: [], preview: { known: 2, format: 'till' } })
  expect(usedFormat(flow.state)?.answers).toEqual(['date_order:mdy'])
})

it('reads columns as they are named, and says why a file is not read', async () => {
  const { flow } = await open(await createFileTenant())
  await flow.choose(fileOf('id,Date,Amount,Paid\n1,2024-03-04,5,6\n'))
  flow.mean('Amount', null)
  flow.mean('Paid', 'amount')
  await flow.apply()
  expect(flow.state.preview?.totals.amounts).toMatchObject([{ amountMinor: 600 }])
  await flow.choose(fileOf('%PDF-1.7'))
  expect(flow.state).toMatchObject({ step: 'unread', preview: null, error: { problem: { code: 'unreadable_file' } } })
})

it('goes on where the network broke off, also when the page was closed, and only with the same file', async () => {
  const tenant = await createFileTenant()
  const { flow, network, runs, kept } = await open(tenant)
  await flow.choose(fileOf(...LARGE))
  network.isGone = (path) => path.endsWith('/parts/2')
  await flow.start(null)
  expect(flow.state).toMatchObject({
    step: 'broken',
    interrupted: { name: 'till.csv', parts: [{ part: 1 }, { part: 3 }] },
  })
  expect(runs).toEqual([])
  const later = await open(tenant, kept)
  expect(later.flow.state.interrupted?.parts).toHaveLength(2)
  await later.flow.choose(fileOf(...LARGE))
  await later.flow.start(null)
  expect(later.paths.filter((path) => path.startsWith('PUT'))).toEqual([expect.stringMatching(/parts\/2$/)])
  expect([later.runs.length, later.kept.size, later.flow.state.interrupted]).toEqual([1, 0, null])
})

it('keeps a small file and its answers when the network is gone', async () => {
  const { flow, network, runs } = await open(await createFileTenant())
  await flow.choose(fileOf(DOUBTFUL))
  flow.answer(0, 'date_order:dmy')
  await flow.apply()
  network.isGone = () => true
  await flow.start('till')
  expect(flow.state).toMatchObject({
    step: 'check',
    error: expect.any(TypeError),
    asked: [{ choiceId: 'date_order:dmy' }],
  })
  network.isGone = () => false
  await flow.start('till')
  expect(runs).toHaveLength(1)
})
