// Receipts of the till come from the cloud's own reports where the key may read them, else from iikoServer.
import { describe, expect, it } from 'vitest'
import { line } from '#sandbox/iiko/cafe.ts'
import type { IikoOptions } from '#sandbox/iiko.ts'
import { asked, capability, createCafeTenant, ring, sell, statusOf, storedById, storedSales } from '#test/cafe.ts'
import { collect, openedSession } from '#test/pulls.ts'
import { sync } from '#test/tenants.ts'

const HOUR_MS = 3_600_000
const OTHER = '11111111-0000-4000-8000-000000000001'

const create = async (options: IikoOptions & { settings?: Record<string, unknown> } = {}) =>
  createCafeTenant({ withReports: true, ...options, settings: { initialDays: 10, ...options.settings } })

describe('the cloud’s own reports', () => {
  it('are the first choice: iikoServer is not even logged into, and the test says so', async () => {
    const tenant = await create({ withServer: true })
    const { id } = ring(tenant, 3, { guest: { phone: '+79161234567', name: null, card: '700' } })
    const order = sell(tenant, 2)
    for (let run = 0; run < 2; run += 1) expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
    expect(await storedSales(tenant)).toEqual(tenant.sandbox.cafe.ledger())
    expect(Object.keys(await storedById(tenant)).toSorted()).toEqual([order.id, `olap:${id}`].toSorted())
    expect(await capability(tenant, 'hall_sales')).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/iiko’s cloud shows them; .* \(Кафе «Центр»\). iikoServer is not needed/),
    })
    expect(tenant.sandbox.server.logins).toBe(0)
  })

  it('hold exactly what the café has, without iikoServer too', async () => {
    const tenant = await create({ demo: true, settings: { initialDays: 31 } })
    const run = await sync(tenant)
    expect(run).toMatchObject({ status: 'succeeded', error: null, counters: { quarantined: 0 } })
    const ledger = tenant.sandbox.cafe.ledger()
    expect(ledger.length).toBeGreaterThan(180)
    expect(await storedSales(tenant)).toEqual(ledger)
    expect((await sync(tenant)).counters).toMatchObject({ inserted: 0, updated: 0 })
  })

  it('are read of fewer days where the restaurant’s server takes too long', async () => {
    const tenant = await create()
    tenant.sandbox.cloud.reportDaysMax = 4
    for (const hours of [1, 60, 120, 200]) ring(tenant, hours)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', attempt: 0, counters: { inserted: 4 } })
  })

  it('of restaurants that were not chosen are left out', async () => {
    const other = { id: OTHER, name: 'Другое', currencyIsoName: 'RUB', countryPhoneCode: '7' }
    const mine = await create()
    const foreign = await create({ settings: { organizationIds: [OTHER] } })
    const mapped = await create({ settings: { organizationIds: [OTHER], departments: { nobody: OTHER } } })
    for (const tenant of [mine, foreign, mapped]) {
      tenant.sandbox.cloud.organizations.push(other)
      ring(tenant, 3)
      expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
    }
    expect([mine, foreign, mapped].map(({ sandbox }) => sandbox.cafe.receipts.size)).toEqual([1, 1, 1])
    expect(Object.keys(await storedById(mine))).toHaveLength(1)
    for (const tenant of [foreign, mapped]) expect(await storedById(tenant)).toEqual({})
    expect(await capability(foreign, 'hall_sales')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/departments/),
    })
  })

  it('take off what was paid with iiko’s own bonuses, on orders and on receipts', async () => {
    const tenant = await create({ settings: { excludedPaymentKinds: ['IikoCard'] } })
    const { cafe } = tenant.sandbox
    cafe.excludedKinds.clear()
    cafe.excludedKinds.add('IikoCard')
    const order = sell(tenant, 2)
    cafe.touch(
      Object.assign(order, {
        payments: [
          { kind: 'Card', kopecks: 34_950 },
          { kind: 'IikoCard', kopecks: 24_050 },
        ],
      }),
    )
    const receipt = ring(tenant, 3, { payGroup: 'IikoCard' })
    await sync(tenant)
    expect(await storedById(tenant)).toMatchObject({
      [order.id]: { amountMinor: 34_950 },
      [`olap:${receipt.id}`]: { amountMinor: 0 },
    })
    expect(await storedSales(tenant)).toEqual(cafe.ledger())
  })
})

describe('where the cloud’s reports', () => {
  it('are refused, iikoServer shows the same receipts, and is left again when the right is given: nothing is doubled', async () => {
    const tenant = await create({ withServer: true, withReports: false })
    const first = ring(tenant, 5)
    await sync(tenant)
    expect(Object.keys(await storedById(tenant))).toEqual([`olap:${first.id}`])
    expect(await capability(tenant, 'hall_sales')).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^iikoServer/),
    })
    const logins = tenant.sandbox.server.logins
    tenant.sandbox.cloud.denied.delete('reports')
    const second = ring(tenant, 1)
    for (let run = 0; run < 2; run += 1) await sync(tenant)
    expect(tenant.sandbox.server.logins).toBe(logins)
    expect(Object.keys(await storedById(tenant)).toSorted()).toEqual(
      [`olap:${first.id}`, `olap:${second.id}`].toSorted(),
    )
  })

  it('show less than iikoServer did, nothing that it had shown is cancelled for that', async () => {
    const tenant = await create({ withServer: true, withReports: false })
    const [gone] = [ring(tenant, 50), ring(tenant, 49)]
    await sync(tenant)
    tenant.sandbox.cloud.denied.delete('reports')
    tenant.sandbox.cafe.vanish(gone.id)
    for (let run = 0; run < 3; run += 1) expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(await statusOf(tenant, `olap:${gone.id}`)).toBe('paid')
  })

  it.each([
    ['are refused', (cloud: { denied: Set<string> }) => cloud.denied.add('reports')],
    ['never worked', (cloud: object) => Object.assign(cloud, { rms: 'failing' })],
    ['take too long', (cloud: object) => Object.assign(cloud, { rms: 'silent' })],
  ])('%s and there is no iikoServer, orders go on alone and no sync fails', async (_name, change) => {
    const tenant = await create()
    change(tenant.sandbox.cloud)
    ring(tenant, 3)
    const order = sell(tenant, 2)
    for (let run = 0; run < 2; run += 1) expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
    expect(Object.keys(await storedById(tenant))).toEqual([order.id])
    expect(await capability(tenant, 'hall_sales')).toMatchObject({ required: false, ok: false })
    // What was missed meanwhile comes as soon as they can be read.
    tenant.sandbox.cloud.denied.clear()
    Object.assign(tenant.sandbox.cloud, { rms: 'ok' })
    await sync(tenant)
    expect(await storedSales(tenant)).toEqual(tenant.sandbox.cafe.ledger())
  })

  it('fail after they have worked, a backfill fails with them and shows no day without receipts, nor does a single read', async () => {
    const tenant = await create()
    const { id } = ring(tenant, 30)
    await sync(tenant)
    Object.assign(tenant.sandbox.cloud, { rms: 'failing' })
    const now = tenant.context.clock.now()
    const hoursBefore = (hours: number) => new Date(now.getTime() - hours * HOUR_MS).toISOString()
    const { connector, session } = await openedSession(tenant, now)
    // Of the older days nothing is stored yet.
    for (const window of [
      { from: hoursBefore(72), to: hoursBefore(0) },
      { from: hoursBefore(900), to: hoursBefore(800) },
    ])
      await expect(collect(connector.pull(session, null, window))).rejects.toMatchObject({ kind: 'unavailable' })
    await expect(connector.fetchOne?.(session, { externalId: `olap:${id}` })).rejects.toMatchObject({
      kind: 'unavailable',
    })
  })

  it('fail after they have worked, the sync fails after all else is stored, and is made up for', async () => {
    const tenant = await create()
    ring(tenant, 3)
    await sync(tenant)
    tenant.sandbox.cloud.rms = 'failing'
    const order = sell(tenant, 1)
    const { id } = ring(tenant, 1)
    expect(await sync(tenant)).toMatchObject({ status: 'failed', error: { kind: 'unavailable' } })
    expect(await statusOf(tenant, order.id)).toBe('paid')
    tenant.sandbox.cloud.rms = 'ok'
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(await statusOf(tenant, `olap:${id}`)).toBe('paid')
  })

  it('are refused after they have worked, they are left out and that is told, and sync goes on', async () => {
    const tenant = await create()
    ring(tenant, 3)
    let cursor: unknown = null
    const pull = async () => {
      const { connector, session } = await openedSession(tenant, tenant.context.clock.now())
      const pages = await collect(connector.pull(session, cursor))
      cursor = pages.at(-1)?.cursor
      return pages.flatMap(({ leftOut = [] }) => leftOut)
    }
    expect(await pull()).toEqual([])
    tenant.sandbox.cloud.denied.add('reports')
    expect(await pull()).toMatchObject([
      { list: 'hall_sales', error: { kind: 'forbidden', reason: 'reports_refused' } },
    ])
  })

  it('are asked for by the schedule once a day after a refusal', async () => {
    const tenant = await create({ withReports: false })
    let cursor: unknown = null
    const pull = async () => {
      const { connector, session } = await openedSession(tenant, tenant.context.clock.now())
      cursor = (await collect(connector.pull(session, cursor))).at(-1)?.cursor
    }
    await pull()
    const before = asked(tenant, 'reporting/')
    tenant.context.clock.advance(HOUR_MS)
    await pull()
    expect(asked(tenant, 'reporting/')).toBe(before)
    tenant.context.clock.advance(25 * HOUR_MS)
    await pull()
    expect(asked(tenant, 'reporting/')).toBe(before + 1)
  })
})

describe('odd rows of reports', () => {
  it('A12: are skipped at every sync and stop nothing', async () => {
    const tenant = await create()
    tenant.sandbox.server.orphans = 2
    const open = ring(tenant, 2, { isOpen: true })
    const { id } = ring(tenant, 3)
    for (let run = 0; run < 3; run += 1) {
      expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null, counters: { quarantined: 0 } })
    }
    expect(Object.keys(await storedById(tenant))).toEqual([`olap:${id}`])
    open.isOpen = false
    await sync(tenant)
    expect(await statusOf(tenant, `olap:${open.id}`)).toBe('paid')
  })
})

describe('payment types', () => {
  it('that the key may not read are left out: kinds are then those of the orders', async () => {
    const tenant = await create()
    tenant.sandbox.cloud.denied.add('payments')
    const { id } = sell(tenant, 2, { payment: 'Writeoff', lines: [line('1', 'Обед', 30_000)] })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
    expect((await storedById(tenant))[id]).toMatchObject({ amountMinor: 0 })
    expect(await capability(tenant, 'payment_types')).toMatchObject({ required: false, ok: false })
  })
})

describe('E1: the token of iikoServer', () => {
  it.each(['bare', 'xml', 'json'] as const)('is understood in its form %s', async (tokenForm) => {
    const tenant = await create({ withServer: true, withReports: false })
    Object.assign(tenant.sandbox.server, { tokenForm })
    ring(tenant, 3)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 1 } })
    expect(tenant.sandbox.server.sessions.size).toBe(0)
  })
})
