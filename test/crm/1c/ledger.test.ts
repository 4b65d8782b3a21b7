// The shop's own books and crm_transactions agree exactly, whatever the configuration and whatever happened on the way.
import { describe, expect, it } from 'vitest'
import { createOneCDemo, type OneCSandbox } from '#sandbox/1c.ts'
import { FAULTS } from '#sandbox/faults.ts'
import { allTransactions, sync } from '#test/tenants.ts'
import { createShopTenant, daysAgo, type ShopTenant, storedSales } from '#test/shop.ts'

const FILLED_AT = new Date('2026-11-20T12:00:00Z')

async function expectLedger(tenant: ShopTenant) {
  expect(await storedSales(tenant)).toEqual(tenant.sandbox.ledger())
}

describe.each(['retail', 'unf', 'ut', 'bp'] as const)('a base of %s', (configuration) => {
  it('is held exactly after the first sync: sums, times, kinds, customers, cards, phones and goods', async () => {
    const tenant = await createShopTenant({ demo: true, configuration })
    const run = await sync(tenant)
    expect(run).toMatchObject({ status: 'succeeded', error: null, counters: { quarantined: 0 } })
    const ledger = tenant.sandbox.ledger()
    expect(ledger.length).toBeGreaterThan(250)
    expect(ledger.filter(({ kind }) => kind === 'refund').length).toBeGreaterThan(5)
    expect(ledger.filter(({ phone }) => phone !== null).length).toBeGreaterThan(100)
    await expectLedger(tenant)
  })
})

it('has the same demo books at every start, and other ids for what is sold from then on', () => {
  const [first, second] = [createOneCDemo(FILLED_AT), createOneCDemo(FILLED_AT)]
  expect([...first.shop.receipts.keys()]).toEqual([...second.shop.receipts.keys()])
  const [good] = first.shop.goods.values()
  const sellIn = ({ shop }: OneCSandbox) =>
    shop.add({ at: FILLED_AT, lines: good ? [{ good, quantity: 1, kopecks: 1 }] : [] }).id
  expect(sellIn(first)).not.toBe(sellIn(second))
})

it('changes nothing when nothing changed: every changeSeq stays', async () => {
  const tenant = await createShopTenant({ demo: true })
  await sync(tenant)
  const before = await allTransactions(tenant)
  for (const _ of [1, 2, 3]) {
    expect(await sync(tenant)).toMatchObject({ counters: { inserted: 0, updated: 0 } })
    expect(await allTransactions(tenant)).toEqual(before)
  }
})

it('follows every kind of edit, in the overlap and further back', async () => {
  const tenant = await createShopTenant({ demo: true })
  const { shop } = tenant.sandbox
  await sync(tenant)
  await sync(tenant)
  const paid = (from: number, to: number) =>
    [...shop.receipts.values()].filter(
      ({ at, posted, marked }) => posted && !marked && at >= daysAgo(tenant, from) && at < daysAgo(tenant, to),
    )
  for (const [one, two, three, four, five, six] of [paid(3, 1), paid(30, 4)]) {
    shop.change(one?.id ?? '', { posted: false })
    shop.change(two?.id ?? '', { marked: true })
    shop.vanish(three?.id ?? '')
    shop.change(four?.id ?? '', { kopecks: 123_45 })
    shop.change(five?.id ?? '', { card: shop.addCard('2999999999999', null) })
    shop.change(six?.id ?? '', { lines: [...(six?.lines ?? []), ...(six?.lines ?? [])] })
  }
  const lines = paid(30, 0)[0]?.lines ?? []
  shop.add({ at: daysAgo(tenant, 1), lines, isRefund: true })
  shop.add({ at: daysAgo(tenant, 20), lines })
  shop.add({ at: daysAgo(tenant, 0), lines, posted: false })
  const run = await sync(tenant)
  expect(run).toMatchObject({ status: 'succeeded', error: null, counters: { inserted: 2, updated: 10 } })
  await expectLedger(tenant)
})

it('agrees after one in five answers failed', async () => {
  const tenant = await createShopTenant({ demo: true })
  tenant.sandbox.faults.plan.rate = 0.2
  tenant.sandbox.faults.plan.kinds = FAULTS.filter((fault) => fault !== 'timeout' && fault !== 'slow')
  expect(await untilSucceeded(tenant)).toMatchObject({ status: 'succeeded' })
  expect(tenant.sandbox.faults.played.size).toBeGreaterThan(3)
  await expectLedger(tenant)
})

it('agrees after every fifth answer failed, with small pages', async () => {
  const tenant = await createShopTenant({ demo: true, settings: { pageSize: 20 } })
  tenant.sandbox.faults.plan.every = 5
  expect(await untilSucceeded(tenant)).toMatchObject({ status: 'succeeded', error: null })
  await expectLedger(tenant)
})

it('loses and doubles nothing while the shop works on during the sync', async () => {
  const tenant = await createShopTenant({ demo: true, settings: { pageSize: 20 } })
  const { shop } = tenant.sandbox
  // Older ones than the wide look reaches are not followed.
  const open = [...shop.receipts.values()].filter(({ at }) => at > daysAgo(tenant, 33))
  const lines = open[0]?.lines ?? []
  tenant.sandbox.onList = () => {
    const receipt = open.pop()
    if (receipt)
      shop.change(receipt.id, { at: new Date(receipt.at.getTime() - 3_600_000), kopecks: receipt.kopecks + 100 })
    shop.add({ at: daysAgo(tenant, 0), lines })
    shop.add({ at: daysAgo(tenant, 17), lines })
  }
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
  tenant.sandbox.onList = null
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
  await expectLedger(tenant)
})

it('follows what is done to the demo from outside, as `npm start` invites to', async () => {
  const tenant = await createShopTenant({ demo: true, receipts: 20 })
  const edit = async (wanted: object): Promise<string> => {
    const response = await tenant.sandbox.app.request('/_sandbox/edit', {
      method: 'POST',
      body: JSON.stringify(wanted),
    })
    const { id }: { id: string } = await response.json()
    return id
  }
  await sync(tenant)
  const ids = [await edit({ do: 'sell', rubles: 990 }), await edit({ do: 'refund', rubles: 50.5, daysAgo: 2 })]
  const [unposted = '', marked = '', vanished = ''] = [...tenant.sandbox.shop.receipts.values()]
    .filter(({ at, posted, marked: isMarked }) => posted && !isMarked && at > daysAgo(tenant, 30))
    .map(({ id }) => id)
  await edit({ do: 'unpost', id: unposted })
  await edit({ do: 'mark', id: marked })
  await edit({ do: 'vanish', id: vanished })
  await edit({ do: 'amount', id: ids[0], rubles: 1000 })
  await sync(tenant)
  await edit({ do: 'post', id: unposted })
  await sync(tenant)
  await expectLedger(tenant)
  const shown = await (await tenant.sandbox.app.request('/_sandbox/ledger')).json()
  expect(shown).toEqual(tenant.sandbox.ledger())
  const amounts = new Map((await storedSales(tenant)).map(({ externalId, amountMinor }) => [externalId, amountMinor]))
  expect(ids.map((id) => amounts.get(`Document_ЧекККМ:${id}`))).toEqual([100_000, -5050])
})

/** A run may use up its retries; the next one goes on from where it stood. */
async function untilSucceeded(tenant: ShopTenant) {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const run = await sync(tenant)
    if (run.status === 'succeeded') return run
  }
  return null
}
