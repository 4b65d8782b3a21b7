// Several branches in one integration: each is a location with its own zone and its own place in the lists.
import { describe, expect, it } from 'vitest'
import { webhook } from '#crm/yclients/webhook.ts'
import { branchesOf, Settings } from '#crm/yclients/settings.ts'
import type { Branch } from '#sandbox/yclients/state.ts'
import { expectLedger } from '#test/connector-suite.ts'
import { runSlice } from '#sync/run-slice.ts'
import { openIssues } from '#test/issues.ts'
import { openScheduled, runOf } from '#test/pages.ts'
import { deliver, takeAll, workOffHooks } from '#test/hooks.ts'
import { allTransactions, createSalonTenant, type Salon, sync } from '#test/tenants.ts'
import { secondsOf, withVendor } from './vendor.ts'

const LINE = { id: 3300, title: 'Стрижка', quantity: 1, kopecks: 180_000 }

function sellAt({ salon }: Branch): number {
  return salon.sell(secondsOf(new Date(salon.now().getTime() - 3_600_000)), [LINE])
}

async function createChain(branches = 3) {
  const tenant = withVendor(await createSalonTenant({ branches }))
  for (const branch of tenant.sandbox.branches) {
    sellAt(branch)
    const at = secondsOf(new Date(branch.salon.now().getTime() - 7_200_000))
    const visit = branch.salon.addVisit({ at, services: [LINE], attendance: 1 })
    branch.salon.pay(visit.id)
  }
  return tenant
}

function branchAt({ sandbox }: Salon, index: number): Branch {
  const branch = sandbox.branches[index]
  if (!branch) throw new Error('no such branch')
  return branch
}

describe('settings', () => {
  it.each([
    [{ companyId: 540_112 }, ['540112']],
    [{ companyIds: [540_112, '540113', '540112'] }, ['540112', '540113']],
    [{ companyId: '1', companyIds: [2, 1] }, ['1', '2']],
  ])('%j name branches, each once', (config, branches) => {
    expect(branchesOf(Settings.parse(config))).toEqual(branches)
  })

  it.each([[{}], [{ companyIds: [] }], [{ companyIds: ['x'] }], [{ companyIds: 5 }]])('%j are refused', (config) => {
    expect(Settings.safeParse(config).success).toBe(false)
  })
})

describe('a sync of three branches', () => {
  it('stores each sale at its branch, in the zone of that branch', async () => {
    const tenant = await createChain()
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
    await expectLedger(tenant)
    const locations = Map.groupBy(await allTransactions(tenant), ({ location }) => location.externalId)
    expect([...locations].map(([id, sales]) => [id, sales.length])).toEqual([
      ['540112', 2],
      ['540113', 2],
      ['540114', 2],
    ])
  })

  it.each(['deleted', 'licence'] as const)(
    'goes on where one branch is refused (%s), and the test names it',
    async (trouble) => {
      const tenant = await createChain()
      await sync(tenant)
      branchAt(tenant, 1).trouble = trouble
      tenant.context.clock.advance(60_000)
      for (const index of [0, 2]) sellAt(branchAt(tenant, index))
      expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null, counters: { inserted: 2 } })
      await expectLedger(tenant)
      expect(await openIssues(tenant)).toMatchObject([{ code: 'side_list_refused', detail_key: 'branch_540113' }])
      const { json } = await tenant.call('POST', `${tenant.path}/test`)
      expect(json.ok, JSON.stringify(json)).toBe(true)
      const capability = (name: string) => json.capabilities.find((one: { name: string }) => one.name === name)
      expect(capability('branch_540113')).toMatchObject({ required: false, ok: false })
      expect(capability('branch_540112')).toMatchObject({ ok: true, detail: expect.stringContaining('Север') })
      branchAt(tenant, 1).trouble = null
      sellAt(branchAt(tenant, 1))
      expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 1 } })
      expect(await openIssues(tenant)).toEqual([])
    },
  )

  it.each(['deleted', 'vanished'] as const)(
    'notices that a branch is no more (%s), though what the branch said of itself is kept for a day',
    async (trouble) => {
      const tenant = await createChain()
      await sync(tenant)
      branchAt(tenant, 1).trouble = trouble
      const calls = tenant.sandbox.requests.length
      const id = await openScheduled(tenant)
      await runSlice(tenant.context, id)
      expect(await runOf(tenant, id)).toMatchObject({ status: 'succeeded', counters: { updated: 0 } })
      expect(await openIssues(tenant)).toMatchObject([{ code: 'side_list_refused', detail_key: 'branch_540113' }])
      const asked = tenant.sandbox.requests.slice(calls).filter((line) => line.includes('/company/'))
      expect(asked.filter((line) => !line.includes('540113'))).toEqual([])
    },
  )

  it('brings the others first where one branch does not answer, and fails for that one alone', async () => {
    const tenant = await createChain()
    branchAt(tenant, 0).trouble = 'down'
    expect(await sync(tenant)).toMatchObject({ status: 'failed', error: { kind: 'unavailable' } })
    expect(await allTransactions(tenant)).toHaveLength(4)
    branchAt(tenant, 0).trouble = null
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    await expectLedger(tenant)
  })

  it('fails where all branches are refused', async () => {
    const tenant = await createChain()
    for (const index of [0, 1, 2]) branchAt(tenant, index).trouble = 'licence'
    expect(await sync(tenant)).toMatchObject({ status: 'failed', error: { kind: 'forbidden' } })
  })

  it('follows what happens in each, and leaves the sales of a branch that was taken out', async () => {
    const tenant = await createChain()
    await sync(tenant)
    const before = await allTransactions(tenant)
    for (const index of [1, 2]) {
      const { salon } = branchAt(tenant, index)
      const [visit] = salon.visits.values()
      salon.vanish(visit?.id ?? 0)
    }
    const companyIds = ['540112', 540_113]
    await tenant.call('PATCH', tenant.path, { additionalConfig: { companyIds, initialDays: 35 } })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
    const cancelled = (await allTransactions(tenant)).filter(({ status }) => status === 'cancelled')
    expect(cancelled.map(({ location }) => location.externalId)).toEqual(['540113'])
    expect(await allTransactions(tenant)).toHaveLength(before.length)
  })

  it('backfills all of them', async () => {
    const tenant = await createChain()
    const to = tenant.context.clock.now()
    const from = new Date(to.getTime() - 5 * 86_400_000)
    await tenant.call('POST', `${tenant.path}/backfill`, { from: from.toISOString(), to: to.toISOString() })
    await tenant.context.drain()
    await expectLedger(tenant)
  })
})

describe('webhooks of several branches', () => {
  it('are registered at each, followed from each, and taken out of each', async () => {
    const tenant = await createChain()
    const { json } = await tenant.call('PATCH', tenant.path, { syncEnabled: true })
    expect(json.webhookSetup.registration).toBe('registered')
    for (const { hookSettings } of tenant.sandbox.branches) expect(hookSettings.urls).toEqual([json.webhookUrl])
    await sync(tenant)
    takeAll(tenant.sandbox.hooks)
    for (const branch of tenant.sandbox.branches) sellAt(branch)
    for (const delivery of takeAll(tenant.sandbox.hooks)) await deliver(tenant, delivery)
    await workOffHooks(tenant)
    await expectLedger(tenant)
    expect(await allTransactions(tenant)).toHaveLength(9)
    await tenant.call('DELETE', tenant.path)
    for (const { hookSettings } of tenant.sandbox.branches) expect(hookSettings.urls).toEqual([])
  })

  it('belong to the branches of the settings alone', () => {
    const settings = Settings.parse({ companyIds: [1, '2'] })
    expect(['1', '2', '3'].map((account) => webhook.owns?.(account, { settings, apiUrl: '' }))).toEqual([
      true,
      true,
      false,
    ])
  })
})
