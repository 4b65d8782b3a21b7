// Which deals are sales, and when: stages of the business's own, times that are missing, and rows that say they are
// none.
import { describe, expect, it } from 'vitest'
import { type Deal, LOST, OPEN, WON } from '#sandbox/amo_crm/account.ts'
import { type AmoTenant, createAmoTenant, storedLedger } from '#test/amo.ts'
import { allTransactions, sync } from '#test/tenants.ts'

const MINUTE = 60_000
/** In pipeline 7001 money is there before the deal is won; 7002 is as everywhere. */
const SETTINGS = { paidStatusIds: { 7001: [OPEN, WON] } }
const isPaid = ({ pipelineId, statusId }: Deal) => statusId === WON || (pipelineId === 7001 && statusId === OPEN)

async function expectLedger(tenant: AmoTenant) {
  expect(await storedLedger(tenant)).toEqual(tenant.sandbox.account.ledger())
}

describe('stages that count as paid', () => {
  it('are those of the settings, each pipeline by itself; a paid deal keeps its time while it is open', async () => {
    const tenant = await createAmoTenant({ settings: SETTINGS, isPaid })
    const { account } = tenant.sandbox
    const later = () => tenant.context.clock.advance(10 * MINUTE)
    const deal = account.addDeal({ statusId: OPEN, kopecks: 50_000 })
    account.addDeal({ statusId: OPEN, pipelineId: 7002 })
    account.addDeal({ statusId: WON, pipelineId: 7002 })
    expect((await sync(tenant)).counters).toMatchObject({ inserted: 2, skipped: 1 })
    await expectLedger(tenant)
    const statuses = []
    for (const change of [
      () => account.touch(Object.assign(deal, { kopecks: 60_000 })),
      () => account.moveTo(deal.id, 7150),
      () => account.moveTo(deal.id, OPEN),
      () => account.moveTo(deal.id, WON),
      () => account.moveTo(deal.id, LOST),
    ]) {
      later()
      change()
      later()
      expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
      await expectLedger(tenant)
      statuses.push(account.ledger()[0]?.status)
    }
    expect(statuses).toEqual(['paid', 'unpaid', 'paid', 'paid', 'cancelled'])
  })

  it('are found by a backfill though they have no time of closing', async () => {
    const tenant = await createAmoTenant({ settings: { ...SETTINGS, initialDays: 1 }, isPaid })
    const { account } = tenant.sandbox
    const at = new Date(account.now().getTime() - 10 * 86_400_000)
    account.addDeal({ statusId: OPEN, at })
    const period = { from: new Date(at.getTime() - MINUTE).toISOString(), to: account.now().toISOString() }
    await tenant.call('POST', `${tenant.path}/backfill`, period)
    await tenant.context.drain()
    await expectLedger(tenant)
    expect(await allTransactions(tenant)).toHaveLength(1)
  })

  it('are numbers of pipelines with numbers of stages, and nothing else', async () => {
    const tenant = await createAmoTenant()
    for (const paidStatusIds of [{ x: [142] }, { 7001: [] }, { 7001: ['142'] }, [142]]) {
      const { status } = await tenant.call('PATCH', tenant.path, { additionalConfig: { paidStatusIds } })
      expect(status).toBe(400)
    }
  })
})

describe('a deal', () => {
  it('C4: without a time of change is as old as it is', async () => {
    const tenant = await createAmoTenant()
    const { account, timeless } = tenant.sandbox
    const at = new Date(account.now().getTime() - 60 * MINUTE)
    const deal = account.addDeal({ statusId: WON, at })
    timeless.add(deal.id)
    expect((await sync(tenant)).counters).toMatchObject({ inserted: 1, quarantined: 0 })
    const [sale] = await allTransactions(tenant)
    expect(Date.parse(sale.sourceUpdatedAt)).toBe(deal.createdAt.getTime())
  })

  it('D7: has a phone that is a JSON number', async () => {
    const tenant = await createAmoTenant()
    const { account } = tenant.sandbox
    account.addDeal({ statusId: WON, contactIds: [account.addPerson({ phones: [79001112233] }).id] })
    await sync(tenant)
    expect(await allTransactions(tenant)).toMatchObject([{ customer: { phone: '+79001112233' } }])
  })

  it('that cannot be read is skipped where its stage says that it is no sale, and quarantined where it is stored', async () => {
    const tenant = await createAmoTenant()
    const { account, unpriced } = tenant.sandbox
    const deals = [OPEN, LOST, WON].map((statusId) => account.addDeal({ statusId }))
    for (const { id } of deals) unpriced.add(id)
    expect((await sync(tenant)).counters).toMatchObject({ inserted: 0, skipped: 2, quarantined: 1 })
    unpriced.clear()
    await sync(tenant)
    unpriced.add(deals[2]?.id ?? 0)
    tenant.context.clock.advance(10 * MINUTE)
    account.moveTo(deals[2]?.id ?? 0, OPEN)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    const { items } = (await tenant.call('GET', `${tenant.path}/quarantine`)).json
    expect(items).toMatchObject([{ externalId: `lead:${deals[2]?.id}` }])
  })
})
