// How amoCRM refuses, and what its connection test, its backfills and its single reads are good for.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { WON } from '#sandbox/amo_crm/account.ts'
import { runSlice } from '#sync/run-slice.ts'
import { type AmoTenant, createAmoTenant, createConsented } from '#test/amo.ts'
import { openIssues } from '#test/issues.ts'
import { allTransactions, sync } from '#test/tenants.ts'

const DAY = 86_400_000

async function runOf(tenant: AmoTenant, id: string) {
  return (await tenant.call('GET', `${tenant.path}/runs/${id}`)).json
}

/** The next call of this path is answered so. */
function answerNext({ sandbox }: AmoTenant, path: string, answer: () => Response) {
  const { app } = sandbox
  const serve = app.fetch.bind(app)
  let isDone = false
  Object.assign(app, {
    fetch: async (request: Request) => {
      if (isDone || !request.url.includes(path)) return serve(request)
      isDone = true
      return answer()
    },
  })
}

describe('refusals', () => {
  it.each([
    ['429 in HTML', '<html>Too many requests</html>', 60],
    ['429 with its wait in the body', '{"title":"Too Many Requests","status":429,"retry_after":300}', 300],
  ])('wait as long as the vendor says and use up no retry: %s', async (_, body, milliseconds) => {
    const tenant = await createAmoTenant({ variables: { THROTTLE_WAIT_SCALE: '0.001' } })
    answerNext(tenant, '/api/v4/account', () => new Response(body, { status: 429 }))
    const { json } = await tenant.call('POST', `${tenant.path}/sync`)
    await runSlice(tenant.context, json.id)
    expect(await runOf(tenant, json.id)).toMatchObject({
      ...{ status: 'waiting', attempt: 0, error: { kind: 'rate_limited' } },
    })
    // Both times are the database's.
    const { rows } = await tenant.context.db.execute<{ ms: number }>(sql`
      select (extract(epoch from resume_at - heartbeat_at) * 1000)::float8 as ms from sync_runs where id = ${json.id}::uuid`)
    expect(rows[0]?.ms).toBeCloseTo(milliseconds)
    await tenant.context.db.execute(sql`update sync_runs set resume_at = now() where id = ${json.id}::uuid`)
    await tenant.context.drain()
    expect(await runOf(tenant, json.id)).toMatchObject({ status: 'succeeded' })
  })

  it.each([
    ['A6: that the account is not paid for', ({ sandbox }: AmoTenant) => void sandbox.refused.set('account', '402')],
    ['of the front server', ({ sandbox }: AmoTenant) => void (sandbox.isBlocked = true)],
  ])('may pass, so sync goes off only when they stay for a quarter of an hour: %s', async (_, refuse) => {
    const tenant = await createAmoTenant({ demo: true })
    await tenant.call('PATCH', tenant.path, { syncEnabled: true, registerWebhooks: false })
    const isOn = async () => (await tenant.call('GET', tenant.path)).json.syncEnabled
    refuse(tenant)
    const before = tenant.sandbox.requests.length
    const run = await sync(tenant)
    expect(run).toMatchObject({ status: 'failed', attempt: 3, error: { kind: 'forbidden' } })
    expect(tenant.sandbox.requests.length - before).toBe(4)
    expect(await isOn()).toBe(true)
    expect(await openIssues(tenant)).toMatchObject([{ code: 'refused_for_now' }])
    await tenant.context.db.execute(sql`
      update crm_integrations set passing_refusal_since = passing_refusal_since - interval '16 minutes' where id = ${tenant.integrationId}::uuid`)
    expect(await sync(tenant)).toMatchObject({ status: 'failed', error: { kind: 'forbidden' } })
    expect(await isOn()).toBe(false)
  })

  it.each([
    [401, '{"title":"Unauthorized","detail":"Неверный логин или пароль"}', 'auth'],
    [402, '{"title":"Payment Required"}', 'forbidden'],
    [403, '{"title":"Forbidden","detail":"Доступ запрещен"}', 'forbidden'],
    [404, '{"title":"Not Found","type":"https://httpstatus.es/404","status":404}', 'not_found'],
    [404, '<h1>Not found</h1>', 'unavailable'],
    [401, '<html>', 'unavailable'],
    [409, '{"message":"Conflict"}', 'unavailable'],
    [500, '', 'unavailable'],
    [504, '<html>Gateway Time-out</html>', 'unavailable'],
    [400, '{"validation-errors":[{"errors":[]}]}', 'rejected'],
  ])('of %i are told by their status, whatever language or format they have', async (status, body, kind) => {
    const tenant = await createAmoTenant()
    answerNext(tenant, '/api/v4/account', () => new Response(body, { status }))
    const { json } = await tenant.call('POST', `${tenant.path}/sync`)
    await runSlice(tenant.context, json.id)
    expect((await runOf(tenant, json.id)).error).toMatchObject({ kind })
  })

  it('of an account that is nowhere ask for another address', async () => {
    const tenant = await createAmoTenant()
    tenant.sandbox.consent.movedTo = 'elsewhere.amocrm.ru'
    const { json } = await tenant.call('POST', `${tenant.path}/test`)
    expect(json.capabilities[0]).toMatchObject({
      name: 'credentials',
      ok: false,
      detail: expect.stringContaining('renamed'),
    })
  })

  it('of an address that nobody entered ask for it', async () => {
    const tenant = await createAmoTenant()
    await tenant.call('PATCH', tenant.path, {
      ...{ apiUrl: null, credentials: { apiKey: tenant.sandbox.longLivedToken } },
    })
    const { json } = await tenant.call('POST', `${tenant.path}/test`)
    expect(json.capabilities[0]).toMatchObject({ ok: false, detail: expect.stringContaining('amocrm.ru') })
  })
})

describe('the connection test', () => {
  it('names each list that the sync needs, and page 2', async () => {
    const tenant = await createAmoTenant({ demo: true, settings: { sources: ['leads', 'purchases', 'invoices'] } })
    const { json } = await tenant.call('POST', `${tenant.path}/test`)
    expect(json).toMatchObject({ ok: true, account: { name: 'Кофейня', timezone: 'Europe/Moscow', currency: 'RUB' } })
    expect(json.capabilities.map(({ name }: { name: string }) => name)).toEqual([
      ...['credentials', 'account', 'leads', 'leads_page_2', 'deleted_leads', 'events', 'contacts'],
      ...['purchases', 'invoices', 'client_phones', 'webhook_settings'],
    ])
    expect(json.sample).toHaveLength(3)
  })

  it('asks for what an account does not have to be left out, or switched on', async () => {
    const tenant = await createAmoTenant({ settings: { sources: ['purchases', 'invoices'] } })
    tenant.sandbox.customersMode = 'disabled'
    tenant.sandbox.hasInvoices = false
    const { json } = await tenant.call('POST', `${tenant.path}/test`)
    const failed = json.capabilities.filter(({ ok }: { ok: boolean }) => !ok)
    expect(failed.map(({ name, detail }: { name: string; detail: string }) => [name, detail])).toEqual([
      ['purchases', expect.stringContaining('switched off')],
      ['invoices', expect.stringContaining('no list of invoices')],
    ])
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { fetched: 0 } })
  })
})

describe('a backfill', () => {
  it('brings the deals that were closed then, purchases and invoices of then, and leaves the rest alone', async () => {
    const settings = { sources: ['leads', 'purchases', 'invoices'], initialDays: 1 }
    const tenant = await createAmoTenant({ settings })
    const { account } = tenant.sandbox
    const now = account.now().getTime()
    const daysAgo = (days: number) => new Date(now - days * DAY)
    const customer = account.addCustomer(account.addPerson().id)
    const wanted = [
      `lead:${account.addDeal({ statusId: WON, at: daysAgo(100) }).id}`,
      `purchase:${account.buy(customer, 5000, daysAgo(90)).id}`,
      `invoice:${account.addInvoice({ status: 'paid', paidAt: daysAgo(80), updatedAt: daysAgo(80) }).id}`,
    ]
    account.addDeal({ statusId: WON, at: daysAgo(200) })
    account.buy(customer, 5000, daysAgo(200))
    await sync(tenant)
    expect(await allTransactions(tenant)).toEqual([])
    const period = { from: daysAgo(120).toISOString(), to: daysAgo(60).toISOString() }
    const started = await tenant.call('POST', `${tenant.path}/backfill`, period)
    await tenant.context.drain()
    expect((await tenant.call('GET', `${tenant.path}/runs/${started.json.id}`)).json).toMatchObject({
      status: 'succeeded',
    })
    expect((await allTransactions(tenant)).map(({ externalId }) => externalId)).toEqual(wanted.toSorted())
  })
})

describe('one sale alone', () => {
  it('is read for the quarantine again: a deal, a purchase, an invoice', async () => {
    const tenant = await createConsented({ settings: { sources: ['leads', 'purchases', 'invoices'] } })
    const { account } = tenant.sandbox
    const customer = account.addCustomer(account.addPerson().id)
    const ids = [
      `lead:${account.addDeal({ statusId: WON }).id}`,
      `purchase:${account.buy(customer, 5000).id}`,
      `invoice:${account.addInvoice({ status: 'paid' }).id}`,
    ]
    for (const id of ids) {
      await tenant.context.db.execute(sql`
        insert into quarantined_records (integration_id, record_key, external_id, reason, raw)
        values (${tenant.integrationId}::uuid, ${id}, ${id}, 'unreadable then', '{}')`)
    }
    const { json } = await tenant.call('POST', `${tenant.path}/quarantine/retry`)
    await tenant.context.drain()
    expect(await runOf(tenant, json.id)).toMatchObject({ status: 'succeeded' })
    expect((await allTransactions(tenant)).map(({ externalId }) => externalId)).toEqual(ids.toSorted())
  })
})
