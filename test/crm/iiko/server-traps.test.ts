// What the restaurant's own iikoServer is known to do (the connector's README has the sources), played by the sandbox.
import { describe, expect, it } from 'vitest'
import { line } from '#sandbox/iiko/cafe.ts'
import type { IikoOptions } from '#sandbox/iiko.ts'
import { DEPARTMENT } from '#sandbox/iiko/wire.ts'
import { ago, createCafeTenant, ring, storedById } from '#test/cafe.ts'
import { SANDBOX_URL } from '#test/context.ts'
import { sync } from '#test/tenants.ts'

const HOUR_MS = 3_600_000
const ORGANIZATION = '7bc05553-4b68-44e8-b7bc-37be63c6d9e9'

const create = async (options: IikoOptions & { settings?: Record<string, unknown> } = {}) =>
  createCafeTenant({ withServer: true, ...options, settings: { initialDays: 10, ...options.settings } })
const server = (change: object) => ({ server: { url: SANDBOX_URL, login: 'loyalty', ...change } })

describe('a session of the server', () => {
  it('takes the only licence seat for as long as it needs, and gives it back whatever happens', async () => {
    const tenant = await create()
    const { sandbox } = tenant
    ring(tenant, 3)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 1 } })
    sandbox.faults.plan.path = '/reports/olap'
    sandbox.faults.plan.rate = 1
    expect(await sync(tenant)).toMatchObject({ status: 'failed', error: { kind: 'unavailable' } })
    expect(sandbox.server.sessions.size).toBe(0)
    expect(sandbox.server.logins).toBeGreaterThan(3)
  })

  it('waits for a seat that somebody else has, with sync left on, and says what to do', async () => {
    const tenant = await create()
    await tenant.call('PATCH', tenant.path, { syncEnabled: true })
    tenant.sandbox.server.sessions.set('another program’s', Infinity)
    const run = await sync(tenant)
    expect(run).toMatchObject({ status: 'failed', error: { kind: 'unavailable' } })
    expect(run.error.message).toMatch(/licence are taken/)
    expect((await tenant.call('GET', tenant.path)).json).toMatchObject({ syncEnabled: true })
  })

  it('is refused for a wrong password, which stops the sync', async () => {
    const tenant = await create()
    tenant.sandbox.server.credentials.password = 'another'
    const run = await sync(tenant)
    expect(run).toMatchObject({ status: 'failed', attempt: 0, error: { kind: 'auth' } })
    expect(run.error.message).toMatch(/user or the password/)
    expect(tenant.sandbox.requests.filter((request) => request.includes('/resto/'))).toHaveLength(1)
  })

  it('is refused while the server restarts, which passes by itself and stops nothing', async () => {
    const tenant = await create()
    await sync(tenant)
    tenant.sandbox.server.denied.add('restart')
    expect(await sync(tenant)).toMatchObject({ status: 'failed', error: { kind: 'unavailable' } })
    tenant.sandbox.server.denied.clear()
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
  })

  it('is opened anew when a restart has ended it half-way', async () => {
    const tenant = await create()
    ring(tenant, 3)
    const { sessions } = tenant.sandbox.server
    let restarts = 1
    const set = sessions.set.bind(sessions)
    sessions.set = (key, until) => (restarts-- > 0 ? sessions : set(key, until))
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', attempt: 0, counters: { inserted: 1 } })
  })

  it.each([
    ['the right to see reports', 'reports', /may not see OLAP reports/],
    ['a licence for them', 'module', /Buy iikoAPIServer/],
  ])('needs %s, and says so', async (_name, denied, sentence) => {
    const tenant = await create()
    tenant.sandbox.server.denied.add(denied)
    const { json } = await tenant.call('POST', `${tenant.path}/test`)
    expect(json.ok).toBe(false)
    expect(json.capabilities).toContainEqual({
      ...{ name: 'hall_sales', title: 'Sales at the till', required: true, ok: false },
      detail: expect.stringMatching(sentence),
    })
    expect(await sync(tenant)).toMatchObject({ status: 'failed', error: { kind: 'forbidden' } })
  })

  it('never holds up the cloud, however long the server is off', async () => {
    const tenant = await create()
    await sync(tenant)
    Object.assign(tenant.sandbox.faults.plan, { path: '/resto/', rate: 1, kinds: ['503', 'reset'] })
    for (let day = 0; day < 3; day += 1) {
      tenant.context.clock.advance(24 * HOUR_MS)
      const { id } = tenant.sandbox.cafe.sell({ at: ago(tenant, 1), lines: [line('1', 'Пицца', 59_000)] })
      expect(await sync(tenant)).toMatchObject({ status: 'failed' })
      expect((await storedById(tenant))[id]).toMatchObject({ status: 'paid' })
    }
    const { id } = ring(tenant, 60)
    tenant.sandbox.faults.plan.rate = 0
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect((await storedById(tenant))[`olap:${id}`]).toMatchObject({ status: 'paid' })
  })
})

describe('reports', () => {
  it('are asked for without what this version of the server does not have', async () => {
    const tenant = await create()
    for (const name of ['Bonus.CardNumber', 'Department.Id', 'Department', 'PayTypes.Group', 'OrderDeleted']) {
      tenant.sandbox.server.missing.add(name)
    }
    const { id } = ring(tenant, 3)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect((await storedById(tenant))[`olap:${id}`]).toMatchObject({
      amountMinor: 74_000,
      location: { externalId: ORGANIZATION },
    })
  })

  it('are too poor in a version that cannot tell receipts apart: what it lacks is named', async () => {
    const tenant = await create()
    tenant.sandbox.server.missing.add('UniqOrderId.Id')
    expect(await sync(tenant)).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('UniqOrderId.Id') },
    })
  })

  it('cover fewer days where a week is too much', async () => {
    const tenant = await create()
    tenant.sandbox.server.daysMax = 4
    const receipts = [1, 60, 120, 200].map((hours) => ring(tenant, hours))
    expect(await sync(tenant)).toMatchObject({
      status: 'succeeded',
      attempt: 0,
      counters: { inserted: receipts.length },
    })
  })

  it('are by accounting day: a receipt of the night is found and never taken for one that has disappeared', async () => {
    const tenant = await create()
    const nights = [1, 2, 3, 8, 9].map((days) => {
      const midnight = new Date(
        `${ago(tenant, days * 24)
          .toISOString()
          .slice(0, 10)}T21:30:00Z`,
      )
      return tenant.sandbox.cafe.ring(midnight, [line('1', 'Ночной чай', 15_000)])
    })
    for (let run = 0; run < 3; run += 1) await sync(tenant)
    const all = await storedById(tenant)
    expect(nights.map(({ id }) => all[`olap:${id}`]?.status)).toEqual(nights.map(() => 'paid'))
  })

  it('show a refund as a receipt of its own, which is a refund of its own', async () => {
    const tenant = await create()
    const sold = ring(tenant, 30)
    await sync(tenant)
    const returned = tenant.sandbox.cafe.giveBack(sold.id, ago(tenant, 1))
    await sync(tenant)
    expect(await storedById(tenant)).toMatchObject({
      [`olap:${sold.id}`]: { kind: 'sale', status: 'paid', amountMinor: 74_000 },
      [`olap:${returned.id}`]: { kind: 'refund', status: 'paid', amountMinor: -74_000 },
    })
  })

  it('say that an order was deleted, which cancels it at once', async () => {
    const tenant = await create()
    const { id } = ring(tenant, 30)
    await sync(tenant)
    Object.assign(tenant.sandbox.cafe.receipts.get(id) ?? {}, { isDeleted: true })
    await sync(tenant)
    expect((await storedById(tenant))[`olap:${id}`]).toMatchObject({ status: 'cancelled', amountMinor: 74_000 })
  })

  it('no longer show a receipt: it is cancelled when a second look does not show it either', async () => {
    const tenant = await create()
    const { id } = ring(tenant, 30)
    ring(tenant, 5)
    await sync(tenant)
    tenant.sandbox.cafe.vanish(id)
    await sync(tenant)
    expect((await storedById(tenant))[`olap:${id}`]).toMatchObject({ status: 'paid' })
    await sync(tenant)
    expect((await storedById(tenant))[`olap:${id}`]).toMatchObject({ status: 'cancelled' })
  })

  it('say nothing when they are empty: nothing is cancelled, however often', async () => {
    const tenant = await create()
    const { id } = ring(tenant, 30)
    await sync(tenant)
    tenant.sandbox.cafe.vanish(id)
    for (let look = 0; look < 3; look += 1) await sync(tenant)
    expect((await storedById(tenant))[`olap:${id}`]).toMatchObject({ status: 'paid' })
  })

  it('tell the guest’s card, and what was written off instead of paid', async () => {
    const tenant = await create()
    const withCard = ring(tenant, 3, { guest: { phone: null, name: null, card: '700123' } })
    const writtenOff = ring(tenant, 3, { payGroup: 'WRITEOFF' })
    await sync(tenant)
    expect(await storedById(tenant)).toMatchObject({
      [`olap:${withCard.id}`]: { amountMinor: 74_000, customer: { card: '700123', phone: null } },
      [`olap:${writtenOff.id}`]: { amountMinor: 0, customer: null },
    })
  })

  it('keep a receipt that cannot be read in quarantine', async () => {
    const tenant = await create()
    const [good, bad] = [ring(tenant, 3), ring(tenant, 3)]
    tenant.sandbox.server.broken.add(bad.id)
    expect(await sync(tenant)).toMatchObject({ counters: { inserted: 1, quarantined: 1 } })
    tenant.sandbox.server.broken.clear()
    await sync(tenant)
    expect(Object.keys(await storedById(tenant)).toSorted()).toEqual([`olap:${good.id}`, `olap:${bad.id}`].toSorted())
  })

  it('give only the outlets that the settings map, as the restaurants of the cloud', async () => {
    const mapped = await create({ settings: server({ departments: { [DEPARTMENT.id.toUpperCase()]: ORGANIZATION } }) })
    const other = await create({ settings: server({ departments: { another: ORGANIZATION } }) })
    for (const tenant of [mapped, other]) ring(tenant, 3)
    await sync(mapped)
    await sync(other)
    expect(Object.values(await storedById(mapped))).toMatchObject([
      { location: { externalId: ORGANIZATION, name: 'Кафе «Центр»' } },
    ])
    expect(await storedById(other)).toEqual({})
  })
})
