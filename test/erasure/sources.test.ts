// Whether any source brings an erased customer back.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { storeFromQueue } from '#webhooks/raw-delivery.ts'
import { writeRecords } from '#transactions/write-records.ts'
import { customerOf, erase, filled, type Person, somebody, tracesOf } from '#test/erasure.ts'
import { createFileTenant, importFile, send } from '#test/files.ts'
import { paidVisit, post, visitEvent, workOffHooks } from '#test/hooks.ts'
import { createWriter, query, releaseBrake, transaction } from '#test/pages.ts'
import { allTransactions, createSalonTenant, sync } from '#test/tenants.ts'
import { undo } from '#test/undo.ts'

describe('an erased customer is not brought back', () => {
  it('by a sync, whose next one finds the sales unchanged', async () => {
    const person = somebody()
    const salon = await createSalonTenant()
    const client = { id: 77, name: person.name, phone: person.phone, email: person.email }
    const sell = () => {
      const { id } = salon.sandbox.salon.addVisit({
        at: salon.sandbox.salon.now(),
        client,
        attendance: 1,
        services: [{ id: 1, title: 'Стрижка', quantity: 1, kopecks: 1000 }],
      } as Parameters<typeof salon.sandbox.salon.addVisit>[0])
      salon.sandbox.salon.pay(id)
    }
    sell()
    paidVisit(salon)
    await sync(salon)
    expect(await tracesOf(salon, person)).toContain('crm_transactions')
    expect(await erase(salon, { phone: person.phone })).toMatchObject({ sales: 1 })
    expect((await sync(salon)).counters).toMatchObject({ inserted: 0, updated: 0 })
    Object.assign(client, { name: `${person.name}-Новая` })
    salon.context.clock.advance(60_000)
    sell()
    expect((await sync(salon)).counters).toMatchObject({ inserted: 1, updated: 0 })
    expect(await tracesOf(salon, person)).toEqual([])
    const { json } = await salon.call('POST', `${salon.path}/test`)
    expect(json.sample.length).toBeGreaterThan(0)
    expect(JSON.stringify(json)).not.toContain(person.name)
  })

  it('by a page or a hook that was read before', async () => {
    const person = somebody()
    const { salon, write } = await filled(person)
    const customer = customerOf(person)
    await erase(salon, { phone: person.phone })
    await write([
      transaction('a', { customer, amountMinor: 700, sourceUpdatedAt: '2026-11-02T10:00:00Z' }),
      transaction('e', { customer }),
    ])
    const [{ settings_epoch: settingsEpoch } = { settings_epoch: 0 }] = await query(
      salon,
      sql`select settings_epoch from crm_integrations where id = ${salon.integrationId}::uuid`,
    )
    const hook = {
      integrationId: salon.integrationId,
      settingsEpoch: Number(settingsEpoch),
      snapshotSeq: 1000,
      canRecheck: false,
    }
    expect(await writeRecords(salon.context, { ...hook, records: [transaction('f', { customer })] })).toMatchObject({
      inserted: 1,
    })
    expect(await tracesOf(salon, person)).toEqual([])
    expect((await allTransactions(salon)).map(({ externalId }) => externalId)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  })

  it('by pages, hooks and erasures at the same time', async () => {
    const person = somebody()
    const writer = await createWriter()
    await releaseBrake(writer)
    const customer = customerOf(person)
    const pages = async () => {
      for (let page = 0; page < 8; page += 1) {
        await writer.write(
          Array.from({ length: 40 }, (_, n) =>
            transaction(`p${(page % 4) * 40 + n}`, {
              customer: page % 3 === 0 ? { ...customer, name: `${person.name}${page}` } : customer,
              amountMinor: page,
              sourceUpdatedAt: `2026-11-03T10:00:0${page}Z`,
            }),
          ),
        )
      }
    }
    await Promise.all([
      pages(),
      new Promise((done) => setTimeout(done, 60)).then(async () => erase(writer.salon, { phone: person.phone })),
    ])
    expect(await allTransactions(writer.salon)).toHaveLength(160)
    expect(await tracesOf(writer.salon, person)).toEqual([])
  })

  it('by webhooks: bodies go, also of those that wait, and of those from the queue', async () => {
    const person = somebody()
    const salon = await createSalonTenant()
    const event = (id: number) => ({ ...visitEvent(id), data: { client: { name: person.name, phone: person.phone } } })
    const visit = paidVisit(salon)
    await post(salon, event(visit))
    await workOffHooks(salon)
    const later = paidVisit(salon)
    await post(salon, event(later))
    expect(await erase(salon, { phone: person.phone })).toMatchObject({ webhookBodies: 1 })
    await workOffHooks(salon)
    const url: string = (await salon.call('GET', salon.path)).json.webhookUrl
    const token = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(url.split('/').at(-1)))
    const body = new TextEncoder().encode(JSON.stringify(event(paidVisit(salon))))
    await storeFromQueue(salon.context, {
      ...{ kind: 'delivery', crmType: 'yclients', tokenHash: new Uint8Array(token).toHex(), dedupeKey: 'body:x' },
      ...{ receivedAt: new Date().toISOString(), contentType: 'application/json', secret: null, tries: 0 },
      body: body.toBase64(),
    })
    await workOffHooks(salon)
    await post(salon, `not json ${person.phone}`)
    expect(await allTransactions(salon)).toHaveLength(3)
    expect(await tracesOf(salon, person)).toEqual([])
  })

  it('by quarantine and its retry', async () => {
    const person = somebody()
    const writer = await createWriter()
    const raw = { id: 1, oddity: person.phone, comment: person.name }
    await writer.write([{ type: 'unmapped', externalId: 'record:1', reason: `phone: ${person.phone} is odd`, raw }])
    await erase(writer.salon, { phone: person.phone })
    expect(await tracesOf(writer.salon, person)).toEqual([])
    await writer.write([{ type: 'unmapped', externalId: 'record:2', reason: 'odd', raw: { note: person.phone } }])
    await writer.write([transaction('record:1', { customer: customerOf(person) })])
    expect(await tracesOf(writer.salon, person)).toEqual([])
    expect((await allTransactions(writer.salon))[0].externalId).toBe('record:1')
  })
})

const HEADER = 'Номер заказа;Дата;Сумма;Клиент;Телефон'
const rowOf = (id: number, sum: string, { name, phone }: Pick<Person, 'name' | 'phone'>) =>
  `N-${id};02.03.2024;${sum};${name};${phone}`
const OTHER = { name: 'Олег', phone: '+79001112233' }

describe('files', () => {
  it('go when they name the customer, and so do their rejected rows', async () => {
    const person = somebody()
    const tenant = await createFileTenant()
    const spaced = `8 ${person.phone.slice(2, 5)} ${person.phone.slice(5, 8)}-${person.phone.slice(8, 10)}-${person.phone.slice(10)}`
    const file = [
      HEADER,
      rowOf(1, '100,50', person),
      rowOf(2, '200,50', OTHER),
      rowOf(3, 'много', { ...person, phone: spaced }),
      '',
    ].join('\n')
    const run = await importFile(tenant, file)
    expect(run.counters).toMatchObject({ inserted: 2, quarantined: 1 })
    await tenant.context.files.put(`imports/${tenant.integrationId}/${crypto.randomUUID()}`, file)
    await tenant.context.files.put(
      `imports/${tenant.integrationId}/${crypto.randomUUID()}`,
      [HEADER, rowOf(2, '200,50', OTHER)].join('\n'),
    )
    const receipt = await erase(tenant, { phone: person.phone })
    expect(receipt).toMatchObject({ sales: 1, rejectedRows: 1, uploads: 1, uploadsInUse: 0 })
    expect(await tracesOf(tenant, person)).toEqual([])
    expect((await tenant.context.files.list({ prefix: `imports/${tenant.integrationId}/` })).objects).toHaveLength(1)
    expect((await tenant.call('GET', `${tenant.path}/imports/${run.id}/errors.csv`)).text).not.toContain(person.name)
  })

  it('do not bring the customer back, be they imported again or taken back', async () => {
    const person = somebody()
    const tenant = await createFileTenant()
    await importFile(tenant, [HEADER, rowOf(1, '100,50', person), rowOf(2, '50,50', OTHER), ''].join('\n'))
    const second = await importFile(
      tenant,
      [HEADER, rowOf(1, '300,50', OTHER), rowOf(3, '70,50', person), ''].join('\n'),
    )
    await erase(tenant, { phone: person.phone })
    await undo(tenant, second.id)
    const restored = await allTransactions(tenant)
    expect(restored.map(({ status, amountMinor }) => [status, amountMinor])).toEqual([
      ...[
        ['paid', 10_050],
        ['paid', 5050],
        ['cancelled', 7050],
      ],
    ])
    expect(await tracesOf(tenant, person)).toEqual([])
    const third = await importFile(
      tenant,
      [HEADER, rowOf(1, '100,50', person), rowOf(4, '10,50', person), rowOf(5, 'x', person), ''].join('\n'),
    )
    expect(third.counters).toMatchObject({ inserted: 1, updated: 0, unchanged: 1, quarantined: 1 })
    expect(await tracesOf(tenant, person)).toEqual([])
  })

  it('that are being read are left to their run, which leaves the customer out', async () => {
    const person = somebody()
    const tenant = await createFileTenant()
    const started = await send(tenant, [HEADER, rowOf(1, '100,50', person), ''].join('\n'))
    expect(started.status).toBe(202)
    expect(await erase(tenant, { phone: person.phone })).toMatchObject({ uploads: 0, uploadsInUse: 1 })
    await tenant.context.drain()
    expect((await allTransactions(tenant)).map(({ customer, amountMinor }) => [customer, amountMinor])).toEqual([
      [null, 10_050],
    ])
    expect(await tracesOf(tenant, person)).toEqual([])
  })
})
