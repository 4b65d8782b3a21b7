// The end of an install, from either side, and the pause of one.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { cleanUp } from '#jobs/clean-up.ts'
import { advanceDue } from '#marketplace/steps.ts'
import { openIssues } from '#test/issues.ts'
import {
  claim,
  click,
  createMarket,
  createOwner,
  firstOf,
  hearEvents,
  installOf,
  type Market,
  pass,
} from '#test/market.ts'
import { allTransactions, request, sync, type Tenant } from '#test/tenants.ts'

async function connect(market: Market, owner: Tenant, branchIds?: string[]) {
  const { json, text, status } = await claim(owner, await click(market, branchIds))
  if (status !== 200) throw new Error(text)
  return { ...owner, integrationId: String(json.id), path: `/v1/integrations/${json.id}` }
}

describe('uninstall', () => {
  it('stops the integration with its last branch; its sales stay, and a new click goes on with it', async () => {
    const market = await createMarket({ demo: true, days: 5 })
    const tenant = await connect(market, await createOwner(market))
    await sync(tenant)
    const { json: before } = await tenant.call('GET', `${tenant.path}/transactions?limit=1`)
    market.sandbox.marketplace.disconnect(firstOf(market))
    expect(await hearEvents(market)).toEqual([200])
    expect((await tenant.call('GET', tenant.path)).json).toMatchObject({
      syncEnabled: false,
      stoppedBy: 'uninstall',
      nextSyncAt: null,
    })
    expect((await tenant.call('GET', `${tenant.path}/transactions?limit=1`)).json.items).toEqual(before.items)
    expect(await openIssues(tenant)).toMatchObject([{ code: 'app_uninstalled', detail_key: firstOf(market) }])
    const test = await tenant.call('POST', `${tenant.path}/test`)
    expect(test.json).toMatchObject({
      ok: false,
      capabilities: [{ name: 'credentials' }, { name: 'account', ok: false }],
    })
    expect((await claim(tenant, await click(market))).json).toMatchObject({
      id: tenant.integrationId,
      syncEnabled: true,
      stoppedBy: null,
    })
    expect(await openIssues(tenant)).toEqual([])
  })

  it('takes one of several branches out, and the others go on', async () => {
    const market = await createMarket({ branches: 2 })
    const [first = '', second = ''] = market.sandbox.branches.map(({ companyId }) => companyId)
    const tenant = await connect(market, await createOwner(market), [first, second])
    market.sandbox.marketplace.disconnect(first)
    await hearEvents(market)
    expect((await tenant.call('GET', tenant.path)).json).toMatchObject({
      ...{ syncEnabled: true, stoppedBy: null, additionalConfig: { companyIds: [second] } },
      locations: [{ externalId: second }],
    })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
  })

  it('is made at the marketplace when the integration is deleted, now or as soon as it answers', async () => {
    const market = await createMarket()
    const owner = await createOwner(market)
    const tenant = await connect(market, owner)
    Object.assign(market.sandbox.faults.plan, { path: '/uninstall', next: ['503'] })
    expect((await tenant.call('DELETE', tenant.path)).status).toBe(204)
    expect(await installOf(market, firstOf(market))).toMatchObject({ state: 'leaving' })
    await pass(market, firstOf(market), 10)
    await advanceDue(market.context)
    expect(await installOf(market, firstOf(market))).toMatchObject({ state: 'uninstalled' })
    expect(market.sandbox.marketplace.installations.get(firstOf(market))?.status).toBe('uninstalled')
    await connect(market, owner)
    await market.admin('DELETE', `/v1/businesses/${owner.businessId}`)
    expect(market.sandbox.marketplace.installations.get(firstOf(market))?.status).toBe('uninstalled')
  })
})

it('takes kept sales up again when the branch comes back: nothing is doubled', async () => {
  const market = await createMarket({ demo: true, days: 5 })
  const owner = await createOwner(market)
  const tenant = await connect(market, owner)
  await sync(tenant)
  const before = await allTransactions(tenant)
  expect((await tenant.call('DELETE', `${tenant.path}?keep=transactions`)).status).toBe(204)
  expect(market.sandbox.marketplace.installations.get(firstOf(market))?.status).toBe('uninstalled')
  const again = await connect(market, owner)
  expect(again.integrationId).toBe(tenant.integrationId)
  expect(await sync(again)).toMatchObject({ status: 'succeeded', counters: { inserted: 0, updated: 0 } })
  expect(await allTransactions(again)).toEqual(before)
})

it('leaves the former integration before another business has the branch, also where that was cut off', async () => {
  const market = await createMarket({ branches: 2 })
  const [first = '', second = ''] = market.sandbox.branches.map(({ companyId }) => companyId)
  const tenant = await connect(market, await createOwner(market), [first, second])
  market.sandbox.marketplace.disconnect(first)
  // A worker died between the two steps.
  await market.context.db.execute(sql`
    update marketplace_installs set state = 'uninstalled', next_step_at = now() + interval '1 minute'
    where brand = ${market.brand} and branch_id = ${first}`)
  expect((await claim(await createOwner(market), await click(market, [first]))).status).toBe(200)
  expect((await tenant.call('GET', tenant.path)).json).toMatchObject({
    ...{ syncEnabled: true, additionalConfig: { companyIds: [second] } },
  })
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
})

it('takes out two branches that leave at the same time', async () => {
  const market = await createMarket({ branches: 3 })
  const [first = '', second = '', third = ''] = market.sandbox.branches.map(({ companyId }) => companyId)
  const tenant = await connect(market, await createOwner(market), [first, second, third])
  for (const branchId of [first, second]) {
    market.sandbox.marketplace.disconnect(branchId)
    await market.context.db.execute(sql`
      update marketplace_installs set state = 'uninstalled', next_step_at = now()
      where brand = ${market.brand} and branch_id = ${branchId}`)
  }
  await advanceDue(market.context)
  expect((await tenant.call('GET', tenant.path)).json).toMatchObject({
    ...{ syncEnabled: true, additionalConfig: { companyIds: [third] } },
  })
})

it('is forgotten at night once its business is deleted', async () => {
  const market = await createMarket()
  const owner = await createOwner(market)
  await connect(market, owner)
  await cleanUp(market.context)
  await market.admin('DELETE', `/v1/businesses/${owner.businessId}`)
  expect(await installOf(market, firstOf(market))).toMatchObject({ state: 'uninstalled' })
  await cleanUp(market.context)
  expect(await installOf(market, firstOf(market))).toBeUndefined()
})

describe('freeze', () => {
  it('lets the branch wait, asks hourly and resumes by itself', async () => {
    const market = await createMarket()
    const tenant = await connect(market, await createOwner(market))
    market.sandbox.marketplace.freeze(firstOf(market))
    expect(await hearEvents(market)).toEqual([200])
    expect((await tenant.call('GET', tenant.path)).json).toMatchObject({ syncEnabled: false, stoppedBy: 'freeze' })
    expect(await openIssues(tenant)).toMatchObject([{ code: 'app_frozen' }])
    for (const minutes of [59, 2]) await pass(market, firstOf(market), minutes)
    await advanceDue(market.context)
    expect((await tenant.call('GET', tenant.path)).json).toMatchObject({ stoppedBy: 'freeze' })
    market.sandbox.marketplace.pay(firstOf(market))
    await advanceDue(market.context)
    expect((await tenant.call('GET', tenant.path)).json).toMatchObject({ stoppedBy: 'freeze' })
    await pass(market, firstOf(market), 61)
    await advanceDue(market.context)
    expect((await tenant.call('GET', tenant.path)).json).toMatchObject({ syncEnabled: true, stoppedBy: null })
    expect(await openIssues(tenant)).toEqual([])
  })

  it('is known as one when a sync was refused before its event came', async () => {
    const market = await createMarket()
    const tenant = await connect(market, await createOwner(market))
    market.sandbox.marketplace.freeze(firstOf(market))
    expect(await sync(tenant)).toMatchObject({ status: 'failed' })
    expect((await tenant.call('GET', tenant.path)).json).toMatchObject({ stoppedBy: 'vendor' })
    await hearEvents(market)
    expect((await tenant.call('GET', tenant.path)).json).toMatchObject({ stoppedBy: 'freeze' })
  })

  it('switches nothing on that a person has switched off', async () => {
    const market = await createMarket()
    const tenant = await connect(market, await createOwner(market))
    await tenant.call('PATCH', tenant.path, { syncEnabled: false })
    market.sandbox.marketplace.freeze(firstOf(market))
    await hearEvents(market)
    market.sandbox.marketplace.pay(firstOf(market))
    await pass(market, firstOf(market), 61)
    await advanceDue(market.context)
    expect(await installOf(market, firstOf(market))).toMatchObject({ state: 'active' })
    expect((await tenant.call('GET', tenant.path)).json).toMatchObject({ syncEnabled: false, stoppedBy: 'person' })
  })

  it('leaves the other branches of the integration on', async () => {
    const market = await createMarket({ branches: 2 })
    const [first = '', second = ''] = market.sandbox.branches.map(({ companyId }) => companyId)
    const tenant = await connect(market, await createOwner(market), [first, second])
    market.sandbox.marketplace.freeze(first)
    await hearEvents(market)
    expect((await tenant.call('GET', tenant.path)).json).toMatchObject({ syncEnabled: true, stoppedBy: null })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    market.sandbox.marketplace.freeze(second)
    await hearEvents(market)
    expect((await tenant.call('GET', tenant.path)).json).toMatchObject({ syncEnabled: false, stoppedBy: 'freeze' })
  })
})

describe('the vendor’s events', () => {
  const event = ({ sandbox }: Market, more: object = {}) => ({
    ...{ salon_id: Number(sandbox.credentials.companyId), application_id: 4711, event: 'uninstall' },
    ...{ partner_token: sandbox.marketplace.app.partnerToken, ...more },
  })
  const send = async ({ context, brand }: Market, body: unknown) =>
    request(context, `/v1/marketplace/${brand}/events`, { method: 'POST', body: JSON.stringify(body) })

  it.each([
    { partner_token: 'sandbox-app-toke' },
    { partner_token: undefined },
    { partner_token: ['sandbox-app-token'] },
  ])('are refused with another token, without a look into the database: %j', async (more) => {
    const market = await createMarket()
    await connect(market, await createOwner(market))
    const before = market.context.roundTrips()
    expect((await send(market, event(market, more))).json).toMatchObject({ status: 401, code: 'unauthenticated' })
    expect(market.context.roundTrips()).toBe(before)
    expect(await installOf(market, firstOf(market))).toMatchObject({ state: 'active' })
  })

  it.each([
    { application_id: 4712 },
    { event: 'payment' },
    { salon_id: 1 },
    { salon_id: 'x'.repeat(5000) },
    { event: null },
  ])('change nothing when they are about something else: %j', async (more) => {
    const market = await createMarket()
    await connect(market, await createOwner(market))
    expect((await send(market, event(market, more))).status).toBe(200)
    expect(await installOf(market, firstOf(market))).toMatchObject({ state: 'active' })
  })

  it('may come twice', async () => {
    const market = await createMarket()
    const tenant = await connect(market, await createOwner(market))
    market.sandbox.marketplace.disconnect(firstOf(market))
    for (const _ of [1, 2]) expect((await send(market, event(market))).status).toBe(200)
    expect((await tenant.call('GET', tenant.path)).json).toMatchObject({ stoppedBy: 'uninstall' })
  })

  it('may come late: the marketplace is asked, and what was connected again stays', async () => {
    const market = await createMarket()
    const owner = await createOwner(market)
    const { sandbox, context } = market
    await connect(market, owner)
    sandbox.marketplace.disconnect(firstOf(market))
    const late = event(market)
    await send(market, late)
    // The next claim is still under way, and then through.
    Object.assign(sandbox.faults.plan, { path: '/partner/callback', next: ['500'] })
    const { json } = await claim(owner, await click(market))
    expect((await send(market, late)).status).toBe(200)
    expect(await installOf(market, firstOf(market))).toMatchObject({ state: 'claimed' })
    for (const _ of [1, 2]) {
      await pass(market, firstOf(market), 2)
      await advanceDue(context)
      expect(await installOf(market, firstOf(market))).toMatchObject({ state: 'active' })
      await send(market, late)
    }
    expect((await owner.call('GET', `/v1/integrations/${json.id}`)).json).toMatchObject({ syncEnabled: true })
  })

  it('is asked about until the marketplace answers, and once more when it says that the app is still there', async () => {
    const market = await createMarket()
    const tenant = await connect(market, await createOwner(market))
    const { faults, marketplace } = market.sandbox
    Object.assign(faults.plan, { path: '/application/', next: ['503'] })
    const lookAgain = async () => {
      await pass(market, firstOf(market), 2)
      await advanceDue(market.context)
    }
    expect((await send(market, event(market))).status).toBe(200)
    await lookAgain()
    expect(await installOf(market, firstOf(market))).toMatchObject({ state: 'active' })
    await send(market, event(market))
    marketplace.disconnect(firstOf(market))
    await lookAgain()
    expect((await tenant.call('GET', tenant.path)).json).toMatchObject({ stoppedBy: 'uninstall' })
  })

  it('ends what waits for its next claim: pending, it was removed before', async () => {
    const market = await createMarket()
    const tenant = await connect(market, await createOwner(market))
    market.sandbox.marketplace.disconnect(firstOf(market))
    const ticket = await click(market)
    await send(market, event(market))
    expect((await tenant.call('GET', tenant.path)).json).toMatchObject({ stoppedBy: 'uninstall' })
    expect((await claim(await createOwner(market), ticket)).status).toBe(200)
  })
})
