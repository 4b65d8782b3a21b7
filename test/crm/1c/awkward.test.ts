// Bases that cannot do what others can, and answers that must not be believed. Sources: the connector's README.
import { describe, expect, it } from 'vitest'
import { allTransactions, sync } from '#test/tenants.ts'
import { createShopTenant, daysAgo, saleOf, sell, type ShopTenant, storedSales } from '#test/shop.ts'

/** What has been asked for, decoded. */
function asked({ sandbox }: ShopTenant): string[] {
  return sandbox.requests.map((line) => decodeURIComponent(line))
}

describe('queries that bases cannot do', () => {
  it('keys are never compared by size (trap 9), nothing is sorted by a reference (trap 10) or paged by a bare $skip (trap 11), and nothing asked for at the same time as another (trap 15)', async () => {
    const tenant = await createShopTenant({ demo: true, receipts: 90, settings: { pageSize: 20 } })
    await sync(tenant)
    const lines = asked(tenant)
    expect(lines.some((line) => line.includes("Date ge datetime'"))).toBe(true)
    for (const line of lines) expect(line).not.toMatch(/guid'[^']*' (?:gt|lt|ge|le)|(?:gt|lt|ge|le) guid'|\$skip/)
    expect(new Set(lines.flatMap((line) => /\$orderby=([^&]*)/.exec(line)?.[1] ?? []))).toEqual(new Set(['Date']))
    // Each request may open a session and take a licence.
    await tenant.call('POST', `${tenant.path}/test`)
    expect(tenant.sandbox.inFlightMax).toBe(1)
  })

  it('an answer that is too much for the base (trap 16) is asked for in smaller pieces', async () => {
    const tenant = await createShopTenant({ demo: true, receipts: 120 })
    tenant.sandbox.rowsMax = 10
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', attempt: 0, error: null })
    expect(await storedSales(tenant)).toEqual(tenant.sandbox.ledger())
    const sizes = new Set(
      asked(tenant).flatMap((line) => (line.includes('Document_') ? (/\$top=(\d+)/.exec(line)?.[1] ?? []) : [])),
    )
    expect([...sizes]).toEqual(expect.arrayContaining(['100', '25', '6', '12']))
  })

  it.each([
    ['a base that takes $orderby and does not sort', {}, { noOrder: true }],
    ['orderBy: false', { orderBy: false }, {}],
    ['a base that cannot filter by date, with serverFilter: false', { serverFilter: false }, { noDateFilter: true }],
    ['neither filter nor order', { serverFilter: false, orderBy: false }, { noDateFilter: true, noOrder: true }],
  ])('agrees with %s', async (_name, settings, vendor) => {
    const tenant = await createShopTenant({ demo: true, receipts: 90, settings: { pageSize: 12, ...settings } })
    Object.assign(tenant.sandbox, vendor)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
    expect(await storedSales(tenant)).toEqual(tenant.sandbox.ledger())
    const { shop } = tenant.sandbox
    const [edited = never(), deleted = never()] = [...shop.receipts.values()].filter(
      ({ at, posted, marked }) => posted && !marked && at > daysAgo(tenant, 20),
    )
    shop.change(edited.id, { kopecks: 777_00 })
    shop.vanish(deleted.id)
    sell(tenant, 0)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 1, updated: 1 } })
    expect(await storedSales(tenant)).toEqual(tenant.sandbox.ledger())
  })

  it('names the setting to change when a base cannot filter by date', async () => {
    const tenant = await createShopTenant({ demo: true, receipts: 25 })
    const { json: before } = await tenant.call('POST', `${tenant.path}/test`)
    expect(before.ok).toBe(true)
    tenant.sandbox.noDateFilter = true
    const { json } = await tenant.call('POST', `${tenant.path}/test`)
    const advice = expect.stringContaining('switch off “The server selects by date”')
    expect(json.capabilities).toContainEqual({
      name: 'Document_ЧекККМ',
      title: 'Documents ЧекККМ',
      required: true,
      ok: false,
      detail: advice,
    })
    expect(await sync(tenant)).toMatchObject({ status: 'failed', error: { kind: 'unavailable', message: advice } })
  })
})

describe('answers that must not be believed', () => {
  it('empty lists cancel nothing, and a user that sees nothing any more stops for a person', async () => {
    const tenant = await createShopTenant()
    for (let index = 0; index < 12; index += 1) sell(tenant, 1)
    await sync(tenant)
    const before = await allTransactions(tenant)
    tenant.sandbox.emptyLists = true
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { updated: 0 } })
    for (const { id } of tenant.sandbox.shop.receipts.values()) tenant.sandbox.hidden.add(id)
    const run = await sync(tenant)
    expect(run).toMatchObject({ status: 'failed', error: { kind: 'forbidden' } })
    expect(await allTransactions(tenant)).toEqual(before)
  })

  it('a document that this user may not see alone is read through a list, and left as it is when that is empty', async () => {
    const tenant = await createShopTenant()
    const receipt = sell(tenant, 1)
    await sync(tenant)
    const before = await saleOf(tenant, receipt)
    tenant.sandbox.hidden.add(receipt.id)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { updated: 0 } })
    expect(await saleOf(tenant, receipt)).toEqual(before)
    expect(asked(tenant).at(-1)).toContain(`$filter=Ref_Key eq guid'${receipt.id}'&allowedOnly=true`)
  })

  it('a 404 that is not 1C’s own word says nothing of a receipt', async () => {
    const tenant = await createShopTenant({ configuration: 'bp' })
    const receipt = sell(tenant, 1)
    sell(tenant, 1)
    await sync(tenant)
    tenant.sandbox.shop.vanish(receipt.id)
    tenant.sandbox.lost.add(receipt.id)
    expect(await sync(tenant)).toMatchObject({ status: 'failed', error: { kind: 'unavailable' } })
    expect(await saleOf(tenant, receipt)).toMatchObject({ status: 'paid' })
    tenant.sandbox.lost.clear()
    await sync(tenant)
    expect(await saleOf(tenant, receipt)).toMatchObject({ status: 'cancelled' })
  })

  it('a receipt of today that is gone from the base is cancelled in the same sync, by a read of it alone', async () => {
    const tenant = await createShopTenant()
    const [gone] = [sell(tenant, 0), sell(tenant, 0)]
    await sync(tenant)
    tenant.sandbox.shop.vanish(gone.id)
    await sync(tenant)
    expect(await saleOf(tenant, gone)).toMatchObject({ status: 'cancelled', amountMinor: 10_000 })
    expect(asked(tenant).at(-1)).toContain(`Document_ЧекККМ(guid'${gone.id}')`)
  })

  it('a document moved to another date is followed and not taken for gone', async () => {
    const tenant = await createShopTenant()
    const receipt = sell(tenant, 1)
    await sync(tenant)
    const at = daysAgo(tenant, 300)
    tenant.sandbox.shop.change(receipt.id, { at })
    await sync(tenant)
    expect(await saleOf(tenant, receipt)).toMatchObject({ status: 'paid' })
    expect(new Date((await saleOf(tenant, receipt)).occurredAt)).toEqual(at)
  })

  it('a record that cannot be read goes to quarantine with its reason and without its people; the others are stored', async () => {
    const tenant = await createShopTenant()
    const [broken] = [sell(tenant, 1), sell(tenant, 1), sell(tenant, 1)]
    tenant.sandbox.broken.add(broken.id)
    expect((await sync(tenant)).counters).toMatchObject({ inserted: 2, quarantined: 1 })
    const { json } = await tenant.call('GET', `${tenant.path}/quarantine`)
    expect(json.items).toMatchObject([
      { externalId: `Document_ЧекККМ:${broken.id}`, reason: expect.stringContaining('СуммаДокумента') },
    ])
    tenant.sandbox.broken.clear()
    await tenant.call('POST', `${tenant.path}/quarantine/retry`)
    await tenant.context.drain()
    expect(await saleOf(tenant, broken)).toMatchObject({ status: 'paid' })
  })
})

function never(): never {
  throw new Error('the demo has too few receipts')
}
