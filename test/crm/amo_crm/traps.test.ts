// What this vendor is known to do (the connector's README has the sources), played by the sandbox, seen from the API.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { LOST, OPEN, WON } from '#sandbox/amo_crm/account.ts'
import { type AmoTenant, createAmoTenant } from '#test/amo.ts'
import { allTransactions, sync } from '#test/tenants.ts'

const MINUTE = 60_000
const DAY = 86_400_000

async function stored(tenant: AmoTenant, id: number) {
  return (await allTransactions(tenant)).find(({ externalId }) => externalId === `lead:${id}`)
}

async function runOf(tenant: AmoTenant, id: string) {
  return (await tenant.call('GET', `${tenant.path}/runs/${id}`)).json
}

const later = (tenant: AmoTenant, ms = 10 * MINUTE) => tenant.context.clock.advance(ms)
const calls = ({ sandbox }: AmoTenant, part: string) => sandbox.requests.filter((line) => line.includes(part))

describe('a won deal', () => {
  it('is a sale at the time of its closing, with the money after the point, and without items', async () => {
    const tenant = await createAmoTenant()
    const { account } = tenant.sandbox
    const anna = account.addPerson({ phones: ['8 (900) 000-00-00', '+79000000001'], email: 'anna@example.com' })
    const deal = account.addDeal({ statusId: WON, kopecks: 1_250_050, contactIds: [anna.id] })
    later(tenant)
    account.touch(deal)
    await sync(tenant)
    expect(await allTransactions(tenant)).toMatchObject([
      {
        ...{ externalId: `lead:${deal.id}`, kind: 'sale', status: 'paid', amountMinor: 1_250_050, currency: 'RUB' },
        ...{ items: [], location: null, customer: { externalId: String(anna.id), name: 'Анна П.', card: null } },
      },
    ])
    const [{ customer, occurredAt, sourceUpdatedAt }] = await allTransactions(tenant)
    expect(customer).toMatchObject({ phone: '+79000000000', email: 'anna@example.com' })
    expect(Date.parse(occurredAt)).toBe(deal.closedAt?.getTime())
    expect(Date.parse(sourceUpdatedAt)).toBe(deal.updatedAt.getTime())
  })

  it.each([
    ['null', null, 0, 'sale'],
    ['0', 0, 0, 'sale'],
    ['negative', -50_000, -50_000, 'refund'],
    ['a fraction only', 99, 99, 'sale'],
    ['whole, without the new field', 120_000, 120_000, 'sale'],
  ])('has a price that is %s', async (_, kopecks, amountMinor, kind) => {
    const tenant = await createAmoTenant()
    // Every fifth id is shown without the new field where the sum is whole.
    for (let n = 0; n < 5; n += 1) tenant.sandbox.account.addDeal({ statusId: WON, kopecks })
    await sync(tenant)
    expect(await allTransactions(tenant)).toMatchObject(
      Array.from({ length: 5 }, () => ({ amountMinor, kind, status: 'paid' })),
    )
  })

  it.each([
    ['no contact', [], null],
    ['no phone', [{ phones: [] }], { phone: null, name: 'Анна П.' }],
    ['two phones, the first of them no number', [{ phones: ['нет', '8 900 123-45-67'] }], { phone: '+79001234567' }],
    ['neither first nor last name', [{ firstName: '', lastName: '' }], { name: null, phone: '+79000000001' }],
    ['several contacts, the main one first', [{ firstName: 'Главная', lastName: '' }, {}], { name: 'Главная' }],
  ])('has %s', async (_, people, customer) => {
    const tenant = await createAmoTenant()
    const { account } = tenant.sandbox
    const contactIds = people.map((person) => account.addPerson(person).id)
    account.addDeal({ statusId: WON, contactIds })
    await sync(tenant)
    const [sale] = await allTransactions(tenant)
    if (customer === null) expect(sale.customer).toBeNull()
    else expect(sale.customer).toMatchObject(customer)
  })

  it('keeps its customer when it is reopened, lost and won again, and its time while it is not paid', async () => {
    const tenant = await createAmoTenant()
    const { account } = tenant.sandbox
    const deal = account.addDeal({ statusId: WON, contactIds: [account.addPerson().id] })
    await sync(tenant)
    const first = await stored(tenant, deal.id)
    for (const [statusId, status] of [
      [OPEN, 'unpaid'],
      [LOST, 'cancelled'],
    ] as const) {
      later(tenant)
      account.moveTo(deal.id, statusId)
      await sync(tenant)
      const { customer, occurredAt } = first
      expect(await stored(tenant, deal.id)).toMatchObject({ status, customer, occurredAt })
    }
    later(tenant)
    account.moveTo(deal.id, WON)
    await sync(tenant)
    expect(await stored(tenant, deal.id)).toMatchObject({
      ...{ status: 'paid', customer: first.customer },
      occurredAt: deal.closedAt?.toISOString(),
    })
  })

  it('is stored only when its pipeline is chosen, and followed wherever it goes then', async () => {
    const tenant = await createAmoTenant({ settings: { pipelineIds: [7001] } })
    const { account } = tenant.sandbox
    const [ours, others] = [account.addDeal({ statusId: WON }), account.addDeal({ statusId: WON, pipelineId: 7002 })]
    expect((await sync(tenant)).counters).toMatchObject({ inserted: 1, skipped: 1 })
    later(tenant)
    account.moveTo(ours.id, LOST)
    await sync(tenant)
    later(tenant)
    Object.assign(ours, { pipelineId: 7002, kopecks: 5_000 })
    account.moveTo(ours.id, WON)
    account.touch(others)
    await sync(tenant)
    expect(await allTransactions(tenant)).toMatchObject([
      { externalId: `lead:${ours.id}`, status: 'paid', amountMinor: 5_000 },
    ])
  })
})

describe('deleted deals', () => {
  it.each([
    ['the bin and the log', true, 'bin'],
    ['the bin alone', false, 'bin'],
    ['the log alone', true, 'nowhere'],
  ] as const)('are cancelled by what is seen in %s, without a look at all the rest', async (_, hasEvents, place) => {
    const tenant = await createAmoTenant()
    const { account } = tenant.sandbox
    const deal = account.addDeal({ statusId: WON, kopecks: 7_700 })
    await sync(tenant)
    // By the schedule, so that what is stored is not asked for again.
    await tenant.context.db.execute(sql`
      update crm_integrations set cursor = jsonb_set(cursor, '{rescannedOn}', to_jsonb(to_char(now() + interval '3 hours', 'YYYY-MM-DD')))
      where id = ${tenant.integrationId}::uuid`)
    later(tenant)
    tenant.sandbox.hasEvents = hasEvents
    account.remove(deal.id, place)
    later(tenant)
    const { json } = await tenant.call('POST', `${tenant.path}/sync`)
    await tenant.context.db.execute(sql`update sync_runs set trigger = 'schedule' where id = ${json.id}::uuid`)
    await tenant.context.drain()
    expect(await runOf(tenant, json.id)).toMatchObject({ status: 'succeeded' })
    expect(await stored(tenant, deal.id)).toMatchObject({ status: 'cancelled', amountMinor: 7_700 })
    expect(calls(tenant, 'filter[id]')).toEqual([])
  })

  it('come back when they are restored, though their change time is the old one', async () => {
    const tenant = await createAmoTenant()
    const { account } = tenant.sandbox
    const deal = account.addDeal({ statusId: WON })
    await sync(tenant)
    later(tenant)
    account.remove(deal.id, 'nowhere')
    await sync(tenant)
    expect(await stored(tenant, deal.id)).toMatchObject({ status: 'cancelled' })
    later(tenant)
    account.restore(deal.id)
    await sync(tenant)
    expect(await stored(tenant, deal.id)).toMatchObject({ status: 'paid' })
  })
})

describe('lists', () => {
  it('of more deals than fit into an answer, all changed in one second, are read whole', async () => {
    const tenant = await createAmoTenant({ rowsMax: 50 })
    const { account } = tenant.sandbox
    const at = new Date(account.now().getTime() - 3_600_000)
    for (let n = 0; n < 260; n += 1) account.addDeal({ statusId: WON, at })
    account.addDeal({ statusId: WON, at: new Date(at.getTime() + 1000) })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 261 } })
  })

  it('of such a second lose nobody who slides over the edge of a page while others change', async () => {
    const tenant = await createAmoTenant({ rowsMax: 50 })
    const { account } = tenant.sandbox
    const at = new Date(account.now().getTime() - 3_600_000)
    const deals = Array.from({ length: 180 }, () => account.addDeal({ statusId: WON, at }))
    const busy = deals.slice(0, 40)
    tenant.sandbox.onList = (area) => {
      if (area !== 'leads') return
      const [one] = busy.splice(0, 1)
      if (one) account.touch(one)
    }
    await sync(tenant)
    tenant.sandbox.onList = null
    later(tenant)
    await sync(tenant)
    expect(await allTransactions(tenant)).toHaveLength(180)
  })

  it('that hold nothing are 204: of deals, of contacts, of one deal', async () => {
    const tenant = await createAmoTenant({ settings: { sources: ['leads', 'purchases', 'invoices'] } })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { fetched: 0 } })
    expect((await tenant.call('POST', `${tenant.path}/test`)).json).toMatchObject({ ok: true, sample: [] })
  })

  it('are never taken for deleted sales when they are empty', async () => {
    const tenant = await createAmoTenant({ demo: true })
    await sync(tenant)
    const before = await allTransactions(tenant)
    tenant.sandbox.emptyLists = true
    later(tenant, DAY)
    expect(await sync(tenant)).toMatchObject({ status: 'failed', error: { kind: 'unavailable' } })
    expect(await allTransactions(tenant)).toEqual(before)
    tenant.sandbox.emptyLists = false
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { updated: 0 } })
  })

  it('that ignore the period are refused instead of walked to no end', async () => {
    const tenant = await createAmoTenant({ demo: true })
    await sync(tenant)
    tenant.sandbox.ignoresFilters = true
    later(tenant)
    const run = await sync(tenant)
    expect(run).toMatchObject({ status: 'failed', error: { kind: 'rejected' } })
    expect(run.error.message).toContain('API filters')
  })

  it('are asked for by periods with both ends, never by a bare number', async () => {
    const tenant = await createAmoTenant({ demo: true, rowsMax: 50 })
    await sync(tenant)
    const asked = calls(tenant, 'filter[updated_at]')
    expect(asked.length).toBeGreaterThan(3)
    for (const line of asked) expect(line).toMatch(/filter\[updated_at\]\[from\]=\d+&filter\[updated_at\]\[to\]=\d+/)
    expect(asked.some((line) => /filter\[updated_at\]=/.test(line))).toBe(false)
  })

  it('quarantine a deal that cannot be read, and store the others', async () => {
    const tenant = await createAmoTenant()
    const { account } = tenant.sandbox
    const deals = Array.from({ length: 3 }, () => account.addDeal({ statusId: WON }))
    tenant.sandbox.broken.add(deals[1]?.id ?? 0)
    expect((await sync(tenant)).counters).toMatchObject({ inserted: 2, quarantined: 1 })
    tenant.sandbox.broken.clear()
    await sync(tenant)
    expect(await allTransactions(tenant)).toHaveLength(3)
    expect((await tenant.call('GET', `${tenant.path}/quarantine`)).json.items).toEqual([])
  })

  it('let a deal out of quarantine that turns out to be no sale', async () => {
    const tenant = await createAmoTenant({ settings: { pipelineIds: [7001] } })
    const { account } = tenant.sandbox
    const deals = [account.addDeal({ statusId: OPEN }), account.addDeal({ statusId: WON, pipelineId: 7002 })]
    for (let n = 0; n < 3; n += 1) account.addDeal({ statusId: WON })
    for (const { id } of deals) tenant.sandbox.broken.add(id)
    expect((await sync(tenant)).counters).toMatchObject({ inserted: 3, quarantined: 2 })
    tenant.sandbox.broken.clear()
    const { json } = await tenant.call('POST', `${tenant.path}/quarantine/retry`)
    await tenant.context.drain()
    expect(await runOf(tenant, json.id)).toMatchObject({ status: 'succeeded' })
    expect((await tenant.call('GET', `${tenant.path}/quarantine`)).json.items).toEqual([])
    expect(await allTransactions(tenant)).toHaveLength(3)
  })
})
