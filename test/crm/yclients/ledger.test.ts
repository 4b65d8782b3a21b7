// The salon's own books and crm_transactions agree exactly, whatever happened on the way.
import { expect, it } from 'vitest'
import { FAULTS } from '#sandbox/faults.ts'
import { collect, cursorOf, openedSession } from '#test/pulls.ts'
import { allTransactions, createSalonTenant, type Salon, sync } from '#test/tenants.ts'

/** The stored transactions in the terms of the salon's ledger. */
async function stored(salon: Salon) {
  const items = await allTransactions(salon)
  return items.map((item) => ({
    externalId: item.externalId,
    status: item.status,
    amountMinor: item.amountMinor,
    occurredAt: new Date(item.occurredAt).toISOString(),
    phone: item.customer?.phone ?? null,
    customerId: item.customer?.externalId ?? null,
    items: item.items.map((line: { externalId: string; amountMinor: number }) => ({
      externalId: line.externalId,
      amountMinor: line.amountMinor,
    })),
  }))
}

it('holds exactly what the salon sold after the first sync', async () => {
  const salon = await createSalonTenant({ demo: true })
  const run = await sync(salon)
  expect(run).toMatchObject({ status: 'succeeded', error: null, counters: { quarantined: 0 } })
  const ledger = salon.sandbox.salon.ledger()
  expect(ledger.length).toBeGreaterThan(250)
  expect(await stored(salon)).toEqual(ledger)
})

it('changes nothing when nothing changed: every changeSeq stays', async () => {
  const salon = await createSalonTenant({ demo: true })
  await sync(salon)
  const before = await allTransactions(salon)
  const run = await sync(salon)
  expect(run.counters).toMatchObject({ inserted: 0, updated: 0 })
  expect(await allTransactions(salon)).toEqual(before)
})

it('asks for little on schedule when nothing has changed', async () => {
  const salon = await createSalonTenant({ demo: true, days: 20 })
  await sync(salon)
  const { connector, session } = await openedSession(salon, salon.context.clock.now())
  const calls = salon.sandbox.requests.length
  await collect(connector.pull(session, await cursorOf(salon)))
  expect(salon.sandbox.requests.length - calls).toBeLessThanOrEqual(5)
})

it('follows every kind of edit', async () => {
  const tenant = await createSalonTenant({ demo: true })
  const { salon } = tenant.sandbox
  await sync(tenant)
  const paid = salon.ledger().filter(({ status }) => status === 'paid')
  const visits = paid.filter(({ externalId }) => externalId.startsWith('record:')).map(idOf)
  const sales = paid.filter(({ externalId }) => externalId.startsWith('sale:')).map(idOf)
  const [withdrawn = 0, deleted = 0, noShow = 0, vanished = 0, moved = 0, renamed = 0] = visits
  const [emptied = 0, shrunk = 0] = sales
  tenant.context.clock.advance(60_000)
  salon.withdrawPayment(withdrawn)
  salon.touch(Object.assign(salon.get(deleted), { deleted: true }))
  salon.touch(Object.assign(salon.get(noShow), { attendance: -1 }))
  salon.vanish(vanished)
  salon.touch(Object.assign(salon.get(moved), { at: new Date(salon.get(moved).at.getTime() - 3_600_000) }))
  salon.touch(Object.assign(salon.get(renamed), { client: null }))
  for (const { id } of salon.saleOf(emptied)) salon.operations.delete(id)
  const [first] = salon.saleOf(shrunk)
  if (first) first.kopecks += 100
  salon.sell(minuteOf(tenant.context.clock.now()), [{ id: 1, title: 'Гель', quantity: 1, kopecks: 45_050 }])
  // Past the hour of the daily wide look, which finds what has vanished; whatever the hour is now.
  tenant.context.clock.advance(28 * 3_600_000)
  const run = await sync(tenant)
  expect(run).toMatchObject({ status: 'succeeded', error: null })
  expect(await stored(tenant)).toEqual(salon.ledger())
  const statuses = new Map((await stored(tenant)).map(({ externalId, status }) => [externalId, status]))
  expect([withdrawn, deleted, noShow, vanished].map((id) => statuses.get(`record:${id}`))).toEqual([
    'unpaid',
    'cancelled',
    'cancelled',
    'cancelled',
  ])
  expect(statuses.get(`sale:${emptied}`)).toBe('cancelled')
})

it('agrees after one in five answers failed', async () => {
  const tenant = await createSalonTenant({ demo: true })
  tenant.sandbox.faults.plan.rate = 0.2
  tenant.sandbox.faults.plan.kinds = FAULTS.filter((fault) => fault !== 'timeout' && fault !== 'slow')
  const run = await untilSucceeded(tenant)
  expect(run).toMatchObject({ status: 'succeeded' })
  expect(tenant.sandbox.faults.played.size).toBeGreaterThan(3)
  expect(await stored(tenant)).toEqual(tenant.sandbox.salon.ledger())
})

it('agrees after every fifth answer failed, with a vendor that gives small pages', async () => {
  const tenant = await createSalonTenant({ demo: true, days: 20, countMax: 10 })
  tenant.sandbox.faults.plan.every = 5
  const run = await sync(tenant)
  expect(run).toMatchObject({ status: 'succeeded', error: null })
  expect(await stored(tenant)).toEqual(tenant.sandbox.salon.ledger())
})

it('reads no list again where sale documents fail for a moment', async () => {
  const tenant = await createSalonTenant({ demo: true, days: 20 })
  Object.assign(tenant.sandbox.faults.plan, { path: '/sale/', every: 3 })
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
  expect(tenant.sandbox.faults.played.size).toBeGreaterThan(3)
  const lists = tenant.sandbox.requests.filter((request) => !request.includes('/sale/'))
  expect(lists).toEqual([...new Set(lists)])
})

it('loses and doubles nothing while the salon works on during the sync', async () => {
  const tenant = await createSalonTenant({ demo: true, days: 20, countMax: 10 })
  const { salon } = tenant.sandbox
  const open = [...salon.visits.values()].map(({ id }) => id)
  tenant.sandbox.onList = () => {
    const id = open.pop()
    if (id !== undefined) salon.touch(salon.get(id))
    const visit = salon.addVisit({ at: minuteOf(salon.now()), services: [{ ...LINE }], attendance: 1 })
    salon.pay(visit.id)
  }
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
  tenant.sandbox.onList = null
  tenant.context.clock.advance(5 * 60_000)
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
  expect(await stored(tenant)).toEqual(salon.ledger())
})

const LINE = { id: 3300, title: 'Стрижка', quantity: 1, kopecks: 180_000 }

function idOf({ externalId }: { readonly externalId: string }): number {
  return Number(externalId.split(':')[1])
}

/** The vendor's times have whole seconds. */
function minuteOf(date: Date): Date {
  return new Date(date.getTime() - (date.getTime() % 60_000))
}

/** A run may use up its retries; the next one goes on from where it stood. */
async function untilSucceeded(tenant: Salon) {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const run = await sync(tenant)
    if (run.status === 'succeeded') return run
  }
  return null
}
