// Only YCLIENTS' own envelope says that a token, a right or a record is gone. Anything else is an outage.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { openIssues } from '#test/issues.ts'
import { query } from '#test/pages.ts'
import { collect, cursorOf, openedSession } from '#test/pulls.ts'
import { allTransactions, createSalonTenant, type Salon, sync } from '#test/tenants.ts'
import { secondsOf } from './vendor.ts'

const LINE = { id: 3300, title: 'Стрижка', quantity: 1, kopecks: 180_000 }

/** The suite that every connector passes plays more of them. */
const FOREIGN: readonly (readonly [string, string, string])[] = [
  ['HTML', 'text/html', '<h1>404 Not Found</h1>'],
  ['a foreign JSON', 'application/json', '{"success":false,"errors":[{"code":9109}],"messages":[],"result":null}'],
]
const STATUSES = [401, 403, 404, 409]

/** The next answers to paths that contain this are not the vendor's. */
function intercept({ sandbox }: Salon, path: string, answers: readonly (() => Response)[]): { played: () => number } {
  const left = [...answers]
  const { fetch } = sandbox.app
  Object.assign(sandbox.app, {
    fetch: async (request: Request) =>
      request.url.includes(path) ? (left.shift()?.() ?? fetch(request)) : fetch(request),
  })
  return { played: () => answers.length - left.length }
}

async function paidSalon(): Promise<Salon & { readonly visit: number; readonly documentId: number }> {
  const tenant = await createSalonTenant()
  const { salon } = tenant.sandbox
  const at = secondsOf(new Date(salon.now().getTime() - 3_600_000))
  const { id } = salon.addVisit({ at, services: [LINE], attendance: 1 })
  salon.pay(id)
  const documentId = salon.sell(at, [LINE])
  await sync(tenant)
  return { ...tenant, visit: id, documentId }
}

async function statusesOf(tenant: Salon): Promise<unknown[]> {
  return (await allTransactions(tenant)).map(({ status }) => status)
}

describe.each(FOREIGN)('%s', (_name, type, body) => {
  const answers = () =>
    STATUSES.map((status) => () => new Response(body, { status, headers: { 'content-type': type } }))

  it.each(['/company/540112', '/records/', '/transactions/'])(
    'A2: with any status on %s is tried again',
    async (path) => {
      const tenant = await paidSalon()
      for (const answer of answers()) {
        const { played } = intercept(tenant, path, [answer])
        tenant.context.clock.advance(60_000)
        expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
        expect(played()).toBe(1)
      }
      expect(await statusesOf(tenant)).toEqual(['paid', 'paid'])
    },
  )

  it('A1: on the read of a stored record or sale cancels nothing', async () => {
    const tenant = await paidSalon()
    const { salon } = tenant.sandbox
    tenant.sandbox.emptyLists = true
    const reads = intercept(tenant, '/record/', answers().slice(2, 4))
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(reads.played()).toBe(2)
    for (const { id } of salon.saleOf(tenant.documentId)) salon.operations.delete(id)
    const documents = intercept(tenant, '/sale/', [...answers(), ...answers(), ...answers()])
    expect(await sync(tenant)).toMatchObject({ status: 'failed', error: { kind: 'unavailable' } })
    expect(documents.played()).toBe(12)
    expect(await statusesOf(tenant)).toEqual(['paid', 'paid'])
  })
})

describe('the vendor’s own word', () => {
  const own = (status: number, message: string) => () =>
    Response.json({ success: false, data: null, meta: { message } }, { status })

  it.each([
    ['401 on a list', '/records/', own(401, 'Authentication needed.'), 'auth'],
    ['403 on a list', '/transactions/', own(403, 'Access denied.'), 'forbidden'],
    ['402', '/records/', own(402, 'Необходимо продлить лицензию'), 'forbidden'],
    ['a refusal with status 200', '/records/', own(200, 'Недостаточно прав'), 'forbidden'],
  ])('is believed: %s', async (_name, path, answer, kind) => {
    const tenant = await createSalonTenant()
    intercept(tenant, path, [answer])
    expect(await sync(tenant)).toMatchObject({ status: 'failed', error: { kind } })
  })

  it('404 on a list means that it is empty', async () => {
    const tenant = await paidSalon()
    const empty = Array.from({ length: 20 }, () => own(404, 'Не найдено'))
    intercept(tenant, '/transactions/', empty)
    intercept(tenant, '/records/', empty)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
    expect(await statusesOf(tenant)).toEqual(['paid', 'paid'])
  })

  it('404 on a record that is gone cancels its sale', async () => {
    const tenant = await paidSalon()
    tenant.sandbox.salon.vanish(tenant.visit)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
    expect(new Set(await statusesOf(tenant))).toEqual(new Set(['cancelled', 'paid']))
  })
})

describe('odd rows', () => {
  it('A11: manual incomes, top-ups and empty rows stall nothing and are skipped', async () => {
    const tenant = await createSalonTenant()
    const { salon } = tenant.sandbox
    const at = secondsOf(new Date(salon.now().getTime() - 3_600_000))
    for (let times = 0; times < 6; times += 1) salon.enterIncome(at, 10_000)
    for (let times = 0; times < 2; times += 1) {
      expect(await sync(tenant)).toMatchObject({
        status: 'succeeded',
        counters: { quarantined: 0, skipped: expect.any(Number) },
      })
    }
    salon.sell(at, [LINE])
    const run = await sync(tenant)
    expect(run).toMatchObject({ status: 'succeeded', counters: { inserted: 1, quarantined: 0 } })
    expect(run.counters.skipped).toBeGreaterThanOrEqual(6)
  })
})

describe('sale documents that the user may not read', () => {
  it('are left out and named by the test; sales come by their payments, and whole once they may be read', async () => {
    const tenant = await paidSalon()
    const { salon, denied } = tenant.sandbox
    denied.add('documents')
    const at = secondsOf(new Date(salon.now().getTime() - 1_800_000))
    const sold = salon.sell(at, [LINE], null, { deposit: 80_000 })
    const stored = async () => (await allTransactions(tenant)).find(({ externalId }) => externalId === `sale:${sold}`)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
    expect(await stored()).toMatchObject({ amountMinor: 100_000 })
    const { json } = await tenant.call('POST', `${tenant.path}/test`)
    expect(json.ok).toBe(true)
    const documents = json.capabilities.find(({ name }: { name: string }) => name === 'sale_documents')
    expect(documents).toMatchObject({ required: false, ok: false })
    expect(await openIssues(tenant)).toMatchObject([{ code: 'side_list_refused', detail_key: 'sale_documents' }])
    denied.clear()
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
    expect(await stored()).toMatchObject({ amountMinor: 180_000, items: [{ name: 'Стрижка' }] })
    expect(await openIssues(tenant)).toEqual([])
  })

  it('are read once for each sale that is new or has changed', async () => {
    const tenant = await paidSalon()
    const documents = () => tenant.sandbox.requests.filter((request) => request.includes('/sale/')).length
    const before = documents()
    tenant.context.clock.advance(60_000)
    await sync(tenant)
    expect(documents()).toBe(before)
    const [payment] = tenant.sandbox.salon.saleOf(tenant.documentId)
    if (payment) payment.kopecks += 5000
    await sync(tenant)
    expect(documents()).toBe(before + 1)
    const sums = (await allTransactions(tenant)).map(({ amountMinor }) => amountMinor)
    expect(sums).toContain(185_000)
  })
})

it('reads every document anew by new rules of the mapping, whatever is stored', async () => {
  const tenant = await createSalonTenant()
  const { salon } = tenant.sandbox
  const { id } = salon.addVisit({ at: secondsOf(salon.now()), services: [LINE], attendance: 1 })
  salon.pay(id, { deposit: 180_000 })
  await sync(tenant)
  const { connector, session } = await openedSession(tenant, tenant.context.clock.now())
  await query(
    tenant,
    sql`update crm_transactions set amount_minor = 0 where integration_id = ${tenant.integrationId}::uuid`,
  )
  const amounts = async (mapsAnew: boolean) => {
    const pages = await collect(connector.pull({ ...session, mapsAnew }, await cursorOf(tenant)))
    const records = pages.flatMap((page) => page.records)
    return new Set(records.flatMap((record) => (record.type === 'transaction' ? record.transaction.amountMinor : [])))
  }
  expect(await amounts(false)).toEqual(new Set([0]))
  expect(await amounts(true)).toEqual(new Set([180_000]))
})

it('E10: a manual sync is wide: a sale that was taken back nine days ago is cancelled', async () => {
  const tenant = await createSalonTenant()
  const { salon } = tenant.sandbox
  const sold = salon.sell(secondsOf(new Date(salon.now().getTime() - 9 * 86_400_000)), [LINE])
  await sync(tenant)
  salon.removeSale(sold)
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
  expect(await statusesOf(tenant)).toEqual(['cancelled'])
})
