// A key carries rights per method, and clinics give different ones; they can be given and taken away at any time.
import { describe, expect, it } from 'vitest'
import { runSlice } from '#sync/run-slice.ts'
import { openScheduled, runOf } from '#test/pages.ts'
import { type ClinicTenant, createClinicTenant, hoursAgo, one, stored, workingClinic } from '#test/renovatio.ts'
import { allTransactions, sync } from '#test/tenants.ts'

const BRIEF = { initialDays: 10 }

interface Shown {
  readonly name: string
  readonly ok: boolean
  readonly required: boolean
  readonly detail: string
}

async function report(tenant: ClinicTenant, language = 'en') {
  const { json } = await tenant.call('POST', `${tenant.path}/test`, undefined, { 'accept-language': language })
  const named = (name: string): Shown => json.capabilities.find((shown: Shown) => shown.name === name)
  return { ok: json.ok, account: json.account, sample: json.sample, named }
}

const methodsOf = ({ sandbox }: ClinicTenant) => sandbox.requests.map((line) => line.split(' ')[1])

describe('the key', () => {
  it('is sent in the form of a POST and never in an address', async () => {
    const tenant = await workingClinic(BRIEF)
    await sync(tenant)
    expect(tenant.sandbox.requests.length).toBeGreaterThan(5)
    expect(tenant.sandbox.requests.join('\n')).not.toContain(tenant.sandbox.credentials.apiKey)
  })

  it.each([
    ['code 401', { code: 401, desc: 'Unauthorized' }],
    ['code 403 and a word about the key', { code: 403, desc: 'Неверный api_key' }],
    ['code 500 and a word about the key', { code: 500, desc: 'Неверный ключ' }],
    ['code "404" and a word about the key', { code: '404', desc: 'API key not found' }],
  ])('stops the sync for a person when it is refused with %s', async (_name, refusal) => {
    const tenant = await workingClinic(BRIEF)
    tenant.sandbox.credentials.apiKey = 'another'
    tenant.sandbox.keyRefusal = refusal
    expect(await sync(tenant)).toMatchObject({ status: 'failed', attempt: 0, error: { kind: 'auth' } })
    const { ok, named } = await report(tenant)
    expect([ok, named('credentials').ok, named('credentials').detail]).toEqual([
      ...[false, false, expect.stringMatching(/does not accept the API key/)],
    ])
  })

  it('may lack getClinics: the branches then have no names', async () => {
    const tenant = await workingClinic(BRIEF)
    tenant.sandbox.denied.add('getClinics')
    const { ok, account, named } = await report(tenant)
    expect([ok, account, named('clinics')]).toEqual([
      true,
      null,
      expect.objectContaining({ ok: false, required: false }),
    ])
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect((await allTransactions(tenant))[0]).toMatchObject({ location: { externalId: '1', name: null } })
  })

  it('names a clinic that was opened since the names were read, which else are read once a day', async () => {
    const tenant = await workingClinic(BRIEF)
    const { sandbox } = tenant
    const reads = () => methodsOf(tenant).filter((method) => method === '/getClinics').length
    const poll = async (laterMs = 600_000) => {
      tenant.context.clock.advance(laterMs)
      const id = await openScheduled(tenant)
      await runSlice(tenant.context, id)
      expect(await runOf(tenant, id)).toMatchObject({ status: 'succeeded' })
    }
    await sync(tenant)
    await poll()
    expect(reads()).toBe(1)
    sandbox.clinics[3] = 'Клиника на Горной'
    const { number } = sandbox.clinic.sell(hoursAgo(tenant, 0), 1000)
    sandbox.clinic.invoice(number).clinicId = 3
    await poll()
    expect(await one(tenant, `invoice:${number}`)).toMatchObject({ location: { name: 'Клиника на Горной' } })
    await poll()
    expect(reads()).toBe(2)
    await poll(86_400_000)
    expect(reads()).toBe(3)
  })

  it('may lack getAppointments: invoices are enough, and phones come from the patients’ cards', async () => {
    const tenant = await workingClinic(BRIEF)
    tenant.sandbox.denied.add('getAppointments')
    const { ok, named } = await report(tenant)
    expect([ok, named('appointments')]).toEqual([true, expect.objectContaining({ ok: false, required: false })])
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
    expect(methodsOf(tenant).filter((method) => method === '/getAppointments').length).toBeLessThan(5)
  })

  it('may lack getPatient: phones come from the visits', async () => {
    const tenant = await workingClinic(BRIEF)
    tenant.sandbox.denied.add('getPatient')
    const { ok, named } = await report(tenant)
    expect([ok, named('patients')]).toEqual([true, expect.objectContaining({ ok: false, required: false })])
    await sync(tenant)
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
  })

  it('D12: may lack getPatient where a single sale is read: its phone comes from its visit', async () => {
    const tenant = await createClinicTenant({ settings: BRIEF })
    tenant.sandbox.denied.add('getPatient')
    const { clinic } = tenant.sandbox
    const at = hoursAgo(tenant, 300)
    const visit = clinic.addVisit({ at, patient: clinic.addPatient(), kopecks: [190_000] })
    const { number } = clinic.bill(visit, hoursAgo(tenant, 100))
    clinic.setStatus(number, 'paid')
    // Long enough ago not to be read as a changed visit.
    visit.updatedAt = at
    await sync(tenant)
    expect(await one(tenant, `invoice:${number}`)).toMatchObject({ customer: { phone: '+79001234567' } })
  })

  it('may see no phones at all, which the test tells; a backfill brings them once it may', async () => {
    const tenant = await workingClinic(BRIEF)
    const { denied, ledger } = tenant.sandbox
    denied.add('getPatient').add('getAppointments')
    const { ok, named } = await report(tenant, 'ru')
    expect([ok, named('client_phones')]).toEqual([
      ...[true, expect.objectContaining({ ok: false, required: false, detail: expect.stringMatching(/Телефоны/) })],
    ])
    await sync(tenant)
    expect(await stored(tenant)).toEqual(ledger().map((entry) => ({ ...entry, phone: null })))
    denied.clear()
    await tenant.call('POST', `${tenant.path}/backfill`, { from: hoursAgo(tenant, 240).toISOString() })
    await tenant.context.drain()
    expect(await stored(tenant)).toEqual(ledger())
  })

  it('with no right to any kind of sale is told what to allow', async () => {
    const tenant = await workingClinic(BRIEF)
    tenant.sandbox.denied.add('getInvoices').add('getAppointments')
    const { ok, named } = await report(tenant)
    expect([ok, named('credentials').ok]).toEqual([false, true])
    expect(named('invoices')).toMatchObject({ ok: false, required: true, detail: expect.stringMatching(/getInvoices/) })
    const run = await sync(tenant)
    expect(run).toMatchObject({ status: 'failed', attempt: 0, error: { code: 'forbidden.nothing_readable' } })
    expect((await tenant.call('GET', tenant.path)).json.syncEnabled).toBe(false)
  })
})

describe('versions', () => {
  it.each(['getInvoices', 'getAppointments'])(
    'finds %s below v2 where the first version does not have it',
    async (method) => {
      const tenant = await workingClinic(BRIEF)
      tenant.sandbox.absent.add(method)
      expect((await report(tenant)).ok).toBe(true)
      expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
      expect(methodsOf(tenant)).toContain(`/v2/${method}`)
      expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
    },
  )

  it('counts visits, by the second version’s names too, where neither has invoices', async () => {
    const tenant = await workingClinic(BRIEF)
    tenant.sandbox.absent.add('getInvoices').add('v2/getInvoices').add('getAppointments')
    tenant.sandbox.denied.add('getInvoices')
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
  })
})

describe('rights that change', () => {
  it('say that a visit is no proof of payment while invoices cannot be read', async () => {
    const tenant = await workingClinic(BRIEF)
    tenant.sandbox.denied.add('getInvoices')
    const { ok, named, sample } = await report(tenant)
    expect(ok).toBe(true)
    expect(named('invoices')).toMatchObject({
      ok: false,
      required: false,
      detail: expect.stringMatching(/nobody confirms/),
    })
    expect(sample[0].externalId).toMatch(/^appointment:\d+$/)
  })

  it('count no visit beside its invoices once they can be read, and follow the visits that were counted', async () => {
    const tenant = await workingClinic(BRIEF)
    const { clinic, denied } = tenant.sandbox
    const [refused, repriced, kept] = [3, 4, 5].map((hours) => clinic.sell(hoursAgo(tenant, hours), hours * 1000))
    denied.add('getInvoices')
    await sync(tenant)
    const before = await stored(tenant)
    expect(before.every(({ externalId }) => externalId.startsWith('appointment:'))).toBe(true)
    denied.clear()
    const fresh = clinic.sell(hoursAgo(tenant, 2), 7000)
    clinic.touch(clinic.visit(repriced?.visitId ?? 0)).lines[0] = {
      id: 1,
      title: '',
      kopecks: 4500,
      invoice: repriced?.number ?? 0,
    }
    clinic.invoice(repriced?.number ?? 0).kopecks = 4500
    tenant.context.clock.advance(60_000)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 1, updated: 1 } })
    expect(await one(tenant, `invoice:${fresh.number}`)).toMatchObject({ status: 'paid', amountMinor: 7000 })
    expect(await one(tenant, `appointment:${repriced?.visitId}`)).toMatchObject({ status: 'paid', amountMinor: 4500 })
    expect(await one(tenant, `invoice:${kept?.number}`)).toBeUndefined()
    // A counted visit that is refused hands its paid invoice back.
    clinic.touch(clinic.visit(refused?.visitId ?? 0)).status = 'refused'
    tenant.context.clock.advance(60_000)
    for (let run = 0; run < 2; run += 1) await sync(tenant)
    expect(await one(tenant, `appointment:${refused?.visitId}`)).toMatchObject({ status: 'cancelled' })
    expect(await one(tenant, `invoice:${refused?.number}`)).toMatchObject({ status: 'paid' })
    const paid = (await stored(tenant)).filter(({ status }) => status === 'paid')
    const sum = (sums: readonly number[]) => sums.reduce((all, one) => all + one, 0)
    const billed = sum(clinic.invoices.map(({ kopecks }) => kopecks))
    expect(sum(paid.map(({ amountMinor }) => amountMinor))).toBe(billed)
  })

  it.each(['the next sync', 'a sync after new settings', 'a backfill'])(
    'stop for a person at %s when invoices were counted and cannot be read any more: nothing is counted twice',
    async (when) => {
      const tenant = await workingClinic(BRIEF)
      await sync(tenant)
      const before = await stored(tenant)
      tenant.sandbox.denied.add('getInvoices')
      if (when === 'a sync after new settings')
        await tenant.call('PATCH', tenant.path, { additionalConfig: { initialDays: 9 } })
      const path = when === 'a backfill' ? 'backfill' : 'sync'
      const { json } = await tenant.call(
        'POST',
        `${tenant.path}/${path}`,
        when === 'a backfill' ? { from: '2026-01-01T00:00:00Z' } : undefined,
      )
      await tenant.context.drain()
      expect((await tenant.call('GET', `${tenant.path}/runs/${json.id}`)).json).toMatchObject({
        ...{
          status: 'failed',
          error: { code: 'forbidden.right_missing', message: expect.stringMatching(/getInvoices/) },
        },
      })
      expect(await stored(tenant)).toEqual(before)
      const { ok, named } = await report(tenant)
      expect([ok, named('invoices')]).toEqual([false, expect.objectContaining({ ok: false, required: true })])
    },
  )
})

describe('branches', () => {
  it('counts the clinics of the settings only, and follows a sale that moves to another', async () => {
    const tenant = await createClinicTenant({ demo: true, settings: { ...BRIEF, clinicIds: [2] } })
    await sync(tenant)
    const ours = tenant.sandbox.clinic.invoices.filter(({ clinicId, shownAt }) => clinicId === 2 && shownAt)
    expect(ours.length).toBeGreaterThan(5)
    expect((await stored(tenant)).map(({ externalId }) => externalId)).toEqual(
      ours.map(({ number }) => `invoice:${number}`).toSorted(),
    )
    const [moved] = ours
    Object.assign(moved ?? {}, { clinicId: 1 })
    await sync(tenant)
    expect(await one(tenant, `invoice:${moved?.number}`)).toMatchObject({
      status: 'paid',
      location: { externalId: '1' },
    })
  })

  it('asks for several clinics one after the other, and misses none of their sales', async () => {
    const tenant = await createClinicTenant({ demo: true, settings: { ...BRIEF, clinicIds: ['1', 2, '2'] } })
    const { clinic } = tenant.sandbox
    const [at, patient] = [hoursAgo(tenant, 30), clinic.addPatient()]
    const sold = [1, 2].map((clinicId) => clinic.addInvoice({ at, patient, kopecks: 1000, status: 'paid', clinicId }))
    tenant.sandbox.faults.plan.every = 5
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
    for (const { number } of sold) expect(await one(tenant, `invoice:${number}`)).toMatchObject({ status: 'paid' })
    clinic.deleteInvoice(sold[0]?.number ?? 0)
    for (let run = 0; run < 2; run += 1) expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
  })

  it('names the clinics there are when the settings name one that is not there', async () => {
    const tenant = await workingClinic({ ...BRIEF, clinicIds: [1, 9] })
    const { ok, named } = await report(tenant)
    expect([ok, named('clinics')]).toEqual([
      ...[false, expect.objectContaining({ ok: false, detail: expect.stringMatching(/number 9\..*1 – Клиника/) })],
    ])
  })
})
