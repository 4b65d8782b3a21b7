// A branch's sales are read with a token that opens the branches of all businesses. Whoever gets it used for another
// business's branch has that one's sales and customers.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { createTestContext, SANDBOX_URL } from '#test/context.ts'
import { arrive, claim, click, createMarket, createOwner, firstOf, installOf, type Market, pass } from '#test/market.ts'
import { request, serveInProcess, sync } from '#test/tenants.ts'
import { advanceDue } from '#marketplace/steps.ts'

async function victimOf(market: Market) {
  const owner = await createOwner(market)
  const { json, text, status } = await claim(owner, await click(market))
  if (status !== 200) throw new Error(text)
  return { ...owner, integrationId: String(json.id), path: `/v1/integrations/${json.id}` }
}

/** Requests that were made as our system user and answered. */
function readsOf({ sandbox }: Market): number {
  return sandbox.requests.length
}

const installUrl = (query: string) => `https://api.example.com/v1/marketplace/yclients/install?${query}`

/** Of a stranger, who has the address of a click of his own and changes the branch in it. */
async function ticketFor(market: Market, branchId: string): Promise<string> {
  const own = new URL(await market.sandbox.marketplace.connect(['1'], { userId: 13 }))
  own.searchParams.set('salon_id', branchId)
  return (await arrive(market, own.href)).ticket
}

describe('a typed number of a branch', () => {
  it('of another business is refused without a user token of its own', async () => {
    const market = await createMarket({ demo: true, days: 3 })
    await victimOf(market)
    const stranger = await createOwner(market)
    const reads = readsOf(market)
    const additionalConfig = { companyId: firstOf(market) }
    for (const credentials of [{}, { apiKey: 'anything' }, { apiSecret: null }]) {
      const body = { crmType: 'yclients', apiUrl: SANDBOX_URL, additionalConfig, credentials }
      expect((await stranger.call('POST', '/v1/integrations', body)).json).toMatchObject({
        status: 400,
        code: 'branch_not_claimed',
      })
    }
    expect(readsOf(market)).toBe(reads)
  })

  it('is not read as our system user with whatever user token: the stranger’s own is sent', async () => {
    const market = await createMarket({ demo: true, days: 3 })
    await victimOf(market)
    const stranger = await createOwner(market)
    const additionalConfig = { companyId: firstOf(market) }
    const body = { crmType: 'yclients', apiUrl: SANDBOX_URL, additionalConfig, credentials: { apiSecret: 'made up' } }
    const { json } = await stranger.call('POST', '/v1/integrations', body)
    const test = await stranger.call('POST', `/v1/integrations/${json.id}/test`)
    expect(test.json).toMatchObject({ ok: false, account: null, sample: [] })
    expect(
      (await stranger.call('PATCH', `/v1/integrations/${json.id}`, { credentials: { apiSecret: null } })).json.code,
    ).toBe('branch_not_claimed')
  })

  it('is refused beside claimed ones, in whatever form it is typed', async () => {
    const market = await createMarket({ branches: 2 })
    const [first = '', second = ''] = market.sandbox.branches.map(({ companyId }) => companyId)
    const [owner, stranger] = [await createOwner(market), await createOwner(market)]
    await claim(owner, await click(market, [first]))
    const { json } = await claim(stranger, await click(market, [second]))
    const path = `/v1/integrations/${json.id}`
    const type = { 'content-type': 'application/merge-patch+json' }
    for (const additionalConfig of [
      { companyId: first },
      { companyIds: [second, first] },
      { companyId: Number(first) },
      { companyIds: [` ${first}`] },
    ]) {
      const merged = await stranger.call('PATCH', path, { additionalConfig }, type)
      expect([merged.status, merged.json.code], merged.text).toEqual([
        400,
        expect.stringMatching(/^(?:branch_not_claimed|invalid_request)$/),
      ])
    }
    const other = await stranger.call('PATCH', path, { additionalConfig: { companyIds: [second], brand: 'altegio' } })
    expect(other.status).toBe(400)
    expect((await stranger.call('GET', path)).json.additionalConfig.companyIds).toEqual([second])
  })

  it('that got into the settings past all checks is still not read', async () => {
    const market = await createMarket({ branches: 2, demo: true, days: 3 })
    const [first = '', second = ''] = market.sandbox.branches.map(({ companyId }) => companyId)
    const [owner, stranger] = [await createOwner(market), await createOwner(market)]
    await claim(owner, await click(market, [first]))
    const { json } = await claim(stranger, await click(market, [second]))
    const path = `/v1/integrations/${json.id}`
    await market.context.db.execute(sql`
      update crm_integrations set additional_config = ${JSON.stringify({ companyIds: [first] })}::jsonb where id = ${json.id}::uuid`)
    market.sandbox.requests.splice(0)
    const run = await sync({ ...stranger, integrationId: json.id, path })
    expect(run).toMatchObject({ status: 'failed', error: { kind: 'forbidden', code: 'forbidden.branch_not_claimed' } })
    expect(market.sandbox.requests).toEqual([])
  })

  it('gets no token of ours at another address', async () => {
    const market = await createMarket()
    const stranger = await createOwner(market)
    const additionalConfig = { companyId: firstOf(market) }
    for (const apiUrl of ['https://api.yclients.com', 'https://evil.yclients.com', `${SANDBOX_URL}/x`]) {
      const body = { crmType: 'yclients', apiUrl, additionalConfig, credentials: { apiSecret: 'own' } }
      expect((await stranger.call('POST', '/v1/integrations', body)).json.code).toBe('invalid_request')
    }
  })
})

describe('a stranger with an address of the marketplace', () => {
  it('claims no branch by a guessed number: the marketplace has to wait for us there', async () => {
    const market = await createMarket()
    const stranger = await createOwner(market)
    expect((await claim(stranger, await ticketFor(market, firstOf(market)))).json).toMatchObject({
      status: 409,
      code: 'not_claimable',
    })
    expect(await installOf(market, firstOf(market))).toBeUndefined()
    expect((await stranger.call('GET', '/v1/integrations')).json.items).toEqual([])
  })

  it('claims no branch whose owner has just clicked, for no one says who comes: only an admin may confirm it', async () => {
    const market = await createMarket()
    const stranger = await createOwner(market)
    await click(market)
    const { ticket } = await arrive(market, installUrl(`salon_id=${firstOf(market)}`))
    const calls = market.sandbox.requests.length
    expect((await claim(stranger, ticket)).json).toMatchObject({
      ...{ status: 409, code: 'not_claimable' },
      detail: expect.stringContaining('did not say who pressed'),
    })
    expect((await claim(stranger, ticket, { confirm: true })).json.code).toBe('insufficient_scope')
    expect(market.sandbox.requests).toHaveLength(calls)
    expect(await installOf(market, firstOf(market))).toBeUndefined()
    expect(market.sandbox.marketplace.installations.get(firstOf(market))?.status).toBe('pending')
    const { businessId } = await createOwner(market)
    const confirmed = await claim({ call: market.admin }, ticket, { businessId, confirm: true })
    expect(confirmed.json).toMatchObject({ businessId, syncEnabled: true })
  })

  it('claims no branch that another business has, whatever the marketplace says of it', async () => {
    const market = await createMarket()
    const victim = await victimOf(market)
    const stranger = await createOwner(market)
    const { ticket } = await arrive(market, installUrl(`salon_id=${firstOf(market)}`))
    expect((await claim(stranger, ticket)).json).toMatchObject({ status: 409, code: 'already_claimed' })
    expect((await claim(stranger, await click(market))).json.code).toBe('already_claimed')
    expect(
      (await claim({ call: market.admin }, ticket, { businessId: stranger.businessId, confirm: true })).json.code,
    ).toBe('already_claimed')
    expect(await installOf(market, firstOf(market))).toMatchObject({ business_id: victim.businessId })
  })

  it('gains nothing by a signature that was made for somebody: it is undone where that one is no user', async () => {
    const market = await createMarket({ demo: true, days: 3 })
    const stranger = await createOwner(market)
    // The victim has just clicked.
    await click(market)
    const ticket = await ticketFor(market, firstOf(market))
    const reads = readsOf(market)
    expect((await claim(stranger, ticket)).json).toMatchObject({ status: 409, code: 'not_claimable' })
    expect(market.sandbox.marketplace.installations.get(firstOf(market))?.status).toBe('uninstalled')
    expect(await installOf(market, firstOf(market))).toMatchObject({ state: 'uninstalled', last_error: 'user_unknown' })
    expect((await stranger.call('GET', '/v1/integrations')).json.items).toEqual([])
    expect(market.sandbox.requests.slice(reads).filter((one) => !one.includes('company_users'))).toEqual([])
    expect((await claim(await createOwner(market), await click(market))).status).toBe(200)
  })

  it('claims nothing by an hour-old installation, nor by an old ticket', async () => {
    const market = await createMarket()
    const owner = await createOwner(market)
    const ticket = await click(market)
    market.context.clock.advance(61 * 60_000)
    expect((await claim(owner, await ticketFor(market, firstOf(market)))).json.code).toBe('not_claimable')
    expect((await claim(owner, ticket)).json).toMatchObject({ status: 410, code: 'ticket_used' })
  })

  it.each([
    ['salon_id=1&user_data=e30=&user_data_sign=00'],
    ['salon_id=1&user_data=e30='],
    ['salon_id=1&user_data_sign=00'],
    ['salon_id=1&user_data=%00&user_data_sign=zz'],
    ['salon_id='],
    ['salon_id=1%20or%201=1'],
    ['salon_id[]=../../application/1'],
    [''],
    [Array.from({ length: 201 }, (_, n) => `salon_ids[]=${n + 1}`).join('&')],
  ])('is told what is wrong, and nothing is asked of the database: %.60s', async (query) => {
    const market = await createMarket()
    const before = market.context.roundTrips()
    const { status, headers } = await arrive(market, installUrl(query))
    expect([status, headers.get('content-type')]).toEqual([400, 'text/html; charset=utf-8'])
    expect(market.context.roundTrips()).toBe(before)
  })

  it.each([
    ['another signature', (url: URL) => url.searchParams.set('user_data_sign', '0'.repeat(64))],
    ['another user', (url: URL) => url.searchParams.set('user_data', btoa('{"user_id":1}'))],
    [
      'a part of the signature',
      (url: URL) => url.searchParams.set('user_data_sign', url.searchParams.get('user_data_sign')?.slice(0, 62) ?? ''),
    ],
  ])('is refused with %s', async (_, change) => {
    const market = await createMarket()
    const url = new URL(await market.sandbox.marketplace.connect([firstOf(market)]))
    change(url)
    expect((await arrive(market, url.href)).status).toBe(400)
  })

  it('costs no round trip, and its made-up tickets none either', async () => {
    const market = await createMarket()
    const before = market.context.roundTrips()
    const { ticket } = await arrive(market, installUrl(`salon_id=${firstOf(market)}`))
    expect(market.context.roundTrips()).toBe(before)
    const owner = await createOwner(market)
    const [text = '', mac = ''] = ticket.split('.')
    const changed = btoa(atob(text.replaceAll('-', '+').replaceAll('_', '/')).replace(firstOf(market), '1'))
    for (const forged of [`${text}.`, `${text}.${mac}x`, `.${mac}`, `${changed}.${mac}`, 'x', text, `${mac}.${text}`]) {
      expect((await claim(owner, forged)).json.code).toBe('not_found')
    }
  })
})

it('a branch claimed by two businesses at once is of one of them', async () => {
  const market = await createMarket()
  const tickets = [await click(market), await click(market)]
  const owners = [await createOwner(market), await createOwner(market)]
  const answers = await Promise.all(owners.map(async (owner, n) => claim(owner, tickets[n] ?? '')))
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
})

it('another tenant’s business is not found, and a ticket without a business is refused', async () => {
  const market = await createMarket()
  const [owner, stranger] = [await createOwner(market), await createOwner(market)]
  const ticket = await click(market)
  expect((await claim(stranger, ticket, { businessId: owner.businessId })).json.code).toBe('not_found')
  expect((await claim({ call: market.admin }, ticket)).json).toMatchObject({ code: 'invalid_request' })
  expect((await claim({ call: market.admin }, ticket, { businessId: crypto.randomUUID() })).json.code).toBe('not_found')
})

it('a claim that waits for the vendor reads nothing, and is over with its business', async () => {
  const market = await createMarket()
  const owner = await createOwner(market)
  Object.assign(market.sandbox.faults.plan, { path: '/partner/callback', next: ['500'] })
  await claim(owner, await click(market))
  await market.admin('DELETE', `/v1/businesses/${owner.businessId}`)
  await pass(market, firstOf(market), 10)
  await advanceDue(market.context)
  expect(await installOf(market, firstOf(market))).toMatchObject({ state: 'uninstalled' })
  expect(market.sandbox.marketplace.installations.get(firstOf(market))?.status).toBe('uninstalled')
})

it('a service without an app in the marketplace takes no installs and no events', async () => {
  const { sandbox } = await createMarket()
  const context = createTestContext(serveInProcess(sandbox))
  const page = await request(context, '/v1/marketplace/yclients/install?salon_id=1')
  expect([page.status, page.text]).toEqual([503, expect.stringContaining('has no app')])
  const events = await request(context, '/v1/marketplace/yclients/events', {
    method: 'POST',
    body: '{"partner_token":""}',
  })
  expect(events.json).toMatchObject({ status: 503, code: 'misconfigured' })
})
