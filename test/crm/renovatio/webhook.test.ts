// What Renovatio sends, by its documented events and the oddities of its bodies; sources: the connector's README.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { webhook } from '#crm/renovatio/webhook.ts'
import { type ClinicTenant, hoursAgo, one, workingClinic } from '#test/renovatio.ts'
import { deliver, deliveriesOf, takeAll, workOffHooks } from '#test/hooks.ts'
import { allTransactions, sync } from '#test/tenants.ts'

const FORM = 'application/x-www-form-urlencoded'
const bodyOf = (text: string, contentType: string | null = FORM) => ({
  contentType,
  bytes: Uint8Array.from(new TextEncoder().encode(text)),
})

function eventsOf(text: string, contentType?: string | null) {
  const parsed = webhook.parse(bodyOf(text, contentType))
  if (parsed.type === 'unreadable') throw new Error(parsed.reason)
  return parsed.events
}
const hintsOf = (text: string, contentType?: string | null) =>
  eventsOf(text, contentType).map(({ hint }) => hint?.externalId ?? null)

const VISIT = 'data[id]=47338&data[clinic_id]=1&data[status]=upcoming&data[services][0][invoice_number]=16762'
const INVOICE =
  'data[number]=16762&data[date]=27.03.2025&data[value]=2220&data[status]=Оплачен&data[patient]=Кедрова Анна&data[patient_birth_date]=01.02.1990&data[patient_mobile]=+7 (900) 123-45-67'

describe('an event of Renovatio', () => {
  it.each([
    ['full_payment_invoice', INVOICE, ['invoice:16762']],
    ['create_invoice', INVOICE, ['invoice:16762']],
    ['create_appointment', VISIT, ['appointment:47338']],
    ['update_appointment', VISIT.replaceAll('data[', 'data[0]['), ['appointment:47338']],
    ['cancel_appointment', VISIT, ['appointment:47338']],
    ['create_patient', 'data[patient_id]=42011&data[mobile]=79001234567', []],
    ['full_ready_lab_result', 'data[appointment_id]=47338&data[files][0][body]=JVBERi0=', []],
    ['part_ready_lab_result', 'data[appointment_id]=47338&data[files][0][body]=JVBERi0=', []],
    ['brand_new', VISIT, []],
  ])('%s: %s points at %j', (event, data, hints) => {
    expect(hintsOf(`event=${event}&date=27.03.2025 13:10&${data}`)).toEqual(hints)
  })

  it.each([
    ['with encoded names, as it is sent', encodeURI(`${VISIT}&event=update_appointment`).replaceAll('[', '%5B'), FORM],
    ['without the content type', `event=update_appointment&${VISIT}`, null],
    ['as JSON', '{"event":"update_appointment","data":[{"id":"47338","clinic_id":1}]}', 'application/json'],
    ['as JSON that is called a form, with a BOM', '\uFEFF{"event":"update_appointment","data":{"id":47338}}', FORM],
    ['with a gap in the list', 'event=update_appointment&data[3][id]=47338', FORM],
    [
      'with names that would reach a prototype',
      `event=update_appointment&${VISIT}&__proto__[id]=1&data[__proto__][id]=2`,
      FORM,
    ],
  ])('is read %s', (_, body, contentType) => expect(hintsOf(body, contentType)).toEqual(['appointment:47338']))

  it('of a visit that is moved points at the new one too', () => {
    const moved = `event=cancel_appointment&${VISIT}&data[moved_to]=47400&data[moved_from]=`
    expect(hintsOf(moved)).toEqual(['appointment:47338', 'appointment:47400'])
  })

  it('of a visit that was not moved says so by 0', () => {
    expect(hintsOf(`event=update_appointment&${VISIT}&data[moved_to]=0`)).toEqual(['appointment:47338'])
    const body = '{"event":"cancel_appointment","data":{"id":47338,"moved_to":0,"moved_from":0}}'
    expect(hintsOf(body, 'application/json')).toEqual(['appointment:47338'])
  })

  it('of an invoice points at its visit where that is told, and takes no other id for a visit’s', () => {
    expect(hintsOf(`event=create_invoice&${INVOICE}&data[id]=5&data[appointment_id]=47338`)).toEqual([
      ...['invoice:16762', 'appointment:47338'],
    ])
  })

  it('tells no version: its times are whole minutes, and the same body once more may be news', () => {
    const events = eventsOf(`event=update_appointment&${VISIT}&data[date_updated]=27.03.2025 13:05`)
    expect(events).toMatchObject([{ version: null, account: '1' }])
  })

  it('that cannot be read makes all changes be looked at, when others of its list can', () => {
    expect(hintsOf('event=update_appointment&data[0][id]=x&data[1][id]=47338')).toEqual([null, 'appointment:47338'])
  })

  it.each([
    ...['event=update_appointment', 'event=full_payment_invoice&data=16762', 'event=create_invoice&data[number]=x'],
    ...['data[id]=5', 'event[x]=5&data[id]=5', '{"event":5}', '[1]', '<html>', ''],
  ])('is none: %j', (body) => expect(webhook.parse(bodyOf(body)).type).toBe('unreadable'))

  it('belongs to a clinic of the settings; where none are named, to any', () => {
    const owns = (clinicIds: string[]) =>
      webhook.owns?.('2', { settings: { clinicIds, timezones: {}, initialDays: 90, adaptive: false }, apiUrl: '' })
    expect([owns([]), owns(['1', '2']), owns(['1'])]).toEqual([true, true, false])
  })
})

describe('what is kept of a body', () => {
  const kept = (text: string) => webhook.keep?.(bodyOf(text)) ?? bodyOf('')
  const textOf = (text: string) => new TextDecoder().decode(kept(text).bytes)

  it.each([
    `event=full_payment_invoice&date=27.03.2025 13:10&${INVOICE}&data[appointment_id]=5`,
    `event=cancel_appointment&date=27.03.2025 13:10&${VISIT}&data[moved_to]=47400&data[patient_name]=Кедрова`,
    'event=update_appointment&data[0][id]=x&data[1][id]=47338',
  ])('tells the same, twice over: %s', (text) => {
    const again = webhook.keep?.(kept(text)) ?? bodyOf('')
    for (const body of [kept(text), again]) expect(webhook.parse(body)).toEqual(webhook.parse(bodyOf(text)))
  })

  it('is figures and dates: no names, contacts, services or words in the place of a figure', () => {
    const said = `event=full_payment_invoice&date=Диагноз&${INVOICE}&data[clinic_id]=Онкология&data[services][0][title]=Анализ&data[services][0][value]=Гепатит&data[services][0][invoice_number]=Гепатит&data[comment]=Гепатит`
    expect(JSON.parse(textOf(said))).toEqual([
      {
        event: 'full_payment_invoice',
        date: '',
        data: [
          {
            ...{ id: null, number: '16762', appointment_id: null, clinic_id: null, moved_to: null },
            ...{ date: '27.03.2025', services: [{ invoice_number: null }] },
          },
        ],
      },
    ])
  })
})

/** A clinic that is synced and sends its hooks; nothing is on its way. */
async function sendingClinic(settings: object = {}, denied: readonly string[] = []): Promise<ClinicTenant> {
  const tenant = await workingClinic({ initialDays: 10, ...settings })
  for (const method of denied) tenant.sandbox.denied.add(method)
  const { webhookUrl } = (await tenant.call('PATCH', tenant.path, { syncEnabled: true })).json
  await sync(tenant)
  tenant.sandbox.hooks.address?.(webhookUrl)
  return tenant
}

async function send(tenant: ClinicTenant, body: string): Promise<number> {
  const url = tenant.sandbox.hookUrl ?? ''
  const { status } = await deliver(tenant, { url, method: 'POST', headers: { 'content-type': FORM }, body })
  return status
}

/** Everything that was sent arrives, and is worked off. */
async function receive(tenant: ClinicTenant, events: RegExp = /./): Promise<void> {
  for (const delivery of takeAll(tenant.sandbox.hooks).filter(({ body }) => events.test(body))) {
    await deliver(tenant, delivery)
  }
  await workOffHooks(tenant)
}

const sell = (tenant: ClinicTenant, kopecks = 77_700) => tenant.sandbox.clinic.sell(hoursAgo(tenant, 1), kopecks)
const inboxOf = async (tenant: ClinicTenant) =>
  (await deliveriesOf(tenant)).map(({ status, reason }) => [status, reason?.code ?? null])

describe('a hook', () => {
  it('waits for what a read right after it does not show yet', async () => {
    const tenant = await sendingClinic()
    const { number } = sell(tenant)
    let reads = 0
    tenant.sandbox.onList = () => void (tenant.sandbox.emptyReads = (reads += 1) < 8)
    await receive(tenant)
    expect(await one(tenant, `invoice:${number}`)).toMatchObject({ status: 'paid', amountMinor: 77_700 })
    expect((await deliveriesOf(tenant)).some(({ attempts }) => attempts > 1)).toBe(true)
  })

  it('of an invoice that has got another number leaves the money there once', async () => {
    const tenant = await sendingClinic()
    const { clinic } = tenant.sandbox
    const sold = sell(tenant)
    await receive(tenant)
    const before = sold.number
    sold.number += 5000
    clinic.setStatus(sold.number, 'paid')
    await receive(tenant)
    expect(await one(tenant, `invoice:${before}`)).toMatchObject({ status: 'cancelled' })
    expect(await one(tenant, `invoice:${sold.number}`)).toMatchObject({ status: 'paid' })
  })

  it('that comes again within the minute is news, when the first is worked off', async () => {
    const tenant = await sendingClinic()
    const sold = sell(tenant)
    const body = `event=update_appointment&date=27.03.2025 13:10&data[0][id]=${sold.visitId}`
    await send(tenant, body)
    await workOffHooks(tenant)
    sold.kopecks = 88_800
    await send(tenant, body)
    await workOffHooks(tenant)
    expect(await one(tenant, `invoice:${sold.number}`)).toMatchObject({ amountMinor: 88_800 })
  })

  it('of a branch that is not counted stores nothing, whether it tells the branch or not', async () => {
    const tenant = await sendingClinic({ clinicIds: [1] })
    const { clinic } = tenant.sandbox
    const before = await allTransactions(tenant)
    const [at, patient] = [hoursAgo(tenant, 1), clinic.addPatient()]
    clinic.addInvoice({ at, patient, kopecks: 5000, clinicId: 2, status: 'paid' })
    await receive(tenant, /full_payment/)
    clinic.touch(clinic.addVisit({ at, patient, kopecks: [5000], clinicId: 2 }))
    await receive(tenant, /update_appointment/)
    expect(await inboxOf(tenant)).toEqual([
      ['rejected', 'foreign_account'],
      ['done', null],
    ])
    expect(await allTransactions(tenant)).toEqual(before)
  })

  it('with the result of a laboratory is answered and dropped, however large it is', async () => {
    const tenant = await sendingClinic()
    const result = 'event=full_ready_lab_result&data[appointment_id]=47338&data[files][0][body]='
    expect(await send(tenant, result + 'A'.repeat(2_000_000))).toBe(200)
    expect(await send(tenant, result + 'A'.repeat(500_000))).toBe(200)
    expect(await inboxOf(tenant)).toEqual([
      ['ignored', 'not_followed'],
      ['ignored', 'too_large'],
    ])
    const { rows } = await tenant.context.db.execute(
      sql`select 1 from webhook_deliveries where integration_id = ${tenant.integrationId}::uuid and body is not null`,
    )
    expect(rows).toEqual([])
  })

  it('leaves nobody’s name or phone and nothing medical in the inbox, readable or not', async () => {
    const tenant = await sendingClinic()
    sell(tenant)
    await receive(tenant)
    await send(
      tenant,
      `event=create_invoice&data[patient]=Кедрова&data[comment]=Гепатит&data[patient_mobile]=79001234567`,
    )
    await send(tenant, 'Гепатит%')
    const { rows } = await tenant.context.db.execute<{ kept: string }>(sql`
      select jsonb_agg(to_jsonb(d) || jsonb_build_object('body', convert_from(d.body, 'UTF8')))::text as kept
      from webhook_deliveries d where d.integration_id = ${tenant.integrationId}::uuid`)
    const seen = [rows[0]?.kept, ...tenant.context.logged].join('\n')
    expect(await inboxOf(tenant)).toEqual(expect.arrayContaining([['rejected', 'unreadable']]))
    expect(seen).toContain('full_payment_invoice')
    for (const word of ['Кедрова', '79001234567', '(900)', 'Гепатит', '%D0', 'Приём', 'психиатр', '01.02.1990'])
      expect(seen).not.toContain(word)
  })
})

describe('where the key may not read', () => {
  it('invoices, their hooks make the visit be read again, and are marked so', async () => {
    const tenant = await sendingClinic({}, ['getInvoices'])
    const sold = sell(tenant)
    await receive(tenant, /full_payment/)
    expect(await one(tenant, `appointment:${sold.visitId}`)).toMatchObject({ status: 'paid', amountMinor: 77_700 })
    expect(await one(tenant, `invoice:${sold.number}`)).toBeUndefined()
    expect(await inboxOf(tenant)).toEqual([['done', 'read_instead']])
    const [{ reason }] = await deliveriesOf(tenant)
    expect(reason.message).toMatch(/what belongs to it was read/)
  })

  it('invoices, a payment days after the visit makes the visit be read all the same', async () => {
    const tenant = await sendingClinic({}, ['getInvoices'])
    const { clinic } = tenant.sandbox
    const at = hoursAgo(tenant, 5 * 24)
    const visit = clinic.addVisit({ at, patient: clinic.addPatient(), kopecks: [5000], status: 'upcoming' })
    const { number } = clinic.bill(visit, at)
    visit.status = 'completed'
    clinic.setStatus(number, 'paid')
    await receive(tenant, /full_payment/)
    expect(await one(tenant, `appointment:${visit.id}`)).toMatchObject({ status: 'paid', amountMinor: 5000 })
  })

  it('visits, the invoices that their hooks name are read, and they are marked so', async () => {
    const tenant = await sendingClinic({}, ['getAppointments'])
    const sold = sell(tenant)
    await receive(tenant, /update_appointment/)
    expect(await one(tenant, `invoice:${sold.number}`)).toMatchObject({ status: 'paid', amountMinor: 77_700 })
    expect(await inboxOf(tenant)).toEqual([['done', 'read_instead']])
  })

  it('invoices any more, nothing is counted twice: the hook fails for a person to see', async () => {
    const tenant = await sendingClinic()
    const before = await allTransactions(tenant)
    tenant.sandbox.denied.add('getInvoices')
    sell(tenant)
    await receive(tenant, /update_appointment|full_payment/)
    expect(await inboxOf(tenant)).toEqual([
      ['failed', 'forbidden.right_missing'],
      ['failed', 'forbidden.right_missing'],
    ])
    expect(await allTransactions(tenant)).toEqual(before)
  })
})
