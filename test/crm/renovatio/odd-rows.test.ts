// Rows that say that they are no sales are skipped, whatever they lack; rows that say nothing go to quarantine.
import { describe, expect, it } from 'vitest'
import { createClinicTenant, hoursAgo, one, quarantined, stored, workingClinic } from '#test/renovatio.ts'
import { sync } from '#test/tenants.ts'

const BRIEF = { initialDays: 10 }
const DRAFTS = [
  { number: null },
  { number: '', value: null },
  { value: null },
  { value: 'по договору' },
  { date: null },
  { date: '', value: '' },
  { status: 'Аннулирован', status_code: 2, value: null },
]

describe('odd rows', () => {
  it('of invoices that are not paid are skipped, at every sync, and the others are stored', async () => {
    const tenant = await createClinicTenant({ settings: BRIEF })
    const { clinic, broken } = tenant.sandbox
    const patient = clinic.addPatient()
    const drafts = DRAFTS.map(() => clinic.addInvoice({ at: hoursAgo(tenant, 3), patient, kopecks: 100 }))
    for (const [n, { number }] of drafts.entries()) broken.set(`invoice:${number}`, DRAFTS[n] ?? {})
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { quarantined: 0 } })
    clinic.sell(hoursAgo(tenant, 2), 5000)
    const run = await sync(tenant)
    expect(run).toMatchObject({ status: 'succeeded', counters: { quarantined: 0, inserted: 1 } })
    expect(run.counters.skipped).toBeGreaterThanOrEqual(DRAFTS.length)
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
  })

  it('of visits that are not completed are skipped where visits are counted', async () => {
    const tenant = await createClinicTenant({ settings: BRIEF })
    const { clinic, broken, denied } = tenant.sandbox
    denied.add('getInvoices')
    const odd = [{ time_start: null }, { sum_value: 'по полису' }, { sum_value: null, services: [{ value: 'ДМС' }] }]
    for (const [n, change] of odd.entries()) {
      const status = n === 1 ? 'refused' : 'upcoming'
      const { id } = clinic.addVisit({ at: hoursAgo(tenant, 3), patient: null, kopecks: [100], status })
      broken.set(`appointment:${id}`, change)
    }
    clinic.sell(hoursAgo(tenant, 2), 5000)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { quarantined: 0, inserted: 1 } })
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
  })

  it('that are paid and lack a sum, a date or a known status go to quarantine', async () => {
    const tenant = await workingClinic(BRIEF)
    const { clinic, broken } = tenant.sandbox
    const odd = [{ value: null }, { date: null }, { status_code: '' }, { status_code: null }]
    for (let n = 1; n < 8; n += 1) clinic.sell(hoursAgo(tenant, n), 100)
    const sold = odd.map(() => clinic.sell(hoursAgo(tenant, 3), 5000).number)
    for (const [n, number] of sold.entries()) broken.set(`invoice:${number}`, odd[n] ?? {})
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(await quarantined(tenant)).toHaveLength(odd.length)
  })

  it('of a stored sale that was voided or reopened and has lost its figures keep those that are stored', async () => {
    const tenant = await workingClinic(BRIEF)
    const { clinic, broken } = tenant.sandbox
    const [voided, reopened] = [clinic.sell(hoursAgo(tenant, 3), 5000), clinic.sell(hoursAgo(tenant, 4), 6000)]
    await sync(tenant)
    broken.set(`invoice:${voided.number}`, { status_code: 3, status: 'Аннулирован', value: null })
    broken.set(`invoice:${reopened.number}`, { status_code: 0, status: 'Не оплачен', value: null, date: null })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { quarantined: 0, updated: 2 } })
    expect(await one(tenant, `invoice:${voided.number}`)).toMatchObject({ status: 'cancelled', amountMinor: 5000 })
    expect(await one(tenant, `invoice:${reopened.number}`)).toMatchObject({ status: 'unpaid', amountMinor: 6000 })
  })
})

describe('an answer of another form', () => {
  it('may have every list below a name', async () => {
    const tenant = await createClinicTenant({ demo: true, settings: BRIEF })
    tenant.sandbox.areListsWrapped = true
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { quarantined: 0 } })
    expect(tenant.sandbox.ledger().length).toBeGreaterThan(5)
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
  })

  it('may call an invoice voided beside the code of a paid one', async () => {
    const tenant = await workingClinic(BRIEF)
    const { clinic } = tenant.sandbox
    const [before, after] = [clinic.sell(hoursAgo(tenant, 3), 5000), clinic.sell(hoursAgo(tenant, 4), 6000)]
    clinic.setStatus(before.number, 'annulled')
    await sync(tenant)
    expect(await one(tenant, `invoice:${before.number}`)).toBeUndefined()
    clinic.setStatus(after.number, 'annulled')
    await sync(tenant)
    expect(await one(tenant, `invoice:${after.number}`)).toMatchObject({ status: 'cancelled' })
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
  })
})
