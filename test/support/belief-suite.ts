// What every connector believes: refusals and removals in the vendor's own words, and odd records for what they are.
import { describe, expect, it } from 'vitest'
import type { Faults } from '#sandbox/faults.ts'
import { FOREIGN_FAULTS } from '#sandbox/faults.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { VendorTenant } from '#test/connector-suite.ts'
import { openIssues } from '#test/issues.ts'
import { openedSession } from '#test/pulls.ts'
import { allTransactions, sync } from '#test/tenants.ts'

/** Each kind of call meets each status once. */
const TIMES = 7
/** More syncs than faults can fail. */
const SYNCS_MAX = 60
/** Of one object, which may take several calls each. */
const READS_MAX = 200

interface BeliefCase {
  readonly type: string
  readonly create: () => Promise<VendorTenant>
  readonly expectLedger: (tenant: VendorTenant) => Promise<void>
}

export function describeBelief({ type, create, expectLedger }: BeliefCase): void {
  describe(`${type} believes only its vendor`, () => {
    it('is neither switched off nor loses a sale by what is not the vendor’s word, at any call', async () => {
      const tenant = await create()
      await switchOn(tenant)
      const { plan, played } = tenant.vendor.faults
      plan.perCall = { times: TIMES, faults: FOREIGN_FAULTS }
      await syncUntil(tenant, () => isPlayed(tenant.vendor.faults))
      plan.perCall = { times: 0, faults: [] }
      for (const fault of FOREIGN_FAULTS.filter((one) => !played.has(one))) {
        plan.next = [fault]
        await syncOnce(tenant)
      }
      expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
      expect(await openIssues(tenant)).toEqual([])
      await expectLedger(tenant)
    })

    it('takes no object for gone that somebody else says is not there', async () => {
      const tenant = await create()
      await sync(tenant)
      const { connector, session } = await openedSession(tenant, tenant.context.clock.now())
      const one = tenant.vendor.ledger().find(({ status }) => status === 'paid')
      if (!connector.fetchOne || !one) return
      const { plan, met } = tenant.vendor.faults
      plan.perCall = { times: FOREIGN_FAULTS.length, faults: FOREIGN_FAULTS }
      for (let tries = 0; tries < READS_MAX && (met.size === 0 || !isPlayed(tenant.vendor.faults)); tries += 1) {
        const read = await connector.fetchOne(session, { externalId: one.externalId }).catch((error: unknown) => error)
        if (read instanceof CrmError) expect(read.kind === 'unavailable' || read.mayPass, String(read)).toBe(true)
        else expect(read).toMatchObject({ type: 'transaction' })
      }
      expect(met.size).toBeGreaterThan(0)
    })

    it('goes on past odd records: two of three new ones, pages of nothing else, and at every sync', async () => {
      const tenant = await create()
      const { sell, addOddRows } = tenant.vendor
      if (!addOddRows) throw new Error('this vendor shows no odd rows')
      await switchOn(tenant)
      await sync(tenant)
      for (const odd of [2, 4]) {
        addOddRows(odd)
        if (odd === 2) sell()
        tenant.context.clock.advance(5 * 60_000)
        expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
        await expectLedger(tenant)
      }
      const { items } = (await tenant.call('GET', `${tenant.path}/quarantine?limit=200`)).json
      expect(items).toHaveLength(6)
      // So many at once are another format where a page has nothing else, and the next sync has seen them.
      addOddRows(8)
      sell()
      tenant.context.clock.advance(5 * 60_000)
      const run = await sync(tenant)
      expect([null, 'malformed.format_changed']).toContain(run.error?.code ?? null)
      const next = await sync(tenant)
      expect(next).toMatchObject({ status: 'succeeded' })
      expect(run.counters.inserted + next.counters.inserted).toBe(1)
      await expectLedger(tenant)
      expect((await openIssues(tenant)).map(({ code }) => code)).toContain('records_unreadable')
      await expectOn(tenant)
    })
  })
}

/** A sync may succeed at last, or fail for a while. */
async function syncOnce(tenant: VendorTenant): Promise<void> {
  const { error } = await sync(tenant)
  const isPassing = (await openIssues(tenant)).some(({ code }) => code === 'refused_for_now')
  if (error && !isPassing) expect(error.kind, error.code).toBe('unavailable')
  await expectOn(tenant)
  const ledger = new Map(tenant.vendor.ledger().map(({ externalId, status }) => [externalId, status]))
  const isWrong = (sale: { externalId: string; status: string }) => sale.status !== ledger.get(sale.externalId)
  expect((await allTransactions(tenant)).filter(isWrong)).toEqual([])
}

async function syncUntil(tenant: VendorTenant, isOver: () => boolean): Promise<void> {
  for (let syncs = 0; syncs === 0 || (syncs < SYNCS_MAX && !isOver()); syncs += 1) await syncOnce(tenant)
  expect(isOver()).toBe(true)
}

/** Each kind of call that was made has met all its faults. */
function isPlayed({ met, plan }: Faults): boolean {
  return [...met.values()].every((calls) => calls >= plan.perCall.times)
}

async function switchOn({ call, path }: VendorTenant): Promise<void> {
  const { status, text } = await call('PATCH', path, { syncEnabled: true, registerWebhooks: false })
  expect(status, text).toBe(200)
}

async function expectOn({ call, path }: VendorTenant): Promise<void> {
  const { json } = await call('GET', path)
  expect(json).toMatchObject({ syncEnabled: true, connection: { status: 'ok' } })
}
