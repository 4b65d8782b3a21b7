// The clinic's own books and crm_transactions agree exactly, whatever happened on the way.
import { describe, expect, it } from 'vitest'
import { FAULTS } from '#sandbox/faults.ts'
import { type ClinicTenant, createClinicTenant, hoursAgo, stored } from '#test/renovatio.ts'
import { allTransactions, sync } from '#test/tenants.ts'

const SETTINGS = { initialDays: 20 }
const DAY_MS = 86_400_000

/** A run may use up its retries; the next one goes on from where it stood. */
async function untilSucceeded(tenant: ClinicTenant) {
  for (let attempt = 0; attempt < 6; attempt += 1) {
    const run = await sync(tenant)
    if (run.status === 'succeeded') return run
  }
  return null
}

function numbersOf({ sandbox }: ClinicTenant): number[] {
  const paid = sandbox.ledger().filter(({ status }) => status === 'paid')
  return paid.map(({ externalId }) => Number(externalId.split(':')[1]))
}

describe('where invoices can be read', () => {
  it('holds exactly what was paid after the first sync, phones and all', async () => {
    const tenant = await createClinicTenant({ demo: true, settings: { initialDays: 90 } })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null, counters: { quarantined: 0 } })
    const ledger = tenant.sandbox.ledger()
    expect(ledger.length).toBeGreaterThan(180)
    expect(await stored(tenant)).toEqual(ledger)
  })

  it('follows every kind of edit: refunds, voids, withdrawn payments, prices, dates, deletions', async () => {
    const tenant = await createClinicTenant({ demo: true, settings: SETTINGS })
    const { clinic } = tenant.sandbox
    await sync(tenant)
    const [refunded = 0, voided = 0, unpaid = 0, cheaper = 0, dearer = 0, backDated = 0, deleted = 0, other = 0] =
      numbersOf(tenant)
    tenant.context.clock.advance(60_000)
    clinic.setStatus(refunded, 'refunded')
    clinic.setStatus(voided, 'voided')
    clinic.setStatus(unpaid, 'unpaid')
    clinic.invoice(cheaper).kopecks -= 100
    clinic.invoice(dearer).kopecks += 5050
    clinic.invoice(backDated).at = new Date(clinic.invoice(backDated).at.getTime() - 2 * DAY_MS)
    clinic.invoice(other).patient = clinic.addPatient({ phone: '+79017654321' })
    clinic.deleteInvoice(deleted)
    clinic.sell(hoursAgo(tenant, 0), 45_050)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    // What is gone is believed when a second complete scan does not show it either.
    const before = (await stored(tenant)).find(({ externalId }) => externalId === `invoice:${deleted}`)
    expect(before).toMatchObject({ status: 'paid' })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { updated: 1 } })
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
    const statuses = new Map((await stored(tenant)).map(({ externalId, status }) => [externalId, status]))
    expect([refunded, voided, unpaid, deleted].map((number) => statuses.get(`invoice:${number}`))).toEqual([
      ...['cancelled', 'cancelled', 'unpaid', 'cancelled'],
    ])
  })

  it('takes a payment back in: unpaid, paid again, refunded, paid for less', async () => {
    const tenant = await createClinicTenant()
    const { clinic } = tenant.sandbox
    const { number } = clinic.sell(hoursAgo(tenant, 5), 190_000)
    for (const status of ['paid', 'unpaid', 'paid', 'refunded', 'paid', 'partly'] as const) {
      clinic.setStatus(number, status)
      clinic.invoice(number).kopecks -= 1000
      await sync(tenant)
      expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
    }
    expect(await stored(tenant)).toMatchObject([{ status: 'unpaid', amountMinor: 184_000 }])
  })

  it('agrees after one in five answers failed', async () => {
    const tenant = await createClinicTenant({ demo: true, settings: SETTINGS })
    tenant.sandbox.faults.plan.rate = 0.2
    tenant.sandbox.faults.plan.kinds = FAULTS.filter((fault) => fault !== 'timeout' && fault !== 'slow')
    expect(await untilSucceeded(tenant)).toMatchObject({ status: 'succeeded' })
    expect(tenant.sandbox.faults.played.size).toBeGreaterThan(2)
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
  })

  it('agrees after every fifth answer failed while patients had to be asked for one by one', async () => {
    const tenant = await createClinicTenant({ demo: true, settings: { initialDays: 10 } })
    tenant.sandbox.denied.add('getAppointments')
    tenant.sandbox.faults.plan.every = 5
    tenant.sandbox.faults.plan.kinds = ['503']
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
    expect(tenant.sandbox.requests.filter((line) => line.includes('getPatient')).length).toBeGreaterThan(10)
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
  })

  it('loses and doubles nothing while the clinic works on during the sync', async () => {
    const tenant = await createClinicTenant({ demo: true, settings: SETTINGS })
    const { clinic } = tenant.sandbox
    let lists = 0
    tenant.sandbox.onList = () => {
      lists += 1
      const sold = clinic.sell(hoursAgo(tenant, (lists % 4) * 30), 10_000 + lists)
      if (lists % 3 === 0) clinic.setStatus(sold.number, 'voided')
      const old = clinic.invoices[lists * 7]
      if (old?.shownAt) old.kopecks += 100
    }
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    tenant.sandbox.onList = null
    tenant.context.clock.advance(5 * 60_000)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(lists).toBeGreaterThan(10)
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
  })

  it('agrees after a backfill of what the first sync did not reach', async () => {
    const tenant = await createClinicTenant({ demo: true, settings: { initialDays: 7 } })
    await sync(tenant)
    const before = await allTransactions(tenant)
    const from = new Date(tenant.context.clock.now().getTime() - 90 * DAY_MS).toISOString()
    expect((await tenant.call('POST', `${tenant.path}/backfill`, { from })).status).toBe(202)
    await tenant.context.drain()
    expect((await stored(tenant)).length).toBeGreaterThan(before.length)
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
    const seqs = new Map((await allTransactions(tenant)).map(({ externalId, changeSeq }) => [externalId, changeSeq]))
    for (const { externalId, changeSeq } of before) expect(seqs.get(externalId)).toBe(changeSeq)
  })
})

describe('where only visits can be read', () => {
  it('holds the completed visits, and follows their edits, moves and deletions', async () => {
    const tenant = await createClinicTenant({ demo: true, settings: SETTINGS })
    const { clinic, denied } = tenant.sandbox
    denied.add('getInvoices')
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null, counters: { quarantined: 0 } })
    expect((await stored(tenant)).length).toBeGreaterThan(50)
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
    const [refused = 0, reopened = 0, dearer = 0, moved = 0, deleted = 0] = numbersOf(tenant)
    tenant.context.clock.advance(60_000)
    clinic.touch(clinic.visit(refused)).status = 'refused'
    clinic.touch(clinic.visit(reopened)).status = 'upcoming'
    const [line] = clinic.touch(clinic.visit(dearer)).lines
    if (line) line.kopecks += 100
    clinic.moveVisit(moved, hoursAgo(tenant, 1))
    clinic.deleteVisit(deleted)
    tenant.context.clock.advance(60_000)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
  })

  it('agrees after one in five answers failed', async () => {
    const tenant = await createClinicTenant({ demo: true, settings: SETTINGS })
    tenant.sandbox.denied.add('getInvoices')
    tenant.sandbox.faults.plan.rate = 0.2
    expect(await untilSucceeded(tenant)).toMatchObject({ status: 'succeeded' })
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
  })
})
