// What an explanation tells of a sale: what the CRM says now, what is stored, how it came to be, what changed when.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { customerOf, erase, somebody } from '#test/erasure.ts'
import { explain } from '#test/explain.ts'
import { post, visitEvent, workOffHooks } from '#test/hooks.ts'
import { caller, connect, createSalonTenant, createTenant, type Salon, sync } from '#test/tenants.ts'
import { tenantToken } from '#test/tokens.ts'

const LINE = { id: 3300, title: 'Стрижка', quantity: 1, kopecks: 180_000 }

function visit({ sandbox: { salon } }: Salon, isPaid = true) {
  const at = salon.now()
  at.setUTCMilliseconds(0)
  const made = salon.addVisit({ at, services: [LINE], attendance: 1 })
  if (isPaid) salon.pay(made.id)
  return made
}

describe('an explanation', () => {
  it('tells of a stored sale by which rule it is paid, which run brought it, and what changed when', async () => {
    const tenant = await createSalonTenant()
    const { id } = visit(tenant)
    const run = await sync(tenant)
    const before = await explain(tenant, `record:${id}`, '', 'en')
    expect(before).toMatchObject({
      ...{ externalId: `record:${id}`, outcome: 'paid', rule: { code: 'visit_paid' }, quarantined: null, changes: [] },
      crm: { state: 'shown', transaction: { status: 'paid', amountMinor: 180_000, id: null }, detail: null },
      stored: { externalId: `record:${id}`, status: 'paid' },
      cameBy: { kind: 'run', id: run.id, trigger: 'manual' },
      text: 'In the CRM now: the visit is marked “came” and is paid in full. It is stored here in the same way: paid.',
    })
    const moved = async (by: string) =>
      tenant.context.db.execute(sql`
        update crm_transactions set occurred_at = occurred_at + ${by}::interval
        where integration_id = ${tenant.integrationId}::uuid and external_id = ${`record:${id}`}`)
    await moved('-1 day')
    expect((await explain(tenant, `record:${id}`)).text).toContain('Здесь сохранено иначе (оплачено)')
    await moved('1 day')
    tenant.context.clock.advance(60_000)
    tenant.sandbox.salon.withdrawPayment(id)
    expect(await explain(tenant, `record:${id}`)).toMatchObject({
      ...{ outcome: 'unpaid', rule: { code: 'visit_unpaid' }, stored: { status: 'paid' } },
      text: 'Сейчас в CRM: визит отмечен «пришёл», но не оплачен. Здесь сохранено иначе (оплачено): следующая синхронизация загрузит то, что показывает CRM; если она старше загружаемого периода, запустите загрузку её дня.',
    })
    const second = await sync(tenant)
    expect(await explain(tenant, `record:${id}`)).toMatchObject({
      ...{ outcome: 'unpaid', stored: { status: 'unpaid' }, cameBy: { id: run.id } },
      changes: [{ source: 'manual', runId: second.id, before: { status: 'paid' }, after: { status: 'unpaid' } }],
    })
  })

  it('tells of a sale that is not stored why it is not', async () => {
    const tenant = await createSalonTenant()
    const nothing = { stored: null, cameBy: null, changes: [] }
    expect(await explain(tenant, `record:${visit(tenant, false).id}`)).toMatchObject({
      ...nothing,
      outcome: 'skipped',
      text: 'Сейчас в CRM: визит отмечен «пришёл», но не оплачен. Оплаченной её не видели, поэтому её здесь нет: продажа сохраняется, когда впервые оплачена.',
    })
    expect(await explain(tenant, `record:${visit(tenant).id}`)).toMatchObject({ ...nothing, outcome: 'paid' })
    expect(await explain(tenant, 'record:1')).toMatchObject({
      ...{ ...nothing, outcome: 'unknown', rule: { code: 'gone' }, crm: { state: 'gone', transaction: null } },
    })
  })

  it('still shows what is stored when the CRM does not answer, and says so in plain words', async () => {
    const tenant = await createSalonTenant()
    const { id } = visit(tenant)
    await sync(tenant)
    tenant.sandbox.faults.plan.rate = 1
    const found = await explain(tenant, `record:${id}`)
    expect(found).toMatchObject({ outcome: 'paid', rule: null, stored: { status: 'paid' }, crm: { transaction: null } })
    expect(found.crm).toMatchObject({ state: 'unavailable', detail: expect.stringMatching(/[а-яё]/) })
    expect(found.text).toContain('Здесь сохранено: оплачено.')
    tenant.sandbox.faults.plan.rate = 0
    Object.assign(tenant.sandbox.credentials, { apiSecret: 'another' })
    const refused = await explain(tenant, `record:${id}`)
    expect(refused.crm).toMatchObject({ state: 'unavailable', detail: expect.stringContaining('Токен пользователя') })
    // A look stops nothing.
    const { json } = await tenant.call('GET', tenant.path)
    expect(json.connection.status).not.toBe('failed')
  })

  it('tells of a record in quarantine what of it is unreadable', async () => {
    const tenant = await createSalonTenant()
    const { id } = visit(tenant)
    visit(tenant)
    tenant.sandbox.broken.add(id)
    await sync(tenant)
    const found = await explain(tenant, `record:${id}`)
    expect(found).toMatchObject({
      ...{ outcome: 'unreadable', stored: null, crm: { state: 'shown', detail: expect.stringContaining('date') } },
      quarantined: { externalId: `record:${id}`, reason: found.crm.detail },
    })
  })

  it('names the webhook that brought a sale', async () => {
    const tenant = await createSalonTenant()
    await sync(tenant)
    const { id } = visit(tenant)
    expect((await post(tenant, visitEvent(id))).status).toBe(200)
    await workOffHooks(tenant)
    const { json } = await tenant.call('GET', `${tenant.path}/webhook-deliveries`)
    const found = await explain(tenant, `record:${id}`)
    expect(found.cameBy).toMatchObject({ kind: 'hook', id: json.items[0].id, trigger: null })
  })

  it('does not bring an erased customer back', async () => {
    const tenant = await createSalonTenant()
    const person = somebody()
    const made = visit(tenant)
    made.client = { id: 7, name: person.name, surname: '', phone: person.phone, email: person.email }
    await sync(tenant)
    expect((await explain(tenant, `record:${made.id}`)).crm.transaction.customer.phone).toBe(person.phone)
    await erase(tenant, { phone: customerOf(person).phone })
    const found = await explain(tenant, `record:${made.id}`)
    expect(JSON.stringify(found)).not.toMatch(new RegExp(`${person.name}|${person.phone.slice(1)}|${person.email}`))
    expect(found).toMatchObject({
      outcome: 'paid',
      crm: { transaction: { customer: { externalId: '7', name: null } } },
    })
  })

  it('asks all branches of an integration for a sale that nothing tells the branch of', async () => {
    const tenant = await createSalonTenant({ branches: 3 })
    const [, , third] = tenant.sandbox.branches
    const { id } = visit({ ...tenant, sandbox: { ...tenant.sandbox, salon: third?.salon ?? tenant.sandbox.salon } })
    expect(await explain(tenant, `record:${id}`)).toMatchObject({
      ...{ outcome: 'paid', crm: { transaction: { location: { externalId: third?.companyId } } } },
    })
  })

  it('counts as a connection test: the eleventh within a minute is refused', async () => {
    const tenant = await createSalonTenant()
    const path = `${tenant.path}/explanation?externalId=record:1`
    const statuses = await Promise.all(Array.from({ length: 11 }, async () => (await tenant.call('GET', path)).status))
    expect(statuses.filter((status) => status === 200)).toHaveLength(10)
    expect(statuses).toContain(429)
    const { status, headers } = await tenant.call('POST', `${tenant.path}/test`)
    expect([status, Number(headers.get('retry-after')) > 0]).toEqual([429, true])
  })

  it('is for whoever may see sales, and for nobody else', async () => {
    const tenant = await createSalonTenant()
    const query = '/explanation?externalId=record:1'
    const blind = caller(tenant.context, await tenantToken(tenant.businessId, 'integrations:read integrations:write'))
    expect((await blind('GET', `${tenant.path}${query}`)).status).toBe(403)
    const stranger = await createTenant(tenant.context)
    expect((await stranger.call('GET', `${tenant.path}${query}`)).status).toBe(404)
    for (const wrong of ['', '?externalId=', '?externalId=a%00', '?externalId=a&day=2026-13-01']) {
      expect((await tenant.call('GET', `${tenant.path}/explanation${wrong}`)).status, wrong).toBe(400)
    }
    const { rows } = await tenant.context.db.execute(sql`
      select array_length(tested_at, 1) as tests from businesses where id = ${tenant.businessId}::uuid`)
    expect(rows).toEqual([{ tests: null }])
  })
})

describe('an explanation of a sale from a file', () => {
  it('names the import and the rule, without a CRM to ask', async () => {
    const tenant = await createSalonTenant()
    const csv = await connect(tenant.context, { crmType: 'csv', additionalConfig: {} })
    const send = async (status: string) => {
      const file = `Номер операции;Дата и время;Сумма, руб.;Статус\nA-1;02.11.2026 09:14;1234,50;${status}\nA-2;02.11.2026 09:20;10,00;Оплачен\n`
      const started = await csv.call('POST', `${csv.path}/imports`, file, { 'content-type': 'text/csv' })
      expect(started.status, started.text).toBe(202)
      await csv.context.drain()
      return started.json
    }
    const first = await send('Оплачен')
    expect(await explain(csv, 'A-1')).toMatchObject({
      ...{ outcome: 'paid', rule: { code: 'row_paid' }, crm: { state: 'not_asked', transaction: null } },
      ...{ stored: { status: 'paid' }, cameBy: { kind: 'file', id: first.id, trigger: 'import', line: 2 } },
    })
    const second = await send('Отменён')
    expect(await explain(csv, 'A-1')).toMatchObject({
      ...{ outcome: 'cancelled', rule: { code: 'row_cancelled' }, cameBy: { id: first.id, line: 2 } },
      changes: [{ source: 'import', runId: second.id, after: { status: 'cancelled' } }],
    })
    expect(await explain(csv, 'A-9')).toMatchObject({ outcome: 'unknown', rule: null, stored: null })
  })
})
