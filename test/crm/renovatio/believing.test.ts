// Only Renovatio's own envelope says that a key, a right or an invoice is gone. What a proxy, a firewall or a web
// server before a clinic's own installation answers is tried again; a method that alone is refused is left out.
import { describe, expect, it } from 'vitest'
import type { HttpResponse } from '#lib/egress.ts'
import { CrmError } from '#lib/crm-error.ts'
import { unwrap } from '#crm/renovatio/refusal.ts'
import type { Page } from '#crm/contract.ts'
import { cursorOf, openedSession } from '#test/pulls.ts'
import { type ClinicTenant, createClinicTenant, hoursAgo, one, stored, workingClinic } from '#test/renovatio.ts'
import { sync } from '#test/tenants.ts'

const BRIEF = { initialDays: 10 }
const PAGE = '<html><h1>403 Forbidden</h1><hr>nginx</html>'
const METHODS = ['getClinics', 'getInvoices', 'getAppointments', 'getPatient']
const BODIES = [
  ['a page', PAGE],
  ['a proxy’s JSON', '{"message":"Forbidden"}'],
  ['JSON with an error that is a text', '{"error":"unauthorized","data":{"code":401}}'],
  ['JSON with an error and no code', '{"error":1,"message":"no"}'],
  ['a success of something else', '{"error":0,"data":[]}'],
  ['nothing', ''],
] as const

async function enabledClinic(): Promise<ClinicTenant> {
  const tenant = await workingClinic(BRIEF)
  await tenant.call('POST', `${tenant.path}/test`)
  const { status } = await tenant.call('PATCH', tenant.path, { syncEnabled: true })
  if (status !== 200) throw new Error('not enabled')
  return tenant
}

const isEnabled = async ({ call, path }: ClinicTenant) => (await call('GET', path)).json.syncEnabled

/** The pages of a scheduled pull, and the error that ended it. */
async function pullOf(tenant: ClinicTenant): Promise<{ pages: Page<unknown>[]; error: unknown }> {
  const { connector, session } = await openedSession(tenant, tenant.context.clock.now())
  const pages: Page<unknown>[] = []
  try {
    for await (const page of connector.pull(session, await cursorOf(tenant))) pages.push(page)
    return { pages, error: null }
  } catch (error) {
    return { pages, error }
  }
}

const leftOutOf = (pages: readonly Page<unknown>[]) =>
  (pages.at(-1)?.leftOut ?? []).map(({ list, error }) => [list, error.reason])

function thrownBy(status: number, text: string): unknown {
  const response: HttpResponse = { status, headers: new Headers(), text, json: () => JSON.parse(text) as unknown }
  try {
    return unwrap(response, 'getInvoices')
  } catch (error) {
    return error
  }
}

describe('an answer', () => {
  it.each([400, 401, 402, 403, 404, 405, 409, 422, 451, 500])(
    'of status %i is no refusal without an envelope',
    (status) => {
      for (const [name, body] of BODIES)
        expect(thrownBy(status, body), name).toMatchObject({ kind: 'unavailable', status })
    },
  )

  it('of status 200 is an outage too when it is no envelope', () => {
    for (const body of ['{"message":"Forbidden"}', '{"error":"no"}', '{"error":1}', '[]', '5', 'null'])
      expect(thrownBy(200, body), body).toMatchObject({ kind: 'unavailable', reason: 'not_envelope' })
  })

  it.each([
    ['401', 'Unauthorized', 'auth'],
    [403, 'No access to method', 'forbidden'],
    ['404', 'Method not found', 'not_found'],
    [500, 'Неверный ключ', 'auth'],
    [500, 'Модуль отключён', 'rejected'],
    [500, 'Необработанное исключение', 'rejected'],
    [403, 'Доступ к методу не включён', 'forbidden'],
  ])('with code %j and “%s” in the envelope is %s, whatever the status is', (code, desc, kind) => {
    const text = JSON.stringify({ error: 1, data: { code, desc } })
    for (const status of [200, 401, 403, 404, 500]) expect(thrownBy(status, text)).toMatchObject({ kind })
  })
})

describe('a refusal before Renovatio', () => {
  it('A9: of every method once is tried again', async () => {
    const tenant = await enabledClinic()
    tenant.sandbox.foreign.set('*', { status: 403, body: PAGE, times: 1 })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
    expect(await isEnabled(tenant)).toBe(true)
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
  })

  it('A9: of every method at each try fails the run, leaves sync on and cancels nothing', async () => {
    const tenant = await enabledClinic()
    await sync(tenant)
    const before = await stored(tenant)
    tenant.sandbox.foreign.set('*', { status: 403, body: PAGE })
    for (let run = 0; run < 2; run += 1) {
      expect(await sync(tenant)).toMatchObject({ status: 'failed', error: { code: 'unavailable.foreign_refusal' } })
    }
    expect([await isEnabled(tenant), await stored(tenant)]).toEqual([true, before])
    tenant.sandbox.foreign.clear()
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
  })

  it('of any method, with any status, stops nothing for good and says of no sale that it is gone', async () => {
    const tenant = await enabledClinic()
    await sync(tenant)
    const { clinic, foreign } = tenant.sandbox
    // Something new, whose card is read, and something that is not shown any more, which is read by its number.
    const [at, patient] = [hoursAgo(tenant, 3), clinic.addPatient({ phone: null })]
    clinic.addInvoice({ at, patient, kopecks: 100, status: 'paid' })
    clinic.invoice(clinic.sell(at, 500).number).at = hoursAgo(tenant, 2000)
    for (const method of ['*', ...METHODS]) {
      for (const [status, body] of [
        [200, PAGE],
        [401, '{"message":"no"}'],
        [404, PAGE],
        [500, ''],
      ] as const) {
        foreign.clear()
        foreign.set(method, { status, body })
        const { pages, error } = await pullOf(tenant)
        const about = `${method} ${status}`
        if (error !== null) expect(error, about).toMatchObject({ kind: 'unavailable' })
        if (method === '*' || method === 'getInvoices') expect(error, about).toBeInstanceOf(CrmError)
        const ends = pages.flatMap(({ records }) => records).filter(({ type }) => type === 'gone' || type === 'missing')
        expect(ends, about).toEqual([])
      }
    }
  })

  it.each([
    ['A10: getPatient', 'getPatient', 'patients', { status: 403, body: PAGE }],
    ['getAppointments', 'getAppointments', 'appointments', { status: 403, body: PAGE }],
    ['getClinics', 'getClinics', 'clinics', { status: 403, body: PAGE }],
    ['getPatient with a page and status 404', 'getPatient', 'patients', { status: 404, body: PAGE }],
  ])('of %s only is a missing right: invoices go on, and it is told', async (_name, method, list, answer) => {
    const tenant = await enabledClinic()
    const { clinic, foreign, ledger } = tenant.sandbox
    clinic.addInvoice({ at: hoursAgo(tenant, 3), patient: clinic.addPatient(), kopecks: 100, status: 'paid' })
    foreign.set(method, answer)
    const { pages } = await pullOf(tenant)
    expect(leftOutOf(pages)).toEqual([[list, 'refused_alone']])
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
    expect((await stored(tenant)).map(({ externalId }) => externalId)).toEqual(ledger().map((row) => row.externalId))
    const { json } = await tenant.call('POST', `${tenant.path}/test`)
    const named = json.capabilities.find(({ name }: { name: string }) => name === list)
    expect([json.ok, named]).toEqual([true, expect.objectContaining({ ok: false, required: false })])
    expect(named.detail).toContain(method)
    expect(await isEnabled(tenant)).toBe(true)
  })

  it('of getPatient once is tried again at once, so that no phone is lost', async () => {
    const tenant = await enabledClinic()
    const { clinic, foreign, ledger } = tenant.sandbox
    clinic.addInvoice({ at: hoursAgo(tenant, 3), patient: clinic.addPatient(), kopecks: 100, status: 'paid' })
    foreign.set('getPatient', { status: 403, body: PAGE, times: 1 })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(await stored(tenant)).toEqual(ledger())
  })

  it('of getAppointments is an outage where visits are what counts', async () => {
    const tenant = await workingClinic(BRIEF)
    tenant.sandbox.denied.add('getInvoices')
    await sync(tenant)
    await tenant.call('POST', `${tenant.path}/test`)
    await tenant.call('PATCH', tenant.path, { syncEnabled: true })
    tenant.sandbox.foreign.set('getAppointments', { status: 403, body: PAGE })
    expect(await sync(tenant)).toMatchObject({ status: 'failed', error: { kind: 'unavailable' } })
    expect(await isEnabled(tenant)).toBe(true)
  })
})

describe('a refusal of one method in the envelope', () => {
  it('is told with every page, and an answer too', async () => {
    const tenant = await workingClinic(BRIEF)
    tenant.sandbox.denied.add('getPatient').add('getClinics')
    const { clinic } = tenant.sandbox
    clinic.addInvoice({ at: hoursAgo(tenant, 3), patient: clinic.addPatient(), kopecks: 100, status: 'paid' })
    const { pages } = await pullOf(tenant)
    expect(leftOutOf(pages)).toEqual([
      ['clinics', 'right_missing'],
      ['patients', 'right_missing'],
    ])
    expect(pages.at(-1)).toMatchObject({ answered: ['appointments'] })
  })

  it('with code 401 is no word about the key while it reads invoices', async () => {
    const tenant = await enabledClinic()
    const { clinic, refusals } = tenant.sandbox
    clinic.addInvoice({ at: hoursAgo(tenant, 3), patient: clinic.addPatient(), kopecks: 100, status: 'paid' })
    refusals.set('getPatient', { code: 401, desc: 'Unauthorized' })
    expect(leftOutOf((await pullOf(tenant)).pages)).toEqual([['patients', 'refused_alone']])
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(await isEnabled(tenant)).toBe(true)
  })

  it('D12: keeps no phone unknown that a visit shows: a sync that a person or a new rule asks for brings it', async () => {
    const tenant = await createClinicTenant({ settings: BRIEF })
    const { clinic, denied, ledger } = tenant.sandbox
    denied.add('getPatient').add('getAppointments')
    clinic.sell(hoursAgo(tenant, 100), 5000)
    const single = clinic.sell(hoursAgo(tenant, 200), 7000)
    clinic.visit(single.visitId ?? 0).updatedAt = hoursAgo(tenant, 900)
    await sync(tenant)
    expect((await stored(tenant)).map(({ phone }) => phone)).toEqual([null, null])
    denied.delete('getAppointments')
    expect(await sync(tenant)).toMatchObject({ counters: { updated: 2 } })
    expect(await stored(tenant)).toEqual(ledger())
    expect(await one(tenant, `invoice:${single.number}`)).toMatchObject({ customer: { phone: '+79001234567' } })
  })
})
