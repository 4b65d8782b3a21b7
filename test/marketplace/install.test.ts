// An owner installs the app from the marketplace and types no token: from the click to the first sale, and what the
// owner finds when something does not answer on the way.
import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { findInstalls, takeNow } from '#marketplace/installs.ts'
import { advanceDue } from '#marketplace/steps.ts'
import { SANDBOX_URL } from '#test/context.ts'
import { openIssues } from '#test/issues.ts'
import { arrive, claim, click, createMarket, createOwner, firstOf, installOf, type Market, pass } from '#test/market.ts'
import { allTransactions, type Connected, sync, type Tenant } from '#test/tenants.ts'

async function connected(market: Market, owner: Tenant, branchIds?: readonly string[]): Promise<Connected> {
  const { status, json, text } = await claim(owner, await click(market, branchIds && [...branchIds]))
  if (status !== 200) throw new Error(text)
  return { ...owner, integrationId: json.id, path: `/v1/integrations/${json.id}` }
}

async function goOn(market: Market, minutes = 6) {
  await pass(market, firstOf(market), minutes)
  await advanceDue(market.context)
}

it.each(['yclients', 'altegio'] as const)('connects a branch of %s by one click: no token is typed', async (brand) => {
  const market = await createMarket({ brand, demo: true })
  const owner = await createOwner(market)
  const back = await arrive(market, await market.sandbox.marketplace.connect([firstOf(market)]))
  expect([back.status, back.headers.get('location')]).toEqual([
    302,
    expect.stringMatching(/^https:\/\/app\.example\.com\/connect#ticket=[\w.-]+$/),
  ])
  const { status, json, text } = await claim(owner, back.ticket)
  expect(status, text).toBe(200)
  expect(json).toMatchObject({
    ...{ businessId: owner.businessId, crmType: 'yclients', apiUrl: SANDBOX_URL, syncEnabled: true, stoppedBy: null },
    ...{ hasCredentials: false, connection: { status: 'ok' }, webhookSetup: { registration: 'registered' } },
    additionalConfig: { brand, companyIds: [firstOf(market)] },
  })
  expect(market.sandbox.hookSettings).toMatchObject({ urls: [json.webhookUrl], active: 1, record: 1 })
  const tenant = { ...owner, integrationId: json.id, path: `/v1/integrations/${json.id}` }
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
  expect((await allTransactions(tenant)).length).toBe(market.sandbox.ledger().length)
  expect(await installOf(market, firstOf(market))).toMatchObject({ state: 'active', integration_id: json.id })
  expect(JSON.stringify(market.context.logged)).not.toMatch(/sandbox-(?:app-token|system-user)/)
})

it('connects the branches of a chain together, and later ones to the same integration', async () => {
  const market = await createMarket({ branches: 3 })
  const owner = await createOwner(market)
  const [first = '', second = '', third = ''] = market.sandbox.branches.map(({ companyId }) => companyId)
  const tenant = await connected(market, owner, [first, second])
  const again = await claim(owner, await click(market, [third]))
  expect(again.json).toMatchObject({
    ...{ id: tenant.integrationId, syncEnabled: true, additionalConfig: { companyIds: [first, second, third] } },
    locations: [{ externalId: first }, { externalId: second }, { externalId: third }],
  })
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
})

it('tells the marketplace until it answers, and only then reads anything', async () => {
  const market = await createMarket()
  const owner = await createOwner(market)
  const { faults } = market.sandbox
  Object.assign(faults.plan, { path: '/partner/callback', next: ['500', 'html', 'html-403', 'reset'] })
  const { status, json } = await claim(owner, await click(market))
  expect([status, json.syncEnabled, json.connection.status]).toEqual([200, false, 'untested'])
  for (const _ of [1, 2, 3]) await goOn(market)
  expect(await installOf(market, firstOf(market))).toMatchObject({ state: 'claimed' })
  expect(market.sandbox.requests).toEqual([])
  await goOn(market)
  const { json: after } = await owner.call('GET', `/v1/integrations/${json.id}`)
  expect(after).toMatchObject({ syncEnabled: true, connection: { status: 'ok' } })
})

it('takes an answer that was lost for one: the marketplace says that it was told', async () => {
  const market = await createMarket()
  const owner = await createOwner(market)
  const { marketplace } = market.sandbox
  marketplace.beforeAnswer = async (call) => {
    if (call !== 'callback') return
    marketplace.beforeAnswer = null
    throw new Error('the answer is lost')
  }
  await claim(owner, await click(market))
  expect(await installOf(market, firstOf(market))).toMatchObject({ state: 'claimed' })
  await goOn(market)
  expect(await installOf(market, firstOf(market))).toMatchObject({ state: 'active' })
})

it('tells the person when the hour is over, and a new click connects', async () => {
  const market = await createMarket()
  const owner = await createOwner(market)
  market.sandbox.marketplace.faults.isUnmoderated = true
  const { json } = await claim(owner, await click(market))
  await goOn(market, 61)
  expect(await installOf(market, firstOf(market))).toMatchObject({ state: 'expired', last_error: 'not_told' })
  const integration = { context: market.context, integrationId: json.id }
  expect(await openIssues(integration)).toMatchObject([{ code: 'install_expired', whose_turn: 'owner' }])
  market.sandbox.marketplace.faults.isUnmoderated = false
  expect((await claim(owner, await click(market))).json).toMatchObject({ id: json.id, syncEnabled: true })
  expect(await openIssues(integration)).toEqual([])
})

it('waits until our user has access to the branch', async () => {
  const market = await createMarket()
  const owner = await createOwner(market)
  market.sandbox.marketplace.faults.accessDelay = 2
  expect((await claim(owner, await click(market))).json).toMatchObject({ syncEnabled: false })
  await goOn(market)
  expect(await installOf(market, firstOf(market))).toMatchObject({ state: 'told' })
  await goOn(market)
  expect(await installOf(market, firstOf(market))).toMatchObject({ state: 'active' })
})

it('goes on with a claim that was cut off when the business sends the ticket again, and is 410 after that', async () => {
  const market = await createMarket()
  const owner = await createOwner(market)
  Object.assign(market.sandbox.faults.plan, { path: '/partner/callback', next: ['500'] })
  const ticket = await click(market)
  expect((await claim(owner, ticket)).json).toMatchObject({ syncEnabled: false })
  expect((await claim(owner, ticket)).json).toMatchObject({ syncEnabled: true })
  expect((await claim(owner, ticket)).json).toMatchObject({ status: 410, code: 'ticket_used' })
  expect((await claim(await createOwner(market), ticket)).json.code).toBe('already_claimed')
})

it('has nothing due once it is active, whoever had taken it meanwhile', async () => {
  const market = await createMarket()
  const owner = await createOwner(market)
  await connected(market, owner)
  await takeNow(market.context, await findInstalls(market.context, 'yclients', [firstOf(market)]))
  const { json } = await market.admin('GET', `/v1/admin/installs?businessId=${owner.businessId}`)
  expect(json.items).toMatchObject([{ state: 'active', nextStepAt: null }])
})

it('brings the branches of a chain in together that the cron goes on with: one test for all of them', async () => {
  const market = await createMarket({ branches: 3 })
  const owner = await createOwner(market)
  const branchIds = market.sandbox.branches.map(({ companyId }) => companyId)
  Object.assign(market.sandbox.faults.plan, { path: '/partner/callback', next: ['500', '500', '500'] })
  const { json } = await claim(owner, await click(market, branchIds))
  for (const _ of [1, 2, 3]) {
    for (const branchId of branchIds) await pass(market, branchId, 5)
    await advanceDue(market.context)
  }
  const { json: after } = await owner.call('GET', `/v1/integrations/${json.id}`)
  expect(after).toMatchObject({ syncEnabled: true, additionalConfig: { companyIds: branchIds } })
  const tests = market.context.logged.filter((line) => line.includes('connection_tested'))
  expect(tests).toHaveLength(1)
})

it('claims for an admin who confirms what was begun long ago', async () => {
  const market = await createMarket()
  const owner = await createOwner(market)
  const ticket = await click(market)
  const installation = market.sandbox.marketplace.installations.get(firstOf(market))
  installation?.logs.push({ at: new Date(0), from: 'pending', to: 'active', source: 'partner_api' })
  if (installation) installation.status = 'active'
  const { businessId } = owner
  expect((await claim(owner, ticket, { confirm: true })).json.code).toBe('insufficient_scope')
  const asAdmin = { call: market.admin }
  expect((await claim(asAdmin, ticket, { businessId })).json).toMatchObject({ status: 409, code: 'not_claimable' })
  expect((await claim(asAdmin, ticket, { businessId, confirm: true })).json).toMatchObject({
    businessId,
    syncEnabled: true,
  })
})

it('refuses a business with another CRM, and says so before anything is told', async () => {
  const market = await createMarket()
  const owner = await createOwner(market)
  await owner.call('POST', '/v1/integrations', { crmType: 'csv', credentials: {} })
  expect((await claim(owner, await click(market))).json).toMatchObject({ status: 409, code: 'integration_exists' })
  expect(market.sandbox.marketplace.installations.get(firstOf(market))?.status).toBe('pending')
})

it('adds a branch to an integration with tokens of its own: each branch is read with its own tokens', async () => {
  const market = await createMarket({ branches: 2 })
  const [first = '', second = ''] = market.sandbox.branches.map(({ companyId }) => companyId)
  const owner = await createOwner(market)
  const { credentials } = market.sandbox.connection
  const own = { crmType: 'yclients', apiUrl: SANDBOX_URL, additionalConfig: { companyId: first }, credentials }
  const { json } = await owner.call('POST', '/v1/integrations', own)
  expect((await claim(owner, await click(market, [second]))).json).toMatchObject({
    ...{ id: json.id, syncEnabled: true, additionalConfig: { companyIds: [first, second] } },
    locations: [{ externalId: first }, { externalId: second }],
  })
})

it('takes the token of the tenant’s own user beside the service’s partner token', async () => {
  const market = await createMarket()
  const owner = await createOwner(market)
  const additionalConfig = { companyId: firstOf(market) }
  const { apiSecret } = market.sandbox.credentials
  const body = { crmType: 'yclients', apiUrl: SANDBOX_URL, additionalConfig, credentials: { apiSecret } }
  const created = await owner.call('POST', '/v1/integrations', body)
  expect(created.status, created.text).toBe(201)
  const patched = await owner.call('PATCH', `/v1/integrations/${created.json.id}`, { syncEnabled: true })
  expect([patched.status, patched.json.syncEnabled]).toEqual([200, true])
})

it('lists the installs for an admin alone', async () => {
  const market = await createMarket()
  const owner = await createOwner(market)
  const tenant = await connected(market, owner)
  const path = `/v1/admin/installs?businessId=${owner.businessId}`
  expect((await owner.call('GET', path)).status).toBe(403)
  const { json } = await market.admin('GET', path)
  expect(json.items).toMatchObject([
    {
      brand: 'yclients',
      branchId: firstOf(market),
      state: 'active',
      integrationId: tenant.integrationId,
      lastError: null,
    },
  ])
  const { rows } = await market.context.db.execute(sql`
    select from marketplace_installs where business_id = ${owner.businessId}::uuid`)
  expect(rows).toHaveLength(1)
})
