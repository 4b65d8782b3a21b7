// Lists that amoCRM refuses, cannot bear or never ends, and objects that it does not have, seen from the API.
import { describe, expect, it } from 'vitest'
import type { Page } from '#crm/contract.ts'
import { runSlice } from '#sync/run-slice.ts'
import { WON } from '#sandbox/amo_crm/account.ts'
import { type AmoTenant, createAmoTenant, storedLedger } from '#test/amo.ts'
import { openIssues } from '#test/issues.ts'
import { openScheduled, runOf } from '#test/pages.ts'
import { collect, openedSession } from '#test/pulls.ts'
import { allTransactions, sync } from '#test/tenants.ts'

const MINUTE = 60_000
const ALL = { sources: ['leads', 'purchases', 'invoices'] }

async function expectLedger(tenant: AmoTenant) {
  expect(await storedLedger(tenant)).toEqual(tenant.sandbox.account.ledger())
}

/** The pages of a first sync, not stored. */
async function pagesOf(tenant: AmoTenant): Promise<Page<unknown>[]> {
  const { connector, session } = await openedSession(tenant, tenant.context.clock.now())
  return collect(connector.pull(session, null))
}
const leftOut = (pages: readonly Page<unknown>[]) =>
  new Map(pages.flatMap((page) => page.leftOut ?? []).map(({ list, error }) => [list, error.reason]))

async function failedIn({ call, path }: AmoTenant) {
  const { json } = await call('POST', `${path}/test`)
  const failed = json.capabilities.filter(({ ok }: { ok: boolean }) => !ok)
  return { ok: json.ok, failed: failed.map((one: { name: string; required: boolean }) => [one.name, one.required]) }
}

/** The calls of this path are answered so. */
function answer({ sandbox: { app } }: AmoTenant, path: string, response: () => Response) {
  const serve = app.fetch.bind(app)
  Object.assign(app, { fetch: async (request: Request) => (request.url.includes(path) ? response() : serve(request)) })
}

describe('an object that is not there', () => {
  it('A4: is not believed to be gone by a page, at whatever status', async () => {
    const tenant = await createAmoTenant()
    const deal = tenant.sandbox.account.addDeal({ statusId: WON })
    await sync(tenant)
    for (const [status, body] of [
      [404, '<h1>404 Not Found</h1>'],
      [404, '{"message":"no route"}'],
      [400, '{"error":226}'],
      [200, ''],
      [200, '{"message":"ok"}'],
    ] as const) {
      const { connector, session } = await openedSession(tenant, tenant.context.clock.now())
      answer(tenant, `/leads/${deal.id}`, () => new Response(body, { status }))
      const read = connector.fetchOne?.(session, { externalId: `lead:${deal.id}` })
      await expect(read, `${status} ${body}`).rejects.toMatchObject({ kind: 'unavailable' })
    }
  })

  it.each([204, 226, 404] as const)('A5: is gone when amoCRM itself says so, as %i', async (missing) => {
    const tenant = await createAmoTenant()
    const deal = tenant.sandbox.account.addDeal({ statusId: WON })
    for (let n = 0; n < 3; n += 1) tenant.sandbox.account.addDeal({ statusId: WON })
    await sync(tenant)
    tenant.sandbox.missing = missing
    tenant.context.clock.advance(10 * MINUTE)
    tenant.sandbox.account.remove(deal.id, 'nowhere')
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
    await expectLedger(tenant)
    expect((await allTransactions(tenant)).filter(({ status }) => status === 'cancelled')).toHaveLength(1)
  })
})

describe('a side list that is refused', () => {
  it.each([
    ['customers', '402', 'purchases', 'subscription_ended'],
    ['customers', 'switched_off', 'purchases', 'switched_off'],
    ['transactions', '403', 'purchases', 'right_missing'],
    ['catalogs', '403', 'invoices', 'right_missing'],
    ['events', '403', 'events', 'right_missing'],
    ['events', '404', 'events', null],
    ['contacts', '403', 'contacts', 'right_missing'],
  ] as const)('A7: is left out and told: %s by %s', async (area, by, list, reason) => {
    const tenant = await createAmoTenant({ settings: ALL })
    const { account, refused } = tenant.sandbox
    account.addDeal({ statusId: WON, contactIds: [account.addPerson().id] })
    const customer = account.addCustomer(account.addPerson().id)
    await sync(tenant)
    refused.set(area, by)
    account.addDeal({ statusId: WON })
    account.buy(customer, 5000)
    tenant.context.clock.advance(10 * MINUTE)
    expect(await failedIn(tenant)).toEqual({ ok: true, failed: expect.arrayContaining([[list, false]]) })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
    expect((await allTransactions(tenant)).filter(({ externalId }) => externalId.startsWith('lead:'))).toHaveLength(2)
    expect(await openIssues(tenant)).toMatchObject([{ code: 'side_list_refused', detail_key: list }])
    const { connector, session } = await openedSession(tenant, tenant.context.clock.now())
    const cursor = { version: 1, changedTo: 1_700_000_000, rescannedOn: null, invoicesAt: null, plan: null }
    expect(leftOut(await collect(connector.pull(session, connector.cursor.parse(cursor)))).get(list)).toBe(reason)
    refused.clear()
    tenant.context.clock.advance(10 * MINUTE)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
    expect(await openIssues(tenant)).toEqual([])
    await expectLedger(tenant)
  })

  it('A7: keeps what is known of stored customers', async () => {
    const tenant = await createAmoTenant()
    const { account, refused } = tenant.sandbox
    const deal = account.addDeal({ statusId: WON, contactIds: [account.addPerson().id] })
    await sync(tenant)
    const [{ customer }] = await allTransactions(tenant)
    refused.set('contacts', '403')
    tenant.context.clock.advance(10 * MINUTE)
    account.touch(Object.assign(deal, { kopecks: 100 }))
    await sync(tenant)
    expect(await allTransactions(tenant)).toMatchObject([{ amountMinor: 100, customer }])
    expect(customer.phone).toBe('+79000000001')
  })

  it('is none when it is the main list, or when it is not amoCRM that refuses', async () => {
    const tenant = await createAmoTenant({ settings: { sources: ['purchases', 'invoices'] } })
    tenant.sandbox.refused.set('transactions', '403')
    expect((await failedIn(tenant)).ok).toBe(false)
    await expect(pagesOf(tenant)).rejects.toMatchObject({ kind: 'forbidden', reason: 'right_missing' })
    tenant.sandbox.refused.clear()
    answer(tenant, '/catalogs', () => new Response('<h1>403</h1>', { status: 403 }))
    await expect(pagesOf(tenant)).rejects.toMatchObject({ kind: 'unavailable' })
  })

  it('is told where the account does not use it at all', async () => {
    const tenant = await createAmoTenant({ settings: ALL })
    Object.assign(tenant.sandbox, { customersMode: 'disabled', hasInvoices: false })
    tenant.sandbox.account.addDeal({ statusId: WON })
    const pages = await pagesOf(tenant)
    expect(leftOut(pages)).toEqual(
      new Map([
        ['purchases', 'customers_off'],
        ['invoices', 'no_invoices'],
      ]),
    )
    expect(pages.flatMap(({ records }) => records)).toHaveLength(1)
  })
})

describe('a page that takes too long', () => {
  const limits = ({ sandbox }: AmoTenant, path: string) =>
    sandbox.requests.flatMap((line) => (line.includes(path) ? [Number(/limit=(\d+)/.exec(line)?.[1])] : []))

  it.each([500, 504] as const)('A13: is asked for with fewer rows after %i: 125, 62, 25', async (overload) => {
    const tenant = await createAmoTenant({ demo: true, settings: ALL })
    Object.assign(tenant.sandbox, { rowsBearable: 40, overload })
    const run = await sync(tenant)
    expect(run).toMatchObject({ status: 'succeeded', error: null, attempt: 0 })
    expect([...new Set(limits(tenant, '/api/v4/leads?'))].slice(0, 4)).toEqual([250, 125, 62, 25])
    await expectLedger(tenant)
    expect((await tenant.call('POST', `${tenant.path}/test`)).json).toMatchObject({ ok: true })
  })

  it('A13: is given up when even 25 rows are too many', async () => {
    const tenant = await createAmoTenant({ demo: true })
    tenant.sandbox.rowsBearable = 10
    expect(await sync(tenant)).toMatchObject({ status: 'failed', error: { kind: 'unavailable' } })
    expect(limits(tenant, '/api/v4/leads?').filter((limit) => limit === 125)).toHaveLength(1)
  })
})

describe('a list that names a next page for ever', () => {
  it('A14: ends where a page begins like an earlier one, for each customer and for every list', async () => {
    const tenant = await createAmoTenant({ demo: true, settings: ALL })
    tenant.sandbox.isEndless = true
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    await expectLedger(tenant)
    const { account, requests } = tenant.sandbox
    requests.length = 0
    tenant.context.clock.advance(10 * MINUTE)
    const customers = [...account.customers.keys()].slice(0, 3)
    for (const id of customers) account.buy(id, 7700)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    await expectLedger(tenant)
    for (const id of customers) {
      expect(requests.filter((line) => line.includes(`/customers/${id}/transactions`)).length).toBeLessThanOrEqual(2)
    }
  })
})

describe('freshness with invoices', () => {
  const asOf = async ({ call, path }: AmoTenant) => (await call('GET', path)).json.freshness.asOf
  const syncLater = async (tenant: AmoTenant) => {
    tenant.context.clock.advance(10 * MINUTE)
    const id = await openScheduled(tenant)
    await runSlice(tenant.context, id)
    return runOf(tenant, id)
  }
  const create = async (invoices: number) => {
    const tenant = await createAmoTenant({ rowsMax: 2, settings: { sources: ['leads', 'invoices'] } })
    for (let n = 0; n < invoices; n += 1) tenant.sandbox.account.addInvoice({ status: 'paid' })
    await sync(tenant)
    return tenant
  }

  it('is that of their list where it is too long to be read with every sync', async () => {
    const tenant = await create(3)
    const before = await asOf(tenant)
    const run = await syncLater(tenant)
    expect(run).toMatchObject({ status: 'succeeded' })
    expect(await asOf(tenant)).toBe(before)
    expect(Date.parse(before)).toBeLessThan(Date.parse(run.startedAt))
  })

  it('is that of the sync where one answer has them all', async () => {
    const tenant = await create(1)
    tenant.sandbox.account.addInvoice({ status: 'paid' })
    const run = await syncLater(tenant)
    expect(run).toMatchObject({ status: 'succeeded', counters: { inserted: 1 } })
    expect(await asOf(tenant)).toBe(run.startedAt)
  })
})
