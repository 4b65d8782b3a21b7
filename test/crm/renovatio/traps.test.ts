// What this vendor is known to do (its README has the sources), played by the sandbox, seen from the API.
import { describe, expect, it } from 'vitest'
import { localDateTime } from '#lib/time.ts'
import {
  type ClinicTenant,
  createClinicTenant,
  hoursAgo,
  one,
  quarantined,
  stored,
  workingClinic,
} from '#test/renovatio.ts'
import { allTransactions, sync } from '#test/tenants.ts'

const DAY_HOURS = 24

function periodsOf({ sandbox }: ClinicTenant): number[] {
  const day = (text: string) => Date.parse(text.split('.').toReversed().join('-'))
  return sandbox.requests.flatMap((line) => {
    const [, from = '', to = ''] = /_from=([\d.]+).*_to=([\d.]+)/.exec(line) ?? []
    return from ? [(day(to) - day(from)) / 86_400_000] : []
  })
}

/** By how much Moscow’s clock is ahead of Lisbon’s. */
function lead({ context }: ClinicTenant): number {
  const [lisbon, moscow] = ['Europe/Lisbon', 'Europe/Moscow'].map((zone) =>
    Date.parse(localDateTime(context.clock.now(), zone)),
  )
  return (moscow ?? 0) - (lisbon ?? 0)
}

describe('periods', () => {
  it('never asks for more than 7 days', async () => {
    const tenant = await workingClinic({ initialDays: 60 })
    await sync(tenant)
    expect(periodsOf(tenant).length).toBeGreaterThan(20)
    expect(Math.max(...periodsOf(tenant))).toBeLessThanOrEqual(7)
  })

  it('halves a period that is too long for the server, which answers status 500 with a page', async () => {
    const tenant = await workingClinic({ initialDays: 30 })
    tenant.sandbox.windowDaysMax = 3
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
    expect(periodsOf(tenant).filter((days) => days > 3).length).toBeLessThan(10)
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
  })

  it('misses no invoice where the last day of a period is left out', async () => {
    const tenant = await createClinicTenant({ settings: { initialDays: 20 } })
    const { clinic } = tenant.sandbox
    tenant.sandbox.endsAreOpen = true
    const patient = clinic.addPatient()
    for (let days = 0; days < 20; days += 1) {
      clinic.addInvoice({ at: hoursAgo(tenant, days * DAY_HOURS + 1), patient, kopecks: 1000, status: 'paid' })
    }
    await sync(tenant)
    expect(await stored(tenant)).toHaveLength(20)
  })

  it('misses no visit that changed at the border of two periods, or by a clock that is ahead', async () => {
    const tenant = await createClinicTenant({ settings: { initialDays: 20, timezone: 'Europe/Lisbon' } })
    const { clinic } = tenant.sandbox
    tenant.sandbox.endsAreOpen = true
    const old = hoursAgo(tenant, 60 * DAY_HOURS)
    const changedAt = [...[2, 8, 14].map((days) => hoursAgo(tenant, days * DAY_HOURS)), hoursAgo(tenant, 0)]
    for (const at of changedAt) clinic.visit(clinic.sell(old, 1000).visitId ?? 0).updatedAt = at
    // Moscow’s clock is two or three hours ahead of the one that the settings name.
    for (const [n, visit] of [...clinic.visits.values()].entries()) {
      if (n < 3) visit.updatedAt = new Date(visit.updatedAt.getTime() - lead(tenant))
    }
    await sync(tenant)
    expect(await stored(tenant)).toHaveLength(changedAt.length)
  })

  it('cancels nothing where invoices are filtered by the day of payment instead of their date', async () => {
    const tenant = await workingClinic()
    const { clinic } = tenant.sandbox
    tenant.sandbox.filteredBy = 'paidAt'
    const late = clinic.bill(
      clinic.addVisit({ at: hoursAgo(tenant, 700), patient: null, kopecks: [5000] }),
      hoursAgo(tenant, 700),
    )
    clinic.setStatus(late.number, 'paid')
    for (let run = 0; run < 3; run += 1) expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
    expect(await one(tenant, `invoice:${late.number}`)).toMatchObject({ status: 'paid' })
  })
})

describe('payment', () => {
  it('counts a late payment of an old invoice through the visit that it touched', async () => {
    const tenant = await workingClinic({ initialDays: 30 })
    const { clinic } = tenant.sandbox
    const visit = clinic.addVisit({
      at: hoursAgo(tenant, 50 * DAY_HOURS),
      patient: clinic.addPatient(),
      kopecks: [75_000],
    })
    const { number } = clinic.bill(visit, visit.at)
    visit.updatedAt = visit.at
    await sync(tenant)
    expect(await one(tenant, `invoice:${number}`)).toBeUndefined()
    clinic.setStatus(number, 'paid')
    clinic.touch(visit)
    tenant.context.clock.advance(60_000)
    expect(await sync(tenant)).toMatchObject({ counters: { inserted: 1 } })
    const sale = await one(tenant, `invoice:${number}`)
    expect(sale).toMatchObject({ status: 'paid', amountMinor: 75_000, customer: { phone: '+79001234567' } })
    expect(Date.parse(sale.occurredAt)).toBeLessThan(hoursAgo(tenant, 49 * DAY_HOURS).getTime())
  })

  it('counts a late payment that touched no visit by the wide scan, daily or when a person asks', async () => {
    const tenant = await workingClinic({ initialDays: 40 })
    const { clinic } = tenant.sandbox
    const at = hoursAgo(tenant, 20 * DAY_HOURS)
    const { number } = clinic.addInvoice({ at, patient: clinic.addPatient(), kopecks: 75_000 })
    await sync(tenant)
    clinic.setStatus(number, 'paid')
    expect(await sync(tenant)).toMatchObject({ trigger: 'manual', counters: { inserted: 1 } })
    expect(await one(tenant, `invoice:${number}`)).toMatchObject({ status: 'paid' })
  })

  it('counts an invoice that was dated back a month when it was made', async () => {
    const tenant = await workingClinic({ initialDays: 40 })
    await sync(tenant)
    const { clinic } = tenant.sandbox
    const at = hoursAgo(tenant, 28 * DAY_HOURS)
    const { number } = clinic.addInvoice({ at, patient: clinic.addPatient(), kopecks: 75_000, status: 'paid' })
    expect(await sync(tenant)).toMatchObject({ counters: { inserted: 1 } })
    expect(await one(tenant, `invoice:${number}`)).toMatchObject({ status: 'paid' })
  })

  it('follows an invoice whose date was moved out of the period it was in', async () => {
    const tenant = await workingClinic({ initialDays: 10 })
    const { clinic } = tenant.sandbox
    const { number } = clinic.sell(hoursAgo(tenant, 50), 75_000)
    await sync(tenant)
    clinic.invoice(number).at = hoursAgo(tenant, 60 * DAY_HOURS)
    await sync(tenant)
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
    expect(await one(tenant, `invoice:${number}`)).toMatchObject({ status: 'paid' })
  })

  it('never takes a visit for a sale beside its invoice, nor a part payment for a payment', async () => {
    const tenant = await createClinicTenant()
    const { clinic } = tenant.sandbox
    const visit = clinic.addVisit({ at: hoursAgo(tenant, 3), patient: clinic.addPatient(), kopecks: [1000, 2000] })
    const [first, second] = visit.lines.map((line) => clinic.bill(visit, visit.at, [line]))
    clinic.setStatus(first?.number ?? 0, 'paid')
    clinic.setStatus(second?.number ?? 0, 'partly')
    await sync(tenant)
    expect(await stored(tenant)).toMatchObject([{ externalId: `invoice:${first?.number}`, amountMinor: 1000 }])
  })

  it('takes a negative sum for a refund', async () => {
    const tenant = await createClinicTenant()
    const { clinic } = tenant.sandbox
    clinic.addInvoice({ at: hoursAgo(tenant, 3), patient: clinic.addPatient(), kopecks: -75_050, status: 'paid' })
    await sync(tenant)
    expect(await allTransactions(tenant)).toMatchObject([{ kind: 'refund', amountMinor: -75_050, status: 'paid' }])
  })
})

describe('numbers', () => {
  it('counts an invoice once whose number has changed', async () => {
    const tenant = await workingClinic()
    const { clinic } = tenant.sandbox
    const invoice = clinic.sell(hoursAgo(tenant, 5), 123_400)
    await sync(tenant)
    const before = invoice.number
    // A date is shown with or without its time by the number, so the new one keeps the form.
    invoice.number += 4000
    await sync(tenant)
    expect(await one(tenant, `invoice:${before}`)).toMatchObject({ status: 'cancelled' })
    expect(await one(tenant, `invoice:${invoice.number}`)).toMatchObject({ status: 'paid', amountMinor: 123_400 })
  })

  it('looks twice before it believes that an invoice is gone which nothing has replaced', async () => {
    const tenant = await workingClinic()
    const { clinic } = tenant.sandbox
    const { number } = clinic.sell(hoursAgo(tenant, 5), 123_400)
    await sync(tenant)
    clinic.deleteInvoice(number)
    await sync(tenant)
    expect(await one(tenant, `invoice:${number}`)).toMatchObject({ status: 'paid' })
    await sync(tenant)
    expect(await one(tenant, `invoice:${number}`)).toMatchObject({ status: 'cancelled', amountMinor: 123_400 })
  })

  it.each([
    ['tell', { patient_mobile: '+7 (901) 765-43-21' }],
    ['do not tell', {}],
  ])('mixes up never two invoices of two patients with one number, where lists %s phones', async (_name, shown) => {
    const tenant = await createClinicTenant()
    const { clinic } = tenant.sandbox
    tenant.sandbox.broken.set('invoice:77', shown)
    const [anna, boris] = [clinic.addPatient(), clinic.addPatient({ phone: '+79017654321' })]
    // In another period, so that no list shows both.
    const at = hoursAgo(tenant, 10 * DAY_HOURS)
    clinic.addInvoice({ number: 77, at, patient: anna, kopecks: 1000, status: 'paid' })
    await sync(tenant)
    clinic.addInvoice({
      number: 77,
      at: hoursAgo(tenant, 3),
      patient: boris,
      kopecks: 5000,
      status: 'paid',
      clinicId: 2,
    })
    for (let run = 0; run < 2; run += 1) {
      await sync(tenant)
      expect(await stored(tenant)).toMatchObject([{ amountMinor: 1000, customerId: String(anna.id) }])
      expect(await quarantined(tenant)).toMatchObject([{ reason: 'another invoice has the same number' }])
    }
    // A day later only the second one is in the lists of the last days.
    tenant.context.clock.advance(25 * 3_600_000)
    await sync(tenant)
    expect(await stored(tenant)).toMatchObject([{ amountMinor: 1000, status: 'paid' }])
  })
})

describe('visits', () => {
  it('keeps the invoice of a visit that was moved and has a new id', async () => {
    const tenant = await workingClinic()
    const { clinic } = tenant.sandbox
    const sold = clinic.sell(hoursAgo(tenant, 5), 123_400)
    await sync(tenant)
    clinic.moveVisit(sold.visitId ?? 0, hoursAgo(tenant, 1))
    expect(await sync(tenant)).toMatchObject({ counters: { inserted: 0, updated: 0 } })
    expect(await one(tenant, `invoice:${sold.number}`)).toMatchObject({ status: 'paid' })
  })

  it('goes by the status word: who waits or is in the room has not completed a visit', async () => {
    const tenant = await createClinicTenant()
    const { clinic, denied, broken } = tenant.sandbox
    denied.add('getInvoices')
    const upcoming = clinic.addVisit({ at: hoursAgo(tenant, 2), patient: null, kopecks: [1000], status: 'upcoming' })
    broken.set(`appointment:${upcoming.id}`, { status_id: 4 })
    const done = clinic.addVisit({ at: hoursAgo(tenant, 2), patient: null, kopecks: [2000] })
    broken.set(`appointment:${done.id}`, { status_id: 3 })
    await sync(tenant)
    expect(await stored(tenant)).toMatchObject([{ externalId: `appointment:${done.id}`, customerId: null }])
  })
})

describe('time', () => {
  it('reads a clinic in Lisbon by Lisbon’s clock, and a branch in another zone by its own', async () => {
    const settings = { timezone: 'Europe/Lisbon', timezones: { 2: 'Atlantic/Azores' } }
    const tenant = await createClinicTenant({ zone: 'Europe/Lisbon', settings })
    const { clinic } = tenant.sandbox
    const at = hoursAgo(tenant, 10)
    const [lisbon, azores] = [1, 2].map((clinicId) => {
      const number = 1001 + clinicId
      return clinic.addInvoice({ number, at, patient: clinic.addPatient(), kopecks: 1000, status: 'paid', clinicId })
    })
    await sync(tenant)
    const timeOf = async (number = 0) => Date.parse((await one(tenant, `invoice:${number}`)).occurredAt)
    expect(await timeOf(lisbon?.number)).toBe(at.getTime())
    expect(await timeOf(azores?.number)).toBe(at.getTime() + 3_600_000)
  })

  it('takes the business’s zone where the settings name none', async () => {
    const tenant = await createClinicTenant()
    const at = hoursAgo(tenant, 10)
    tenant.sandbox.clinic.addInvoice({
      number: 1001,
      at,
      patient: tenant.sandbox.clinic.addPatient(),
      kopecks: 1,
      status: 'paid',
    })
    await sync(tenant)
    expect(Date.parse((await one(tenant, 'invoice:1001')).occurredAt)).toBe(at.getTime())
  })
})
