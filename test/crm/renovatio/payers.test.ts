// Who pays: a list of invoices tells a patient's number at best.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import type { Page } from '#crm/contract.ts'
import { renovatio } from '#crm/renovatio/index.ts'
import { findForSession } from '#integrations/queries.ts'
import { openSession } from '#connections/session.ts'
import { createClinicTenant, hoursAgo, one, stored, workingClinic } from '#test/renovatio.ts'
import { allTransactions, sync } from '#test/tenants.ts'

const BRIEF = { initialDays: 10 }
const PHONE = '+79001234567'

describe('customers', () => {
  it('stay two where a family shares one phone', async () => {
    const tenant = await createClinicTenant({ settings: BRIEF })
    const { clinic } = tenant.sandbox
    const family = [clinic.addPatient({ first: 'Анна' }), clinic.addPatient({ first: 'Пётр' })]
    for (const patient of family) clinic.sell(hoursAgo(tenant, 3), 1000, patient)
    await sync(tenant)
    const customers = (await allTransactions(tenant)).map(({ customer }) => [customer.externalId, customer.phone])
    expect(customers).toEqual(family.map(({ id }) => [String(id), PHONE]))
  })

  it('are asked for by card only where no visit tells their phone, each once in a sync', async () => {
    const tenant = await workingClinic(BRIEF)
    const { clinic, requests } = tenant.sandbox
    const patient = clinic.addPatient({ phone: '+79017654321' })
    for (let hours = 2; hours < 5; hours += 1) {
      clinic.addInvoice({ at: hoursAgo(tenant, hours), patient, kopecks: 100, status: 'paid' })
    }
    await sync(tenant)
    await sync(tenant)
    const cards = requests.filter((line) => line.includes('getPatient'))
    expect(cards).toEqual([`POST /getPatient id=${patient.id}`])
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
  })

  it('do not hold up a sale when their card cannot be read, or is somebody else’s', async () => {
    const tenant = await createClinicTenant({ settings: BRIEF })
    const { clinic, refusals, ledger } = tenant.sandbox
    const sell = () =>
      clinic.addInvoice({ at: hoursAgo(tenant, 3), patient: clinic.addPatient(), kopecks: 100, status: 'paid' })
    refusals.set('getPatient', { code: 500, desc: 'Пациент не найден' })
    sell()
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(await stored(tenant)).toEqual(ledger().map((entry) => ({ ...entry, phone: null })))
    refusals.clear()
    const { number, patient } = sell()
    clinic.patients.set(patient.id, clinic.addPatient({ phone: '+79990000000' }))
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    // A sync that a person asks for looks again for the phone that is not known yet.
    const phoneOf = (externalId: string) => (externalId === `invoice:${number}` ? null : PHONE)
    expect(await stored(tenant)).toEqual(ledger().map((row) => ({ ...row, phone: phoneOf(row.externalId) })))
  })

  it('get the phone that a changed visit tells, and lose none to a list that tells no phone', async () => {
    const tenant = await workingClinic(BRIEF)
    const { clinic, denied } = tenant.sandbox
    const patient = clinic.addPatient({ phone: null })
    const sold = clinic.sell(hoursAgo(tenant, 3), 1000, patient)
    await sync(tenant)
    expect(await one(tenant, `invoice:${sold.number}`)).toMatchObject({ customer: { phone: null } })
    patient.phone = '+79017654321'
    clinic.touch(clinic.visit(sold.visitId ?? 0))
    tenant.context.clock.advance(60_000)
    expect(await sync(tenant)).toMatchObject({ counters: { updated: 1 } })
    denied.add('getAppointments').add('getPatient')
    expect(await sync(tenant)).toMatchObject({ counters: { updated: 0 } })
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
  })
})

describe('a poll that nobody asked for', () => {
  it('takes two calls, one look at what is stored and one write, whatever the day before brought', async () => {
    const tenant = await createClinicTenant({ settings: BRIEF })
    const { context, integrationId, sandbox } = tenant
    for (let hours = 1; hours < 20; hours += 1) sandbox.clinic.sell(hoursAgo(tenant, hours), 1000)
    const unpaid = { at: hoursAgo(tenant, 2), patient: sandbox.clinic.addPatient(), kopecks: 100 }
    sandbox.clinic.addInvoice({ ...unpaid, status: 'unpaid' })
    await sync(tenant)
    const row = await findForSession(context.db, integrationId, null)
    if (!row) throw new Error('no integration')
    const session = await openSession(context, row)
    const { rows } = await context.db.execute<{ cursor: unknown }>(
      sql`select cursor from crm_integrations where id = ${integrationId}::uuid`,
    )
    const settings = renovatio.settings.parse(session.settings)
    sandbox.requests.length = 0
    const pages: Page<unknown>[] = []
    const looks = new Set<Promise<void>>()
    let look: Promise<void> | null = null
    // What is asked at once is one request.
    const noteLook = () => void looks.add((look ??= Promise.resolve().then(() => void (look = null))))
    const storedIds: typeof session.storedIds = async (scope) => (noteLook(), session.storedIds(scope))
    const storedSales: typeof session.storedSales = async (among) => {
      if (among.length > 0) noteLook()
      return session.storedSales(among)
    }
    const cursor = renovatio.cursor.parse(rows[0]?.cursor)
    const pulled = renovatio.pull({ ...session, settings, storedIds, storedSales }, cursor)
    for await (const page of pulled) pages.push(page)
    const methods = sandbox.requests.map((line) => line.split(' ')[1])
    expect(methods).toEqual(['/getInvoices', '/getAppointments'])
    expect(looks.size).toBe(1)
    expect(pages.map(({ mayWait = false, isLast = false }) => [mayWait, isLast])).toEqual([
      [true, false],
      [false, true],
    ])
  })
})
