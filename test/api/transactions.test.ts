import { describe, expect, it } from 'vitest'
import { createWriter, releaseBrake, transaction, type Writer } from '#test/pages.ts'
import { allTransactions, createSalonTenant } from '#test/tenants.ts'

async function filled(): Promise<Writer> {
  const writer = await createWriter()
  const at = (day: number) => `2026-11-0${day}T10:00:00Z`
  const other = { externalId: '8', name: 'Олег', phone: '+79007654321', email: null, card: null }
  await writer.write([
    transaction('a', { occurredAt: at(1) }),
    transaction('b', { occurredAt: at(2), customer: other }),
    transaction('c', { occurredAt: at(3), kind: 'refund', amountMinor: -500 }),
    transaction('d', { occurredAt: at(3), customer: null }),
  ])
  await writer.write([transaction('d', { occurredAt: at(3), status: 'cancelled', sourceUpdatedAt: at(4) })])
  return writer
}

describe('transactions', () => {
  it('have the form of the contract', async () => {
    const { salon } = await filled()
    const { json } = await salon.call('GET', `${salon.path}/transactions?externalId=a`)
    expect(json).toEqual({
      items: [
        {
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          businessId: salon.businessId,
          integrationId: salon.integrationId,
          externalId: 'a',
          ...{ kind: 'sale', status: 'paid', amountMinor: 10_000, currency: 'RUB' },
          occurredAt: '2026-11-01T10:00:00.000Z',
          customer: { externalId: '7', name: 'Анна', phone: '+79001234567', email: null, card: null },
          items: [{ externalId: '1', name: 'Стрижка', quantity: 1, amountMinor: 10_000 }],
          location: null,
          sourceUpdatedAt: '2026-11-01T10:00:00.000Z',
          changeSeq: 1,
          createdAt: expect.stringMatching(/Z$/),
          updatedAt: expect.stringMatching(/Z$/),
        },
      ],
      nextCursor: null,
    })
  })

  it.each([
    ['', ['d', 'c', 'b', 'a']],
    ['?status=paid', ['c', 'b', 'a']],
    ['?status=cancelled', ['d']],
    ['?kind=refund', ['c']],
    ['?customerPhone=%2B79007654321', ['b']],
    ['?customerPhone=8%20(900)%20765-43-21', ['b']],
    ['?externalId=a', ['a']],
    ['?from=2026-11-02T10:00:00Z', ['d', 'c', 'b']],
    ['?to=2026-11-02T10:00:00Z', ['a']],
    ['?from=2026-11-02T13:00:00%2B03:00&to=2026-11-03T00:00:00Z', ['b']],
    ['?externalId=nothing', []],
  ])('newest first, filtered by %s', async (search, expected) => {
    const { salon } = await filled()
    const { json } = await salon.call('GET', `${salon.path}/transactions${search}`)
    const ids = json.items.map(({ externalId }: { externalId: string }) => externalId)
    expect(ids.toSorted()).toEqual(expected.toSorted())
    const times = json.items.map(({ occurredAt }: { occurredAt: string }) => occurredAt)
    expect(times).toEqual(times.toSorted().toReversed())
  })

  /** Of the right form, with a time that is none. */
  const forged = btoa(JSON.stringify(['yesterday', '00000000-0000-4000-8000-000000000001'])).replaceAll('=', '')

  it.each([
    ...['status=gone', 'kind=x', 'from=yesterday', 'limit=500', 'cursor=x', `cursor=${forged}`],
    ...['customerPhone=abc', 'page=2'],
  ])('refuses ?%s and names it', async (search) => {
    const { salon } = await createWriter()
    const { status, json } = await salon.call('GET', `${salon.path}/transactions?${search}`)
    expect([status, json.errors?.[0]?.path]).toEqual([400, `query.${search.split('=')[0]}`])
  })

  it('come page by page, each once, though many have one time', async () => {
    const writer = await createWriter()
    await writer.write(Array.from({ length: 45 }, (_, index) => transaction(`t${String(index).padStart(2, '0')}`)))
    const { call, path } = writer.salon
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const { json } = await call('GET', `${path}/transactions?limit=10${cursor && `&cursor=${cursor}`}`)
      seen.push(...json.items.map(({ externalId }: { externalId: string }) => externalId))
      cursor = json.nextCursor
    }
    expect(seen.toSorted()).toEqual(Array.from({ length: 45 }, (_, index) => `t${String(index).padStart(2, '0')}`))
  })
})

describe('the change feed', () => {
  it('gives each transaction in its latest state, in the order of its last change', async () => {
    const { salon } = await filled()
    const { json } = await salon.call('GET', `${salon.path}/changes?after=0`)
    const states = json.items.map(({ externalId, status, changeSeq }: Record<string, unknown>) => [
      externalId,
      status,
      changeSeq,
    ])
    expect(states).toEqual([
      ['a', 'paid', 1],
      ['b', 'paid', 2],
      ['c', 'paid', 3],
      ['d', 'cancelled', 5],
    ])
    expect(json.nextAfter).toBe(5)
  })

  it('misses nothing page by page, and answers with the same place when there is nothing new', async () => {
    const { salon } = await filled()
    const seen: string[] = []
    let after = 0
    for (;;) {
      const { json } = await salon.call('GET', `${salon.path}/changes?after=${after}&limit=1`)
      if (json.items.length === 0) break
      seen.push(json.items[0].externalId)
      after = json.nextAfter
    }
    expect(seen).toEqual(['a', 'b', 'c', 'd'])
    expect((await salon.call('GET', `${salon.path}/changes?after=${after}`)).json).toEqual({
      items: [],
      nextAfter: after,
    })
  })

  it('skips no change for a reader who polls while many write', async () => {
    const salon = await createSalonTenant()
    const seen = new Map<string, number>()
    let after = 0
    const poll = async () => {
      const { json } = await salon.call('GET', `${salon.path}/changes?after=${after}&limit=20`)
      for (const item of json.items) seen.set(item.externalId, item.amountMinor)
      after = json.nextAfter
    }
    const writer = await createWriter(salon)
    await releaseBrake(writer)
    for (let round = 1; round <= 15; round += 1) {
      const records = Array.from({ length: 10 }, (_, n) =>
        transaction(`t${(round * 3 + n) % 25}`, { amountMinor: round, sourceUpdatedAt: null }),
      )
      await Promise.all([writer.write(records), poll(), poll()])
    }
    for (let round = 0; round < 5; round += 1) await poll()
    const stored = await allTransactions(salon)
    expect(Object.fromEntries(seen)).toEqual(
      Object.fromEntries(stored.map(({ externalId, amountMinor }) => [externalId, amountMinor])),
    )
  })

  it.each(['after=-1', 'after=x', 'after=1.5', 'after=9999999999999999999999'])('refuses ?%s', async (search) => {
    const { salon } = await createWriter()
    expect((await salon.call('GET', `${salon.path}/changes?${search}`)).status).toBe(400)
  })
})
