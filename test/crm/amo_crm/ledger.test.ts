// The account's own books and crm_transactions agree exactly, whatever happened on the way.
import { expect, it } from 'vitest'
import { LOST, OPEN, WON } from '#sandbox/amo_crm/account.ts'
import { FAULTS } from '#sandbox/faults.ts'
import { type AmoTenant, createAmoTenant, createConsented, storedLedger } from '#test/amo.ts'
import { allTransactions, sync } from '#test/tenants.ts'

const ALL = { sources: ['leads', 'purchases', 'invoices'] }
const MINUTE = 60_000
const DAY = 86_400_000

async function expectLedger(tenant: AmoTenant) {
  expect(await storedLedger(tenant)).toEqual(tenant.sandbox.account.ledger())
}

it('holds exactly what was sold after the first sync: deals, purchases and invoices', async () => {
  const tenant = await createAmoTenant({ demo: true, settings: ALL })
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null, counters: { quarantined: 0 } })
  const kinds = Map.groupBy(tenant.sandbox.account.ledger(), ({ externalId }) => externalId.split(':')[0])
  expect([kinds.get('lead')?.length, kinds.get('purchase')?.length, kinds.get('invoice')?.length]).toEqual([
    expect.toSatisfy((count: number) => count > 150),
    40,
    expect.toSatisfy((count: number) => count > 15),
  ])
  await expectLedger(tenant)
})

it('takes deals alone where nothing else is chosen', async () => {
  const tenant = await createAmoTenant({ demo: true })
  await sync(tenant)
  const stored = await storedLedger(tenant)
  expect(stored.every(({ externalId }) => externalId.startsWith('lead:'))).toBe(true)
  expect(tenant.sandbox.requests.filter((line) => /customers|catalogs/.test(line))).toEqual([])
})

it('follows every kind of edit', async () => {
  const tenant = await createAmoTenant({ demo: true, settings: ALL })
  const { account } = tenant.sandbox
  await sync(tenant)
  const won = account.ledger().filter(({ externalId, status }) => externalId.startsWith('lead:') && status === 'paid')
  const [reopened = 0, lost = 0, priced = 0, binned = 0, vanished = 0, moved = 0] = won.map(idOf)
  // What vanishes without a trace further back is only found by a backfill.
  const isRecent = (at: Date | null) => at !== null && at.getTime() > tenant.context.clock.now().getTime() - 30 * DAY
  const [cheaper, erased, gone] = [...account.purchases.values()].filter(({ at }) => isRecent(at))
  const [unpaid, torn] = [...account.invoices.values()].filter(({ paidAt }) => isRecent(paidAt))
  const open = [...account.deals.values()].find(({ statusId }) => statusId === OPEN)
  tenant.context.clock.advance(10 * MINUTE)
  account.moveTo(reopened, OPEN)
  account.moveTo(lost, LOST)
  account.touch(Object.assign(account.deal(priced), { kopecks: 77_077 }))
  account.remove(binned)
  account.remove(vanished, 'nowhere')
  account.touch(Object.assign(account.deal(moved), { pipelineId: 7002 }))
  account.moveTo(open?.id ?? 0, WON)
  if (cheaper) account.touch(Object.assign(cheaper, { kopecks: 100 }))
  if (erased) account.touch(Object.assign(erased, { deleted: true }))
  if (gone) gone.isGone = true
  if (unpaid) account.touch(Object.assign(unpaid, { status: 'created' }))
  if (torn) torn.isGone = true
  account.addDeal({ statusId: WON, kopecks: 45_050 })
  tenant.context.clock.advance(10 * MINUTE)
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
  await expectLedger(tenant)
  const statuses = new Map((await storedLedger(tenant)).map(({ externalId, status }) => [externalId, status]))
  expect([reopened, lost, priced, binned, vanished].map((id) => statuses.get(`lead:${id}`))).toEqual([
    ...['unpaid', 'cancelled', 'paid', 'cancelled', 'cancelled'],
  ])
  tenant.context.clock.advance(10 * MINUTE)
  account.moveTo(reopened, WON)
  account.restore(binned)
  tenant.context.clock.advance(10 * MINUTE)
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
  await expectLedger(tenant)
})

it('changes nothing when nothing changed: every changeSeq stays', async () => {
  const tenant = await createAmoTenant({ demo: true, settings: ALL })
  await sync(tenant)
  const before = await allTransactions(tenant)
  expect((await sync(tenant)).counters).toMatchObject({ inserted: 0, updated: 0 })
  expect(await allTransactions(tenant)).toEqual(before)
})

it('agrees after one in five answers failed, renewals of the access among them', async () => {
  const tenant = await createConsented({ demo: true, rowsMax: 40, settings: ALL })
  tenant.context.clock.advance(25 * 60 * MINUTE)
  tenant.sandbox.faults.plan.rate = 0.2
  tenant.sandbox.faults.plan.kinds = FAULTS.filter((fault) => fault !== 'timeout' && fault !== 'slow')
  let run = await sync(tenant)
  for (let tries = 1; tries < 6 && run.status !== 'succeeded'; tries += 1) run = await sync(tenant)
  expect(run).toMatchObject({ status: 'succeeded' })
  expect(tenant.sandbox.faults.played.size).toBeGreaterThan(3)
  await expectLedger(tenant)
})

it('loses and doubles nothing while people work on during the sync', async () => {
  const tenant = await createAmoTenant({ demo: true, rowsMax: 20 })
  const { account } = tenant.sandbox
  const ids = [...account.deals.keys()]
  tenant.sandbox.onList = (area) => {
    if (area !== 'leads before') return
    tenant.context.clock.advance(1000)
    for (const id of ids.splice(0, 3)) account.touch(account.deal(id))
    account.addDeal({ statusId: WON })
  }
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
  tenant.sandbox.onList = null
  tenant.context.clock.advance(5 * MINUTE)
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
  await expectLedger(tenant)
})

function idOf({ externalId }: { readonly externalId: string }): number {
  return Number(externalId.split(':')[1])
}
