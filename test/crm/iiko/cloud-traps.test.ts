// What iiko's cloud is known to do (the connector's README has the sources), played by the sandbox, seen from the API.
import { describe, expect, it } from 'vitest'
import { line } from '#sandbox/iiko/cafe.ts'
import { ago, asked, capability, createCafeTenant, sell, statusOf, storedSales } from '#test/cafe.ts'
import { openIssues } from '#test/issues.ts'
import { sync } from '#test/tenants.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const LINES = [line('1', 'Пицца', 59_000)]

describe('lists by date', () => {
  it('reach seven days back and two days ahead, since what is closed today may be planned for later', async () => {
    const tenant = await createCafeTenant()
    const week = sell(tenant, 6.9 * 24)
    const early = sell(tenant, 1, { plannedAt: new Date(tenant.sandbox.cafe.now().getTime() + 40 * HOUR_MS) })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect([await statusOf(tenant, week.id), await statusOf(tenant, early.id)]).toEqual(['paid', 'paid'])
  })

  it('reach no further back than the settings want', async () => {
    const tenant = await createCafeTenant({ settings: { initialDays: 1 } })
    const [older, newer] = [sell(tenant, 70), sell(tenant, 2)]
    await sync(tenant)
    expect([await statusOf(tenant, older.id), await statusOf(tenant, newer.id)]).toEqual([undefined, 'paid'])
  })

  it('are halved when a day is too much (422)', async () => {
    const tenant = await createCafeTenant({ rowsMax: 5 })
    for (let index = 0; index < 25; index += 1) sell(tenant, 1 + index / 4)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 25 } })
  })

  it('say nothing when they are empty: nothing is cancelled', async () => {
    const tenant = await createCafeTenant({ withServer: true })
    const order = sell(tenant, 2)
    await sync(tenant)
    tenant.sandbox.cloud.emptyLists = true
    for (let day = 0; day < 3; day += 1) {
      tenant.context.clock.advance(24 * HOUR_MS)
      await sync(tenant)
    }
    expect(await statusOf(tenant, order.id)).toBe('paid')
  })
})

describe('an answer without the list that it is for, though its status is 200', () => {
  it.each(['by_delivery_date', 'payment_types', 'organizations'])('is no empty list: %s', async (path) => {
    const tenant = await createCafeTenant({ settings: { excludedPaymentKinds: ['IikoCard'] } })
    const { cafe, faults } = tenant.sandbox
    const order = cafe.open({ at: ago(tenant, 3), lines: LINES })
    cafe.close(order.id, ago(tenant, 2), 'IikoCard')
    Object.assign(faults.plan, { path, rate: 1, kinds: ['json-200'] })
    expect(await sync(tenant)).toMatchObject({ status: 'failed', error: { kind: 'unavailable' } })
    expect(await storedSales(tenant)).toEqual([])
    faults.plan.rate = 0
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(await storedSales(tenant)).toMatchObject([{ externalId: order.id, amountMinor: 0 }])
  })
})

describe('changes by revision', () => {
  it('go on from a number that no JavaScript number has room for', async () => {
    const tenant = await createCafeTenant()
    for (let index = 0; index < 3; index += 1) sell(tenant, 2)
    await sync(tenant)
    const before = asked(tenant, 'by_revision')
    sell(tenant, 0.1)
    expect(await sync(tenant)).toMatchObject({ counters: { inserted: 1 } })
    expect(await sync(tenant)).toMatchObject({ counters: { inserted: 0, updated: 0 } })
    expect(asked(tenant, 'by_revision') - before).toBe(2)
  })

  it('are replaced by lists when the last look is older than 2.5 hours, so that nothing of the gap is lost', async () => {
    const tenant = await createCafeTenant()
    const order = tenant.sandbox.cafe.open({ at: ago(tenant, 60), lines: LINES })
    await sync(tenant)
    tenant.context.clock.advance(10 * MINUTE_MS)
    tenant.sandbox.cafe.close(order.id)
    tenant.context.clock.advance(4 * HOUR_MS)
    const [lists, changes] = [asked(tenant, 'by_delivery_date'), asked(tenant, 'by_revision')]
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 1 } })
    expect(asked(tenant, 'by_delivery_date') - lists).toBeGreaterThanOrEqual(9)
    // Only the revision that the lists told: the old one is not even tried.
    expect(asked(tenant, 'by_revision') - changes).toBe(1)
    const again = asked(tenant, 'by_delivery_date')
    await sync(tenant)
    expect(asked(tenant, 'by_delivery_date')).toBe(again)
  })

  it('are replaced by lists when iiko refuses the revision, and not asked for again for an hour', async () => {
    const tenant = await createCafeTenant()
    sell(tenant, 2)
    await sync(tenant)
    tenant.sandbox.cloud.refusesRevisions = true
    tenant.context.clock.advance(5 * MINUTE_MS)
    const order = sell(tenant, 0)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', attempt: 0, counters: { inserted: 1 } })
    expect(await statusOf(tenant, order.id)).toBe('paid')
    const refused = asked(tenant, 'by_revision')
    tenant.context.clock.advance(5 * MINUTE_MS)
    const later = sell(tenant, 0)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect([await statusOf(tenant, later.id), asked(tenant, 'by_revision')]).toEqual(['paid', refused])
    tenant.sandbox.cloud.refusesRevisions = false
    tenant.context.clock.advance(70 * MINUTE_MS)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(asked(tenant, 'by_revision')).toBe(refused + 1)
  })

  it('are asked for fewer restaurants at once where those of all are too much (422), and so is the day of the test', async () => {
    const tenant = await createCafeTenant({ rowsMax: 5 })
    const other = {
      id: '11111111-0000-4000-8000-000000000001',
      name: 'Второе',
      currencyIsoName: 'RUB',
      countryPhoneCode: '7',
    }
    tenant.sandbox.cloud.organizations.push(other)
    await sync(tenant)
    tenant.context.clock.advance(MINUTE_MS)
    for (let index = 0; index < 4; index += 1) sell(tenant, 0.1)
    for (let index = 0; index < 4; index += 1) sell(tenant, 0.1, { organizationId: other.id })
    const lists = asked(tenant, 'by_delivery_date')
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 8 } })
    expect(asked(tenant, 'by_delivery_date')).toBe(lists)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 0, updated: 0 } })
    expect(await capability(tenant, 'deliveries')).toMatchObject({ ok: true })
  })

  it('follow an order that is reopened, closed again and cancelled after all', async () => {
    const tenant = await createCafeTenant()
    const { cafe } = tenant.sandbox
    const { id } = sell(tenant, 2)
    const seen = []
    for (const status of ['Closed', 'Delivered', 'Closed', 'Cancelled'] as const) {
      tenant.context.clock.advance(5 * MINUTE_MS)
      cafe.touch(Object.assign(cafe.get(id), { status }))
      await sync(tenant)
      seen.push(await statusOf(tenant, id))
    }
    expect(seen).toEqual(['paid', 'unpaid', 'paid', 'cancelled'])
  })

  it('leave out orders that are only coming to be, or never did', async () => {
    const tenant = await createCafeTenant()
    for (const creation of ['InProgress', 'Error'] as const) Object.assign(sell(tenant, 1), { creation })
    expect(await sync(tenant)).toMatchObject({
      status: 'succeeded',
      counters: { inserted: 0, quarantined: 0, skipped: 2 },
    })
  })

  it('keep an order that cannot be read in quarantine and store the others', async () => {
    const tenant = await createCafeTenant()
    const [good, bad] = [sell(tenant, 1), sell(tenant, 1)]
    tenant.sandbox.cloud.broken.add(bad.id)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 1, quarantined: 1 } })
    tenant.sandbox.cloud.broken.clear()
    await tenant.call('POST', `${tenant.path}/quarantine/retry`)
    await tenant.context.drain()
    expect([await statusOf(tenant, good.id), await statusOf(tenant, bad.id)]).toEqual(['paid', 'paid'])
  })
})

describe('orders read by their ids', () => {
  it('bring a change that no list told of, once a day and whenever a person asks', async () => {
    const tenant = await createCafeTenant()
    const { id } = sell(tenant, 30)
    await sync(tenant)
    // Changed without a revision, as nothing promises that there is one.
    Object.assign(tenant.sandbox.cafe.get(id), { status: 'Cancelled', changedAt: tenant.sandbox.cafe.now() })
    await sync(tenant)
    expect(await statusOf(tenant, id)).toBe('cancelled')
  })

  it('are asked for by hundreds: 200 a call', async () => {
    const tenant = await createCafeTenant()
    for (let index = 0; index < 250; index += 1) sell(tenant, 1 + index / 100)
    await sync(tenant)
    const before = asked(tenant, 'deliveries/by_id')
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 0, updated: 0 } })
    expect(asked(tenant, 'deliveries/by_id') - before).toBe(2)
  })
})

describe('orders at a table', () => {
  it('are stored when they are closed, whichever terminal opened them, and follow a deletion', async () => {
    const tenant = await createCafeTenant()
    const { cafe } = tenant.sandbox
    const old = sell(tenant, 40 * 24, { kind: 'table' })
    const open = cafe.open({ at: ago(tenant, 1), kind: 'table', lines: LINES })
    await sync(tenant)
    expect((await storedSales(tenant)).map(({ externalId }) => externalId)).toEqual([old.id])
    cafe.close(open.id)
    await sync(tenant)
    expect(await statusOf(tenant, open.id)).toBe('paid')
    tenant.context.clock.advance(MINUTE_MS)
    cafe.touch(Object.assign(cafe.get(open.id), { status: 'Deleted' }))
    await sync(tenant)
    expect(await statusOf(tenant, open.id)).toBe('cancelled')
  })

  it('are not missed where the key may not read the tables: deliveries go on', async () => {
    const tenant = await createCafeTenant()
    tenant.sandbox.cloud.denied.add('tables')
    sell(tenant, 1)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 1 } })
    expect(await capability(tenant, 'table_orders')).toMatchObject({ required: false, ok: false })
  })
})

describe('table orders that the key may not read any more', () => {
  it.each([
    ['orders', 1],
    // The tables are known from before.
    ['sections', 2],
  ])('are left out and told, and deliveries go on: %s', async (denied, inserted) => {
    const tenant = await createCafeTenant()
    sell(tenant, 2, { kind: 'table' })
    await sync(tenant)
    tenant.sandbox.cloud.denied.add(denied)
    tenant.context.clock.advance(MINUTE_MS)
    sell(tenant, 0)
    const hidden = sell(tenant, 0, { kind: 'table' })
    tenant.context.clock.advance(24 * HOUR_MS)
    expect(await sync(tenant)).toMatchObject({
      status: 'succeeded',
      error: null,
      counters: { inserted, updated: 0 },
    })
    expect(await capability(tenant, 'table_orders')).toMatchObject({ required: false, ok: false })
    expect(await openIssues(tenant)).toMatchObject([{ code: 'side_list_refused', detail_key: 'table_orders' }])
    tenant.sandbox.cloud.denied.delete(denied)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
    expect(await statusOf(tenant, hidden.id)).toBe('paid')
    expect(await openIssues(tenant)).toEqual([])
  })
})

describe('a backfill', () => {
  it('brings what iiko still gives, and asks for nothing that it does not', async () => {
    const tenant = await createCafeTenant({ settings: { initialDays: 1 } })
    const [older, ancient] = [sell(tenant, 70), sell(tenant, 50 * 24, { kind: 'table' })]
    await sync(tenant)
    const pull = async (days: number, until: number) => {
      const [from, to] = [ago(tenant, days * 24).toISOString(), ago(tenant, until * 24).toISOString()]
      const { json } = await tenant.call('POST', `${tenant.path}/backfill`, { from, to })
      await tenant.context.drain()
      return (await tenant.call('GET', `${tenant.path}/runs/${json.id}`)).json
    }
    expect(await pull(5, 0)).toMatchObject({ status: 'succeeded', counters: { inserted: 1 } })
    const lists = asked(tenant, 'by_delivery_date')
    expect(await pull(80, 20)).toMatchObject({ status: 'succeeded', counters: { inserted: 1 } })
    expect(asked(tenant, 'by_delivery_date')).toBe(lists)
    expect([await statusOf(tenant, older.id), await statusOf(tenant, ancient.id)]).toEqual(['paid', 'paid'])
  })
})

describe('the connection test', () => {
  it('says that sales at the till need the server, that tills are online, and how many tables there are', async () => {
    const tenant = await createCafeTenant()
    sell(tenant, 1)
    const { json } = await tenant.call('POST', `${tenant.path}/test`)
    expect(json).toMatchObject({ ok: true, account: { name: 'Кафе «Центр»', currency: 'RUB', timezone: '+03:00' } })
    const byName = new Map(json.capabilities.map((one: { name: string }) => [one.name, one]))
    expect(byName.get('hall_sales')).toMatchObject({
      required: false,
      ok: false,
      detail: expect.stringContaining('iikoServer'),
    })
    expect(byName.get('terminals')).toMatchObject({ ok: true, detail: '1 of 1 tills are online.' })
    expect([...byName.keys()]).toEqual(
      expect.arrayContaining([
        'credentials',
        'organizations',
        'deliveries',
        'changes',
        'table_orders',
        'webhook_settings',
      ]),
    )
    expect(json.sample).toHaveLength(1)
  })
})
