// One customer erased: what is left of them.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { SANDBOX_URL } from '#test/context.ts'
import { customerOf, erase, filled, somebody, tracesOf, without } from '#test/erasure.ts'
import { createWriter, transaction } from '#test/pages.ts'
import { allTransactions, caller, createSalonTenant, createTenant } from '#test/tenants.ts'
import { adminToken } from '#test/tokens.ts'

describe('an erasure', () => {
  it('leaves sums, ids and other people, gives a new number to each sale, and says what it did', async () => {
    const person = somebody()
    const { salon } = await filled(person)
    const before = await allTransactions(salon)
    const { nextAfter } = (await salon.call('GET', `${salon.path}/changes`)).json
    const receipt = await erase(salon, { phone: `8 (${person.phone.slice(2, 5)}) ${person.phone.slice(5)}` })
    expect(receipt).toMatchObject({ sales: 2, history: 1, uploads: 0 })
    const after = await allTransactions(salon)
    const [a, b, c, d] = after
    expect([a.customer, b.customer]).toEqual([without(person), without(person)])
    expect([c, d]).toEqual([before[2], before[3]])
    expect(after.map(({ amountMinor }) => amountMinor)).toEqual(before.map(({ amountMinor }) => amountMinor))
    const { items } = (await salon.call('GET', `${salon.path}/changes?after=${nextAfter}`)).json
    expect(items.map(({ externalId }: { externalId: string }) => externalId)).toEqual(['a', 'b'])
    expect(await tracesOf(salon, person)).toEqual([])
    const { json: history } = await salon.call('GET', `${salon.path}/transactions/${a.id}/history`)
    expect(history.items.map(({ source }: { source: string }) => source)).toEqual(['erasure', 'manual'])
    expect(history.items[1]).toMatchObject({ before: { amountMinor: 500, customer: without(person) } })
    expect(
      (await salon.call('GET', `${salon.path}/transactions?customerPhone=${encodeURIComponent(person.phone)}`)).json
        .items,
    ).toEqual([])
    for (const path of [
      '/transactions/export',
      '/transactions/export?format=ndjson',
      `/transactions?q=${person.name}`,
    ]) {
      expect((await salon.call('GET', salon.path + path)).text).not.toContain(person.name)
    }
    expect(await erase(salon, { phone: person.phone })).toMatchObject({ sales: 0, history: 0 })
  })

  it.each(['email', 'customerExternalId'] as const)('is asked for by %s, too', async (by) => {
    const person = somebody()
    const { salon, write } = await filled(person)
    await erase(salon, by === 'email' ? { email: person.email.toUpperCase() } : { customerExternalId: person.id })
    expect(await tracesOf(salon, person)).toEqual([])
    await write([transaction('e', { customer: customerOf(person) })])
    expect(await tracesOf(salon, person)).toEqual([])
  })

  it('leaves an id alone under which the CRM has other people, too', async () => {
    const [person, other] = [somebody(), somebody()]
    const { salon, write } = await createWriter()
    const retail = { ...customerOf(person), externalId: 'retail' }
    await write([
      transaction('a', { customer: retail }),
      transaction('b', { customer: { ...customerOf(other), externalId: 'retail' } }),
    ])
    expect(await erase(salon, { phone: person.phone })).toMatchObject({ sales: 1 })
    expect((await allTransactions(salon)).map(({ customer }) => customer.name)).toEqual([null, other.name])
  })

  it.each([
    ['email', 'phone'],
    ['phone', 'email'],
  ] as const)('by %s leaves an id alone under which somebody else has a %s and nothing more', async (by, has) => {
    const [person, other] = [somebody(), somebody()]
    const { salon, write } = await createWriter()
    const nothing = { externalId: 'retail', phone: null, email: null }
    await write([
      transaction('a', { customer: { ...customerOf(person), ...nothing, [by]: person[by] } }),
      transaction('b', { customer: { ...customerOf(other), ...nothing, [has]: other[has] } }),
    ])
    expect(await erase(salon, { [by]: person[by] })).toMatchObject({ sales: 1 })
    expect((await allTransactions(salon)).map(({ customer }) => customer.name)).toEqual([null, other.name])
  })

  it('is for admins, of a business that exists, by one thing alone', async () => {
    const { salon } = await createWriter()
    const path = `/v1/businesses/${salon.businessId}/erasures`
    expect((await salon.call('POST', path, { phone: '+79000000001' })).status).toBe(403)
    const admin = caller(salon.context, await adminToken())
    expect(
      (await admin('POST', `/v1/businesses/${crypto.randomUUID()}/erasures`, { phone: '+79000000001' })).status,
    ).toBe(404)
    for (const body of [{}, { phone: '1' }, { email: 'x' }, { phone: '+79000000001', email: 'a@example.com' }]) {
      expect((await admin('POST', path, body)).json.code).toBe('invalid_request')
    }
    const { json } = await admin('POST', path, {}, { 'accept-language': 'ru' })
    expect(json.errors[0].message).toContain('ровно одним')
  })

  it('is of one business: another one with the same customer keeps them', async () => {
    const person = somebody()
    const [one, other] = [await filled(person), await filled(person)]
    await erase(one.salon, { phone: person.phone })
    expect((await allTransactions(other.salon))[0].customer.name).toBe(person.name)
  })

  it('reaches kept sales, and holds when they are taken up again', async () => {
    const person = somebody()
    const { salon } = await filled(person)
    await salon.call('DELETE', `${salon.path}?keep=transactions`)
    expect(await erase(salon, { phone: person.phone })).toMatchObject({ sales: 2 })
    expect(await tracesOf(salon, person)).toEqual([])
    const { connection } = salon.sandbox
    const back = await salon.call('POST', '/v1/integrations', { ...connection, apiUrl: SANDBOX_URL })
    expect(back.json.id).toBe(salon.integrationId)
    const { write } = await createWriter(salon)
    await write([
      transaction('a', { customer: customerOf(person), amountMinor: 700 }),
      transaction('z', { customer: customerOf(person) }),
    ])
    expect(await tracesOf(salon, person)).toEqual([])
    expect((await salon.call('GET', `${salon.path}/changes?after=6`)).json.items).toHaveLength(3)
  })
})

it.each(['phone', 'customerExternalId'] as const)(
  'by %s holds for an integration that is deleted and made anew, whenever it is asked for',
  async (by) => {
    const [person, late] = [somebody(), somebody()]
    const { salon } = await filled(person)
    await erase(salon, by === 'phone' ? { phone: person.phone } : { customerExternalId: person.id })
    await salon.call('DELETE', salon.path)
    // Without an integration too, where an id is all that names them.
    await erase(salon, { customerExternalId: late.id })
    const { json } = await salon.call('POST', '/v1/integrations', { ...salon.sandbox.connection, apiUrl: SANDBOX_URL })
    expect(json.id).not.toBe(salon.integrationId)
    const anew = { ...salon, integrationId: String(json.id), path: `/v1/integrations/${json.id}` }
    const { write } = await createWriter(anew)
    const nameless = (who: typeof person) => ({ ...customerOf(who), phone: null, email: null })
    await write([transaction('a', { customer: nameless(person) }), transaction('l', { customer: nameless(late) })])
    expect((await allTransactions(anew)).map(({ customer }) => customer)).toEqual([without(person), without(late)])
  },
)

it('nobody can be read from a tombstone: it is another one in each business', async () => {
  const person = somebody()
  const [one, other] = [await createTenant((await createSalonTenant()).context), await createSalonTenant()]
  const admin = caller(one.context, await adminToken())
  for (const { businessId } of [one, other]) {
    expect((await admin('POST', `/v1/businesses/${businessId}/erasures`, { phone: person.phone })).status).toBe(200)
  }
  const { rows } = await one.context.db.execute(sql`
    select encode(hash, 'hex') as hash from erased_customers where business_id in (${one.businessId}::uuid, ${other.businessId}::uuid)`)
  expect(new Set(rows.map(({ hash }) => hash)).size).toBe(2)
})
