// Closing a shift archives its receipts, empties them and removes them later. None of that takes a sale back.
import { describe, expect, it } from 'vitest'
import type { Receipt } from '#sandbox/1c/shop.ts'
import {
  createShopTenant,
  cursorOf,
  daysAgo,
  linesOf,
  pullFrom,
  saleOf,
  sell,
  type ShopTenant,
  storedSales,
} from '#test/shop.ts'
import { allTransactions, sync } from '#test/tenants.ts'

const SETS = ['retail', 'unf', 'ut'] as const

async function expectLedger(tenant: ShopTenant) {
  expect(await storedSales(tenant)).toEqual(tenant.sandbox.ledger())
}

/** Receipts of one past day. */
function sellMany(tenant: ShopTenant, count: number): Receipt[] {
  const lines = linesOf(tenant)
  return Array.from({ length: count }, (_, index) => {
    const at = new Date(daysAgo(tenant, 2).getTime() - index * 1000)
    return tenant.sandbox.shop.add({ at, lines, isRefund: index % 10 === 9 })
  })
}

describe.each(SETS)('a shift of %s', (configuration) => {
  it('B10: of 120 receipts is archived at night and changes nothing; B11: nor does their removal', async () => {
    const tenant = await createShopTenant({ configuration })
    const receipts = sellMany(tenant, 120)
    await sync(tenant)
    const before = await allTransactions(tenant)
    expect(before).toHaveLength(120)
    tenant.sandbox.shop.archive(receipts.map(({ id }) => id))
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null, counters: { updated: 0 } })
    for (const { id } of receipts) tenant.sandbox.shop.change(id, { isEmptied: true })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null, counters: { updated: 0 } })
    for (const { id } of receipts) tenant.sandbox.shop.vanish(id)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null, counters: { updated: 0 } })
    expect(await allTransactions(tenant)).toEqual(before)
    await expectLedger(tenant)
    // What is known to be removed is not read again.
    const asked = tenant.sandbox.requests.length
    await sync(tenant)
    expect(tenant.sandbox.requests.length - asked).toBeLessThan(10)
  })
})

it('B9: follows receipts that are annulled, put aside or reserved', async () => {
  const tenant = await createShopTenant({ configuration: 'ut' })
  const { shop } = tenant.sandbox
  const [annulled, aside, reserved] = [sell(tenant, 1), sell(tenant, 1), sell(tenant, 1)]
  const never = shop.add({ at: daysAgo(tenant, 1), lines: linesOf(tenant), state: 'aside' })
  await sync(tenant)
  expect(await saleOf(tenant, never)).toBeUndefined()
  shop.change(annulled.id, { state: 'annulled' })
  shop.change(aside.id, { state: 'aside' })
  shop.change(reserved.id, { state: 'reserved' })
  await sync(tenant)
  const statusesOf = await Promise.all(
    [annulled, aside, reserved].map(async (one) => (await saleOf(tenant, one))?.status),
  )
  expect(statusesOf).toEqual(['cancelled', 'unpaid', 'unpaid'])
  await expectLedger(tenant)
})

it('B11: what vanished today is cancelled, as is a shipment of any day', async () => {
  const tenant = await createShopTenant()
  const today = sell(tenant, 0)
  await sync(tenant)
  tenant.sandbox.shop.vanish(today.id)
  await sync(tenant)
  expect(await saleOf(tenant, today)).toMatchObject({ status: 'cancelled' })
  const books = await createShopTenant({ configuration: 'bp' })
  const shipment = sell(books, 3)
  await sync(books)
  books.sandbox.shop.vanish(shipment.id)
  await sync(books)
  expect(await saleOf(books, shipment)).toMatchObject({ status: 'cancelled' })
})

it('B11: what was removed is told once, by its number', async () => {
  const tenant = await createShopTenant()
  const receipts = [sell(tenant, 2), sell(tenant, 2), sell(tenant, 2)]
  for (const _ of [1, 2]) await sync(tenant)
  for (const { id } of receipts.slice(0, 2)) tenant.sandbox.shop.vanish(id)
  const remarksOf = (pages: readonly object[]) => pages.flatMap((page) => ('remarks' in page ? page.remarks : []))
  const pages = await pullFrom(tenant, await cursorOf(tenant))
  expect(remarksOf(pages)).toEqual([{ code: 'archived_receipts_gone', count: 2 }])
  expect(remarksOf(await pullFrom(tenant, pages.at(-1)?.cursor))).toEqual([])
})

it('B11: a receipt of a past day that the report of its shift leaves out is taken back, and no other', async () => {
  const tenant = await createShopTenant()
  const receipts = [410, 420, 430, 440].map((rubles) => sell(tenant, 2, rubles))
  const [byHand, removed] = receipts
  await sync(tenant)
  tenant.sandbox.shop.vanish(removed?.id ?? '')
  tenant.sandbox.shop.vanish(byHand?.id ?? '', true)
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { updated: 1 } })
  const statusesOf = await Promise.all(receipts.map(async (one) => (await saleOf(tenant, one))?.status))
  expect(statusesOf).toEqual(['cancelled', 'paid', 'paid', 'paid'])
  await expectLedger(tenant)
})

it('an emptied receipt that was never seen counts with its sum, and without one not at all', async () => {
  const tenant = await createShopTenant()
  const { shop } = tenant.sandbox
  const receipts = [1, 2].map(() => {
    const { id } = sell(tenant, 1)
    return shop.change(id, { state: 'archived', isEmptied: true })
  })
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 1, quarantined: 0 } })
  const kept = receipts.find(({ number }) => number % 2 === 0)
  expect(await allTransactions(tenant)).toMatchObject([{ externalId: `Document_ЧекККМ:${kept?.id}`, items: [] }])
  await expectLedger(tenant)
})

it('E9: two receipts of eight with an unknown operation are in quarantine, the others are stored', async () => {
  const tenant = await createShopTenant()
  for (let index = 0; index < 8; index += 1) {
    const { id } = sell(tenant, 1)
    if (index % 4 === 0) tenant.sandbox.shop.change(id, { operation: 'ПродажаПоРецепту' })
  }
  expect((await sync(tenant)).counters).toMatchObject({ inserted: 6, quarantined: 2 })
  await expectLedger(tenant)
})

it('B13: sums are in the currency of each document', async () => {
  const tenant = await createShopTenant({ configuration: 'ut' })
  const [dollars] = [sell(tenant, 1), sell(tenant, 1)]
  tenant.sandbox.shop.change(dollars.id, { currency: 'USD' })
  await sync(tenant)
  expect(await saleOf(tenant, dollars)).toMatchObject({ amountMinor: 10_000, currency: 'USD' })
  await expectLedger(tenant)
})

it('D10, D11: people of УТ are one under two names, and the retail buyer is nobody', async () => {
  const tenant = await createShopTenant({ configuration: 'ut' })
  const { shop } = tenant.sandbox
  const counterparty = { id: crypto.randomUUID(), phone: '+79001112233' }
  const anna = shop.addPerson({ name: 'Анна', phone: '', email: '', counterparty })
  const olga = shop.addPerson({ name: 'Ольга', phone: '+79002223344', email: '', hasContactsAsJson: true })
  const nobody = shop.addPerson({ name: 'Розничный покупатель', phone: '', email: '', isNobody: true })
  for (const person of [anna, olga, nobody]) shop.add({ at: daysAgo(tenant, 1), lines: linesOf(tenant), person })
  await sync(tenant)
  const phones = (await storedSales(tenant)).map(({ phone }) => phone)
  expect(new Set(phones)).toEqual(new Set(['+79001112233', '+79002223344', null]))
  await expectLedger(tenant)
})

it('E2: a row without a field that the others have fails neither the test nor a sync', async () => {
  const tenant = await createShopTenant()
  const receipts = [sell(tenant, 1), sell(tenant, 1), sell(tenant, 1)]
  const [first] = receipts.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  tenant.sandbox.lacking.add(first?.id ?? '')
  const { json } = await tenant.call('POST', `${tenant.path}/test`)
  expect(json.ok).toBe(true)
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 3, quarantined: 0 } })
})

it.each([{}, { orderBy: false }])('E11: one draft dated decades ahead costs no windows (%j)', async (settings) => {
  const tenant = await createShopTenant({ settings })
  sell(tenant, 1)
  const ahead = tenant.sandbox.shop.add({ at: new Date('2062-08-10T10:00:00Z'), lines: linesOf(tenant), posted: false })
  for (const _ of [1, 2, 3]) {
    const asked = tenant.sandbox.requests.length
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(tenant.sandbox.requests.length - asked).toBeLessThan(30)
  }
  tenant.sandbox.shop.change(ahead.id, { posted: true })
  await sync(tenant)
  expect(await saleOf(tenant, ahead)).toMatchObject({ status: 'paid' })
})

describe('a catalog that this user may not read', () => {
  it('is left out and told with every page; sales arrive, and what was known of people stays', async () => {
    const tenant = await createShopTenant({ demo: true, receipts: 30 })
    await sync(tenant)
    const before = await allTransactions(tenant)
    expect(before.some(({ customer }) => customer?.phone)).toBe(true)
    tenant.sandbox.denied.add('Catalog_ИнформационныеКарты')
    for (const { id } of tenant.sandbox.shop.receipts.values()) tenant.sandbox.shop.change(id, {})
    const pages = await pullFrom(tenant, null)
    const told = expect.objectContaining({ reason: 'catalog_refused', params: { set: 'Catalog_ИнформационныеКарты' } })
    expect(pages.at(-1)?.leftOut).toEqual([{ list: 'catalogs', error: told }])
    const idle = await pullFrom(tenant, pages.at(-1)?.cursor)
    expect(idle.at(-1)?.leftOut).toEqual([{ list: 'catalogs', error: told }])
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
    const after = await allTransactions(tenant)
    expect(after.map(({ customer }) => customer)).toEqual(before.map(({ customer }) => customer))
  })

  it('is read again with the next look at the base, and so are the sales that lack it', async () => {
    const tenant = await createShopTenant()
    const { shop } = tenant.sandbox
    const owner = shop.addPerson({ name: 'Анна', phone: '+79001112233', email: '' })
    shop.add({ at: daysAgo(tenant, 5), lines: linesOf(tenant), card: shop.addCard('2000000012345', owner) })
    tenant.sandbox.denied.add('Catalog_ИнформационныеКарты')
    for (const _ of [1, 2, 3]) await sync(tenant)
    expect(await cursorOf(tenant)).toMatchObject({ account: { refused: ['Catalog_ИнформационныеКарты'] } })
    expect(await storedSales(tenant)).toMatchObject([{ phone: null, card: null }])
    tenant.sandbox.denied.clear()
    await sync(tenant)
    await expectLedger(tenant)
  })
})
