// What this vendor is known to do (its README has the sources), played by the sandbox, seen from the API.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { query, runOf } from '#test/pages.ts'
import { allTransactions, createSalonTenant, type Salon, sync } from '#test/tenants.ts'

const LINE = { id: 3300, title: 'Стрижка', quantity: 1, kopecks: 180_000 }
const ANNA = { id: 71, name: 'Анна', surname: 'Белова', phone: '+79001234567', email: '' }

function hoursAgo(salon: Salon, hours: number): Date {
  const ms = salon.context.clock.now().getTime() - hours * 3_600_000
  return new Date(ms - (ms % 1000))
}

async function stored(salon: Salon, externalId: string) {
  return (await allTransactions(salon)).find((item) => item.externalId === externalId)
}

describe('payment and visit', () => {
  it('stores a visit paid first and visited later, and one visited first and paid later', async () => {
    const salon = await createSalonTenant()
    const { salon: books } = salon.sandbox
    const paidFirst = books.addVisit({ at: hoursAgo(salon, 3), services: [LINE], client: ANNA, attendance: 2 })
    books.pay(paidFirst.id)
    const cameFirst = books.addVisit({ at: hoursAgo(salon, 2), services: [LINE], client: ANNA, attendance: 1 })
    expect((await sync(salon)).counters).toMatchObject({ inserted: 0 })
    books.touch(Object.assign(paidFirst, { attendance: 1 }))
    books.pay(cameFirst.id)
    expect(await sync(salon)).toMatchObject({ status: 'succeeded', counters: { inserted: 2 } })
    expect(await allTransactions(salon)).toHaveLength(2)
  })

  it('follows a withdrawn payment and a payment that returns', async () => {
    const salon = await createSalonTenant()
    const { salon: books } = salon.sandbox
    const { id } = books.addVisit({ at: hoursAgo(salon, 3), services: [LINE], client: ANNA, attendance: 1 })
    books.pay(id)
    await sync(salon)
    salon.context.clock.advance(60_000)
    books.withdrawPayment(id)
    await sync(salon)
    expect(await stored(salon, `record:${id}`)).toMatchObject({ status: 'unpaid' })
    salon.context.clock.advance(60_000)
    books.pay(id)
    await sync(salon)
    expect(await stored(salon, `record:${id}`)).toMatchObject({ status: 'paid', amountMinor: 180_000 })
  })

  it('counts a visit paid in parts once, and a visit’s payments never as sales', async () => {
    const salon = await createSalonTenant()
    const { salon: books } = salon.sandbox
    const { id } = books.addVisit({ at: hoursAgo(salon, 3), services: [LINE], attendance: 1 })
    books.pay(id, 3)
    await sync(salon)
    expect(await allTransactions(salon)).toMatchObject([{ externalId: `record:${id}`, amountMinor: 180_000 }])
  })
})

describe('money that is no sale', () => {
  it('ignores deposits, salaries and everything else in the list of cash movements', async () => {
    const salon = await createSalonTenant()
    const { salon: books } = salon.sandbox
    books.move(hoursAgo(salon, 2), 500_000, { id: 10, title: 'Пополнение счета' })
    books.move(hoursAgo(salon, 2), -1_500_000, { id: 1, title: 'Зарплата персонала' })
    expect(await sync(salon)).toMatchObject({ status: 'succeeded', counters: { inserted: 0 } })
  })
})

describe('sales without an appointment', () => {
  it('reads a sale paid on two days whole, though each day’s list shows a part', async () => {
    const salon = await createSalonTenant()
    const { salon: books } = salon.sandbox
    const documentId = books.sell(hoursAgo(salon, 100), [{ ...LINE, kopecks: 50_000 }], ANNA)
    await sync(salon)
    salon.context.clock.advance(60_000)
    books.addOperation({
      ...{ documentId, recordId: 0, at: hoursAgo(salon, 1), kopecks: 30_000, client: ANNA },
      ...{ itemId: 9, itemType: 'goods_transaction', expense: { id: 7, title: 'Продажа товаров' } },
    })
    await sync(salon)
    expect(await stored(salon, `sale:${documentId}`)).toMatchObject({ amountMinor: 80_000, status: 'paid' })
    await sync(salon)
    expect(await stored(salon, `sale:${documentId}`)).toMatchObject({ amountMinor: 80_000 })
  })

  it('reads a sale whole that lies across the border of two pages', async () => {
    const salon = await createSalonTenant({ countMax: 10 })
    const { salon: books } = salon.sandbox
    const lines = Array.from({ length: 7 }, (_, index) => ({ ...LINE, id: index + 1, kopecks: 1000 + index }))
    for (let index = 0; index < 5; index += 1) books.sell(hoursAgo(salon, 5), lines)
    expect(await sync(salon)).toMatchObject({ status: 'succeeded' })
    const sums = (await allTransactions(salon)).map(({ amountMinor }) => amountMinor)
    expect(sums).toEqual([7021, 7021, 7021, 7021, 7021])
  })

  it('cancels an emptied sale only when its own document says so', async () => {
    const salon = await createSalonTenant()
    const { salon: books } = salon.sandbox
    const documentId = books.sell(hoursAgo(salon, 5), [LINE])
    await sync(salon)
    for (const { id } of books.saleOf(documentId)) books.operations.delete(id)
    await sync(salon)
    expect(await stored(salon, `sale:${documentId}`)).toMatchObject({ status: 'cancelled', amountMinor: 180_000 })
  })
})

describe('answers that must not be believed', () => {
  it('never takes an empty list for deleted sales', async () => {
    const salon = await createSalonTenant()
    const { salon: books } = salon.sandbox
    const visit = books.addVisit({ at: hoursAgo(salon, 3), services: [LINE], client: ANNA, attendance: 1 })
    books.pay(visit.id)
    const documentId = books.sell(hoursAgo(salon, 3), [LINE])
    await sync(salon)
    salon.sandbox.emptyLists = true
    salon.context.clock.advance(28 * 3_600_000)
    await sync(salon)
    expect(await stored(salon, `record:${visit.id}`)).toMatchObject({ status: 'paid' })
    expect(await stored(salon, `sale:${documentId}`)).toMatchObject({ status: 'paid' })
  })

  it('stops for a person when the licence has ended, and says so', async () => {
    const salon = await createSalonTenant()
    salon.sandbox.denied.add('licence')
    const run = await sync(salon)
    expect(run).toMatchObject({ status: 'failed', error: { kind: 'forbidden' } })
    expect(run.error.message).toMatch(/licence/i)
  })

  it('stops for a person when the token is rejected, and does not try again', async () => {
    const salon = await createSalonTenant()
    await salon.call('PATCH', salon.path, { credentials: { apiSecret: 'a token that was revoked' } })
    const run = await sync(salon)
    expect(run).toMatchObject({ status: 'failed', error: { kind: 'auth' } })
    expect(salon.sandbox.requests).toHaveLength(1)
    const { json } = await salon.call('GET', salon.path)
    expect(json).toMatchObject({ syncEnabled: false, connection: { status: 'failed' }, failedSyncs: 1, totalSyncs: 1 })
    expect(json.lastError).toBeTruthy()
  })

  it('waits a 429 out without using up a retry', async () => {
    const salon = await createSalonTenant()
    salon.sandbox.faults.plan.next = ['429', '429-silent', '429', '429', '429', '429']
    expect(await sync(salon)).toMatchObject({ status: 'succeeded', attempt: 0 })
  })

  it('quarantines a record it cannot read and stores the others', async () => {
    const salon = await createSalonTenant()
    const { salon: books } = salon.sandbox
    for (const broken of [false, true, false]) {
      const visit = books.addVisit({ at: hoursAgo(salon, 3), services: [LINE], client: ANNA, attendance: 1 })
      books.pay(visit.id)
      if (broken) salon.sandbox.broken.add(visit.id)
    }
    const run = await sync(salon)
    expect(run.counters).toMatchObject({ inserted: 2 })
    expect(run.counters.quarantined).toBeGreaterThan(0)
    const { json } = await salon.call('GET', `${salon.path}/quarantine`)
    expect(json.items).toHaveLength(1)
    expect(JSON.stringify(json)).not.toContain('9001234567')
    salon.sandbox.broken.clear()
    await sync(salon)
    expect(await allTransactions(salon)).toHaveLength(3)
    expect((await salon.call('GET', `${salon.path}/quarantine`)).json.items).toEqual([])
  })
})

describe('a plan left over from an earlier run', () => {
  it('is followed by a fresh one: what was sold since comes with the same sync', async () => {
    const salon = await createSalonTenant({ demo: true })
    let lists = 0
    salon.sandbox.onList = () => {
      lists += 1
      if (lists === 5) salon.sandbox.faults.plan.rate = 1
    }
    expect(await sync(salon)).toMatchObject({ status: 'failed' })
    salon.sandbox.onList = null
    salon.sandbox.faults.plan.rate = 0
    salon.context.clock.advance(3 * 3_600_000)
    const sold = salon.sandbox.salon.addVisit({ at: hoursAgo(salon, 1), services: [LINE], attendance: 1 })
    salon.sandbox.salon.pay(sold.id)
    // Runs begin by the database's clock, which the test cannot move.
    const begun = sql`started_at = now() + interval '3 hours'`
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    await query(salon, sql`update sync_runs set ${begun} where id = ${json.id}::uuid`)
    await salon.context.drain()
    expect(await runOf(salon, json.id)).toMatchObject({ status: 'succeeded' })
    expect(await stored(salon, `record:${sold.id}`)).toMatchObject({ status: 'paid' })
  })
})
