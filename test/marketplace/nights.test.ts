// The nightly comparison of our list with the vendor's.
import { sql } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { compareLists } from '#marketplace/compare-lists.ts'
import { advanceDue } from '#marketplace/steps.ts'
import { engineHealth } from '#health/engine-health.ts'
import { claim, click, createMarket, createOwner, installOf, type Market } from '#test/market.ts'

/** Enough that one of them is no more than a twentieth. */
const BRANCHES = 20

let market: Market
let branches: readonly string[]
let owner: Awaited<ReturnType<typeof createOwner>>

beforeEach(async () => begin(BRANCHES))

async function begin(count: number) {
  market = await createMarket({ brand: 'altegio', branches: count })
  // The list of this marketplace does not have the branches of other tests.
  await market.context.db.execute(sql`delete from marketplace_installs where brand = ${'altegio'}`)
  await market.context.db.execute(sql`delete from issues where code = 'installs_missing'`)
  branches = market.sandbox.branches.map(({ companyId }) => companyId)
  owner = await createOwner(market)
  const { status, text } = await claim(owner, await click(market, [...branches]))
  if (status !== 200) throw new Error(text)
  // On a busy machine a claim leaves the last branches to the cron.
  await advanceDue(market.context)
}

async function night() {
  market.context.clock.advance(24 * 60 * 60_000)
  await compareLists(market.context)
}

const alarms = async () => (await engineHealth(market.context, 'en')).alarms.map(({ code }) => code)

describe('the nightly comparison', () => {
  it('takes out what two nights do not show and what is really gone', async () => {
    const [gone = '', shy = ''] = branches
    const installation = market.sandbox.marketplace.installations.get(gone)
    if (installation) installation.status = 'uninstalled'
    await night()
    expect(await installOf(market, gone)).toMatchObject({ state: 'active', missing_nights: 1 })
    await night()
    expect(await installOf(market, gone)).toMatchObject({ state: 'uninstalled' })
    // Missing from the list alone, for as many nights as it likes.
    market.sandbox.marketplace.faults.unlisted.add(shy)
    for (const _ of [1, 2, 3]) await night()
    expect(await installOf(market, shy)).toMatchObject({ state: 'active' })
  })

  it('counts once how often it is made in a night', async () => {
    const [gone = ''] = branches
    Object.assign(market.sandbox.marketplace.installations.get(gone) ?? {}, { status: 'uninstalled' })
    await night()
    for (const _ of [1, 2]) await compareLists(market.context)
    expect(await installOf(market, gone)).toMatchObject({ state: 'active', missing_nights: 1 })
  })

  it('of a few branches takes out one that left, and none by an empty list', async () => {
    await begin(3)
    const { faults, installations } = market.sandbox.marketplace
    faults.isListEmpty = true
    for (const _ of [1, 2]) await night()
    expect(await alarms()).toContain('installs_missing')
    faults.isListEmpty = false
    Object.assign(installations.get(branches[0] ?? '') ?? {}, { status: 'uninstalled' })
    for (const _ of [1, 2]) await night()
    expect(await alarms()).not.toContain('installs_missing')
    expect(await installOf(market, branches[0] ?? '')).toMatchObject({ state: 'uninstalled' })
    for (const branchId of branches.slice(1))
      expect(await installOf(market, branchId)).toMatchObject({ state: 'active' })
  })

  it('forgets a night once the list shows the branch again', async () => {
    const [shy = ''] = branches
    const { unlisted } = market.sandbox.marketplace.faults
    unlisted.add(shy)
    await night()
    unlisted.delete(shy)
    await night()
    expect(await installOf(market, shy)).toMatchObject({ state: 'active', missing_nights: 0 })
  })

  it('changes nothing and raises an alarm when the list is empty or lacks many, and ends it when it is whole again', async () => {
    const { faults, installations } = market.sandbox.marketplace
    faults.isListEmpty = true
    for (const _ of [1, 2, 3]) await night()
    expect(await alarms()).toContain('installs_missing')
    faults.isListEmpty = false
    // Two of twenty are really gone in one night.
    for (const branchId of branches.slice(0, 2))
      Object.assign(installations.get(branchId) ?? {}, { status: 'uninstalled' })
    for (const _ of [1, 2]) await night()
    for (const branchId of branches)
      expect(await installOf(market, branchId)).toMatchObject({ state: 'active', missing_nights: 0 })
    for (const branchId of branches.slice(0, 2)) Object.assign(installations.get(branchId) ?? {}, { status: 'active' })
    await night()
    expect(await alarms()).not.toContain('installs_missing')
  })

  it('counts no night when the list cannot be read', async () => {
    const [gone = ''] = branches
    Object.assign(market.sandbox.marketplace.installations.get(gone) ?? {}, { status: 'uninstalled' })
    Object.assign(market.sandbox.faults.plan, { path: '/salons', next: ['html', '500'] })
    for (const _ of [1, 2]) await night()
    expect(await installOf(market, gone)).toMatchObject({ state: 'active', missing_nights: 0 })
    expect(await alarms()).not.toContain('installs_missing')
  })
})
