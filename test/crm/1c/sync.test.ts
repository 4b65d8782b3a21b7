// How little is asked for, and what is asked for again.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import type { MappedRecord, Page } from '#crm/contract.ts'
import { createShopTenant, cursorOf, pullFrom, sell, type ShopTenant, storedSales } from '#test/shop.ts'
import { allTransactions, sync } from '#test/tenants.ts'

const demo = { demo: true, receipts: 60 } as const

/** Requests from now on, decoded and without what is the same in all of them. */
function watch({ sandbox }: ShopTenant): () => string[] {
  const before = sandbox.requests.length
  const plain = (line: string) =>
    decodeURIComponent(line).replace('GET /odata/standard.odata/', '').replace('$format=json', '')
  return () => sandbox.requests.slice(before).map(plain)
}

function idsOf(pages: readonly Page<unknown>[]): (string | null)[] {
  const idOf = (record: MappedRecord) =>
    record.type === 'transaction' ? record.transaction.externalId : record.externalId
  return pages.flatMap(({ records }) => records.map(idOf))
}

/** Everything read alike twice: then nothing is left to do but to look. */
async function settled(tenant: ShopTenant): Promise<unknown> {
  for (const _ of [1, 2]) await sync(tenant)
  return cursorOf(tenant)
}

describe('a scheduled sync', () => {
  it('with nothing new is one call: a look at a few fields of the last days', async () => {
    const tenant = await createShopTenant(demo)
    const cursor = await settled(tenant)
    const asked = watch(tenant)
    expect(idsOf(await pullFrom(tenant, cursor))).toEqual([])
    expect(asked()).toEqual([
      expect.stringMatching(
        /^Document_ЧекККМ\?&\$filter=Date ge datetime'[^']+'&\$select=Ref_Key,DataVersion,DeletionMark,Posted,Date,СуммаДокумента&\$orderby=Date&\$top=500/,
      ),
    ])
  })

  it('reads whole only the hours in which something has changed', async () => {
    const tenant = await createShopTenant({ ...demo, receipts: 300 })
    const cursor = await settled(tenant)
    const receipt = sell(tenant, 0)
    const asked = watch(tenant)
    const ids = idsOf(await pullFrom(tenant, cursor))
    expect(ids).toContain(`Document_ЧекККМ:${receipt.id}`)
    expect(ids.length).toBeLessThan(10)
    const hour = /Date ge datetime'([^']+):00:00' and Date lt datetime'[^']+:00:00'/
    expect(asked().filter((line) => hour.test(line))).toHaveLength(1)
  })

  it('finds a receipt that is gone, although nothing else has changed, and a new version of one whose sum is the same', async () => {
    const tenant = await createShopTenant()
    const [gone, edited] = [sell(tenant, 0), sell(tenant, 2)]
    const cursor = await settled(tenant)
    const { shop } = tenant.sandbox
    shop.vanish(gone.id)
    const card = shop.addCard('2000000000001', null)
    shop.change(edited.id, { card })
    const records = (await pullFrom(tenant, cursor)).flatMap((page) => page.records)
    expect(records).toContainEqual({ type: 'gone', externalId: `Document_ЧекККМ:${gone.id}`, sourceUpdatedAt: null })
    const customer = expect.objectContaining({ externalId: card.id })
    expect(records).toContainEqual(expect.objectContaining({ transaction: expect.objectContaining({ customer }) }))
  })

  it('shows what is new in two syncs: the engine may have left it alone the first time', async () => {
    const tenant = await createShopTenant()
    sell(tenant, 1)
    await settled(tenant)
    const receipt = sell(tenant, 0)
    const first = await pullFrom(tenant, await cursorOf(tenant))
    const second = await pullFrom(tenant, first.at(-1)?.cursor)
    const third = await pullFrom(tenant, second.at(-1)?.cursor)
    const isShown = (pages: readonly Page<unknown>[]) => idsOf(pages).includes(`Document_ЧекККМ:${receipt.id}`)
    expect([first, second, third].map(isShown)).toEqual([true, true, false])
  })

  it('looks into the base anew once a day: what is published since then is read along', async () => {
    const tenant = await createShopTenant({ ...demo, configuration: 'unf' })
    tenant.sandbox.published.delete('Catalog_Контрагенты')
    const cursor = await settled(tenant)
    expect((await storedSales(tenant)).every(({ phone }) => phone === null)).toBe(true)
    tenant.sandbox.published.add('Catalog_Контрагенты')
    expect(idsOf(await pullFrom(tenant, cursor))).toEqual([])
    tenant.context.clock.advance(24 * 3_600_000)
    const records = (await pullFrom(tenant, cursor)).flatMap((page) => page.records)
    expect(records.some((record) => record.type === 'transaction' && record.transaction.customer?.phone)).toBe(true)
  })
})

describe('names', () => {
  it('are asked for in batches, each key once in a piece of work', async () => {
    const tenant = await createShopTenant({ ...demo, receipts: 200, settings: { pageSize: 50 } })
    const asked = watch(tenant)
    await sync(tenant)
    const batches = asked().filter((line) => line.startsWith('Catalog_'))
    const keys = batches.map((line) => line.match(/guid'[^']+'/g) ?? [])
    expect(Math.max(...keys.map(({ length }) => length))).toBe(20)
    expect(new Set(keys.flat()).size).toBe(keys.flat().length)
  })

  it('that fail now and then cost one request, not the page', async () => {
    const tenant = await createShopTenant({ ...demo, receipts: 60 })
    Object.assign(tenant.sandbox.faults.plan, { path: 'Catalog_', every: 2, kinds: ['503'] })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', attempt: 0 })
    expect(tenant.sandbox.faults.played.get('503')).toBeGreaterThan(2)
    expect(await storedSales(tenant)).toEqual(tenant.sandbox.ledger())
  })
})

describe('a backfill', () => {
  it('reads whole days of the base’s clock and leaves the live marks alone', async () => {
    const tenant = await createShopTenant({ settings: { initialDays: 1 } })
    const [old, older] = [sell(tenant, 100), sell(tenant, 140)]
    await sync(tenant)
    expect(await allTransactions(tenant)).toEqual([])
    const before = await cursorOf(tenant)
    const from = new Date(older.at.getTime() - 1000).toISOString()
    const { json } = await tenant.call('POST', `${tenant.path}/backfill`, { from, to: old.at.toISOString() })
    await tenant.context.drain()
    const { json: run } = await tenant.call('GET', `${tenant.path}/runs/${json.id}`)
    expect(run).toMatchObject({ status: 'succeeded', counters: { inserted: 2 } })
    expect(await cursorOf(tenant)).toEqual(before)
    await sync(tenant)
    expect(await allTransactions(tenant)).toMatchObject([{ status: 'paid' }, { status: 'paid' }])
  })
})

describe('an extra filter', () => {
  const filter = 'СуммаДокумента gt 50 or Posted eq false'
  const settings = { documents: [{ entitySet: 'Document_ЧекККМ', filter }] }

  it('is added to every query in brackets of its own', async () => {
    const tenant = await createShopTenant({ settings })
    const [large, small] = [sell(tenant, 1), sell(tenant, 1)]
    tenant.sandbox.shop.change(small.id, { kopecks: 1000 })
    const asked = watch(tenant)
    await sync(tenant)
    expect((await allTransactions(tenant)).map(({ externalId }) => externalId)).toEqual([`Document_ЧекККМ:${large.id}`])
    expect(
      asked()
        .filter((line) => line.includes('Date ge'))
        .every((line) => line.includes(` and (${filter})`)),
    ).toBe(true)
  })

  it('that the base refuses stops the sync after one more look into the base', async () => {
    const documents = [{ entitySet: 'Document_ЧекККМ', filter: 'ЧекПробитНаККМ eq true' }]
    const tenant = await createShopTenant({ ...demo, settings: { documents } })
    await sync(tenant)
    const cursor = await cursorOf(tenant)
    tenant.sandbox.renamed.set('ЧекПробитНаККМ', 'УдалитьЧекПробитНаККМ')
    const asked = watch(tenant)
    await expect(pullFrom(tenant, cursor)).rejects.toMatchObject({ kind: 'rejected', reason: 'query_refused' })
    expect(asked().filter((line) => line.startsWith('?'))).toHaveLength(1)
  })

  it('takes a sale back that no longer passes it', async () => {
    const tenant = await createShopTenant({ settings })
    const receipt = sell(tenant, 1)
    await sync(tenant)
    tenant.sandbox.shop.change(receipt.id, { kopecks: 1000 })
    await sync(tenant)
    expect(await allTransactions(tenant)).toMatchObject([{ status: 'cancelled' }])
    tenant.sandbox.shop.change(receipt.id, { kopecks: 7000 })
    await sync(tenant)
    expect(await allTransactions(tenant)).toMatchObject([{ status: 'paid', amountMinor: 7000 }])
  })
})

describe('a plan that took several slices', () => {
  it('ends with a page of its own: whoever goes on from the one before has nothing left to ask', async () => {
    const tenant = await createShopTenant({ ...demo, settings: { pageSize: 10 } })
    const [first] = await pullFrom(tenant, null)
    const rest = await pullFrom(tenant, first?.cursor)
    const end = rest.at(-1)
    expect(end).toMatchObject({ records: [], cursor: { plan: null, to: expect.any(String) } })
    const asked = watch(tenant)
    expect(await pullFrom(tenant, rest.at(-2)?.cursor)).toEqual([end])
    expect(asked()).toEqual([])
  })
})

describe('a plan left over from an earlier run', () => {
  it('is followed by a fresh one: what was sold since comes with the same sync', async () => {
    const tenant = await createShopTenant({ ...demo, settings: { pageSize: 10 } })
    let lists = 0
    tenant.sandbox.onList = () => {
      lists += 1
      if (lists === 14) Object.assign(tenant.sandbox.faults.plan, { rate: 1, kinds: ['503'] })
    }
    expect(await sync(tenant)).toMatchObject({ status: 'failed' })
    expect((await allTransactions(tenant)).length).toBeGreaterThan(0)
    tenant.sandbox.onList = null
    tenant.sandbox.faults.plan.rate = 0
    tenant.context.clock.advance(3 * 3_600_000)
    const sold = sell(tenant, 0)
    // Runs begin by the database's clock, which the test cannot move.
    const begun = sql`started_at = now() + interval '3 hours'`
    const { json } = await tenant.call('POST', `${tenant.path}/sync`)
    const { context, path, call } = tenant
    await context.db.execute(sql`update sync_runs set ${begun} where id = ${json.id}::uuid`)
    await context.drain()
    expect((await call('GET', `${path}/runs/${json.id}`)).json).toMatchObject({ status: 'succeeded' })
    const stored = (await allTransactions(tenant)).map(({ externalId }) => externalId)
    expect(stored).toContain(`Document_ЧекККМ:${sold.id}`)
    expect(await storedSales(tenant)).toEqual(tenant.sandbox.ledger())
  })
})
