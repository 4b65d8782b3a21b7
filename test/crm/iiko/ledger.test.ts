// The café's own books and crm_transactions agree exactly, whatever happened on the way.
import { expect, it } from 'vitest'
import { FAULTS } from '#sandbox/faults.ts'
import { line } from '#sandbox/iiko/cafe.ts'
import { ago, type CafeTenant, createCafeTenant, storedSales } from '#test/cafe.ts'
import { sync } from '#test/tenants.ts'

const DAYS = { initialDays: 31 }

async function expectLedger(tenant: CafeTenant) {
  const ledger = tenant.sandbox.cafe.ledger()
  expect(await storedSales(tenant)).toEqual(ledger)
  return ledger
}

it.each([
  ['the cloud alone', false, 60],
  ['the cloud and the restaurant’s own server', true, 180],
])('holds exactly what %s has shown, customers included', async (_name, withServer, least) => {
  const tenant = await createCafeTenant({ demo: true, withServer, settings: DAYS })
  const run = await sync(tenant)
  expect(run).toMatchObject({ status: 'succeeded', error: null, counters: { quarantined: 0 } })
  expect((await expectLedger(tenant)).length).toBeGreaterThan(least)
})

it('reads a terminal’s wall time in its own zone', async () => {
  const tenant = await createCafeTenant({ demo: true, withServer: true, zone: 'Asia/Vladivostok', settings: DAYS })
  tenant.sandbox.cloud.terminalZone = '10:00:00'
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { quarantined: 0 } })
  await expectLedger(tenant)
})

it('follows every kind of edit in both sources', async () => {
  const tenant = await createCafeTenant({ demo: true, withServer: true, settings: DAYS })
  const { cafe } = tenant.sandbox
  await sync(tenant)
  const paid = cafe.ledger().filter(({ status }) => status === 'paid')
  const orders = paid.flatMap(({ externalId }) => (externalId.startsWith('olap:') ? [] : [externalId]))
  const deliveries = orders.filter((id) => cafe.get(id).kind === 'delivery')
  const [cancelled = '', reopened = '', deleted = '', moved = '', shrunk = '', renamed = ''] = deliveries
  const table = orders.find((id) => cafe.get(id).kind === 'table' && cafe.get(id).createdAt > ago(tenant, 150)) ?? ''
  const [removed = '', returned = '', cheaper = ''] = paid
    .filter(({ externalId, amountMinor }) => externalId.startsWith('olap:') && amountMinor > 0)
    .map(({ externalId }) => externalId.slice(5))
  tenant.context.clock.advance(60_000)
  cafe.touch(Object.assign(cafe.get(cancelled), { status: 'Cancelled' }))
  cafe.touch(Object.assign(cafe.get(reopened), { status: 'Delivered', closedAt: null }))
  cafe.touch(Object.assign(cafe.get(deleted), { isDeleted: true }))
  cafe.touch(
    Object.assign(cafe.get(moved), { movedTo: cafe.sell({ at: cafe.now(), lines: [line('9', 'Суп', 30_000)] }).id }),
  )
  cafe.touch(cafe.get(shrunk)).lines.splice(1)
  cafe.touch(Object.assign(cafe.get(renamed), { customer: null }))
  if (table) cafe.touch(Object.assign(cafe.get(table), { status: 'Deleted' }))
  Object.assign(cafe.receipts.get(removed) ?? {}, { isDeleted: true })
  cafe.giveBack(returned)
  cafe.receipts.get(cheaper)?.lines.push(line('9', 'Чай', 15_000))
  cafe.ring(ago(tenant, 20 * 24), [line('9', 'Задним числом', 77_700)])
  cafe.sell({ at: cafe.now(), kind: 'table', lines: [line('9', 'Кофе', 22_000)] })
  tenant.context.clock.advance(5 * 60_000)
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
  const statuses = new Map((await expectLedger(tenant)).map(({ externalId, status }) => [externalId, status]))
  expect([cancelled, reopened, deleted, moved].map((id) => statuses.get(id))).toEqual([
    'cancelled',
    'unpaid',
    'cancelled',
    'cancelled',
  ])
  expect(statuses.get(`olap:${removed}`)).toBe('cancelled')
})

it('agrees after one in five answers failed', async () => {
  const tenant = await createCafeTenant({ demo: true, withServer: true, settings: DAYS })
  // A login whose answer is lost takes a seat that nobody gives back.
  tenant.sandbox.server.seats = 100
  tenant.sandbox.faults.plan.rate = 0.2
  tenant.sandbox.faults.plan.kinds = FAULTS.filter((fault) => fault !== 'timeout' && fault !== 'slow')
  let run = await sync(tenant)
  for (let more = 4; more > 0 && run.status !== 'succeeded'; more -= 1) run = await sync(tenant)
  expect(run).toMatchObject({ status: 'succeeded' })
  expect(tenant.sandbox.faults.played.size).toBeGreaterThan(3)
  await expectLedger(tenant)
})

it('loses and doubles nothing while the café works on during the sync', async () => {
  const tenant = await createCafeTenant({ demo: true, withServer: true, settings: { initialDays: 10 } })
  const { cafe, cloud } = tenant.sandbox
  const open = [...cafe.orders.values()].filter(({ status }) => status === 'CookingStarted')
  cloud.onList = () => {
    const order = open.pop()
    if (order) cafe.close(order.id)
    cafe.sell({ at: cafe.now(), lines: [line('9', 'Суп', 30_000)] })
    cafe.ring(cafe.now(), [line('9', 'Чай', 15_000)])
  }
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
  cloud.onList = null
  tenant.context.clock.advance(5 * 60_000)
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
  const old = ago(tenant, 10 * 24 + 1)
  const ledger = cafe.ledger().filter(({ occurredAt }) => new Date(occurredAt) > old)
  const stored = await storedSales(tenant)
  expect(stored.filter(({ occurredAt }) => new Date(occurredAt) > old)).toEqual(ledger)
})
