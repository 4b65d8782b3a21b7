// Pushes on their way through the whole service: what is read again, what is taken from the body after all, what is
// not.
import { describe, expect, it } from 'vitest'
import type { Receipt } from '#sandbox/1c/shop.ts'
import { deliveriesOf, post, takeAll, workOffHooks } from '#test/hooks.ts'
import { createPushingTenant, saleOf, sell, type ShopTenant, storedSales } from '#test/shop.ts'
import { allTransactions, sync } from '#test/tenants.ts'

const SET = 'Document_ЧекККМ'

async function create(settings: Readonly<Record<string, unknown>> = {}) {
  const { tenant, secret } = await createPushingTenant({ settings: { initialDays: 7, ...settings } })
  await tenant.call('PATCH', tenant.path, { syncEnabled: true })
  await sync(tenant)
  return { tenant, secret }
}

const eventOf = ({ id }: Pick<Receipt, 'id'>, more: object = {}) => ({
  event: 'posted',
  entity: SET,
  ref_key: id,
  ...more,
})

async function push(tenant: ShopTenant, body: unknown, headers?: Readonly<Record<string, string>>) {
  const answer = await post(tenant, body, headers)
  await workOffHooks(tenant)
  return answer
}

describe('the address', () => {
  it('is shown with its secret and where they go, in both languages', async () => {
    const { tenant, secret } = await create()
    const { webhookUrl, webhookSetup } = (await tenant.call('GET', tenant.path)).json
    expect(webhookSetup.registration).toBeNull()
    for (const text of [webhookSetup.steps.en, webhookSetup.steps.ru]) {
      expect(text).toContain(webhookUrl)
      expect(text).toContain(secret)
    }
  })

  it('answers a ping, without the secret or with it, and refuses a wrong one', async () => {
    const { tenant, secret } = await create()
    for (const headers of [{}, { 'x-hook-token': secret }]) {
      const { status, json } = await post(tenant, { event: 'ping' }, headers)
      expect({ status, json }).toEqual({ status: 200, json: { ok: true, accepted: 0, results: [] } })
    }
    const refused = await post(tenant, { event: 'ping' }, { 'x-hook-token': `${secret}x` })
    expect(refused).toMatchObject({ status: 401, json: { ok: false } })
    expect((await tenant.call('GET', tenant.path)).json.webhooks).toMatchObject({ status: 'live' })
  })

  it('answers what nobody can read with 400 and what is too large with 413, and keeps the reason', async () => {
    const { tenant } = await create()
    expect(await post(tenant, '{"half":')).toMatchObject({ status: 400, json: { ok: false } })
    expect(await post(tenant, { event: 'posted', pad: 'я'.repeat(600_000) })).toMatchObject({
      ...{ status: 413, json: { ok: false } },
    })
    const reasons = (await deliveriesOf(tenant)).map(({ reason }) => reason.code)
    expect(new Set(reasons)).toEqual(new Set(['unreadable', 'too_large']))
    expect(tenant.context.messages).toEqual([])
  })
})

describe('a push', () => {
  it('of a document back-dated further than polling looks brings it', async () => {
    const { tenant } = await create({ initialDays: 1 })
    const receipt = sell(tenant, 40)
    await push(tenant, eventOf(receipt))
    expect(await saleOf(tenant, receipt)).toMatchObject({ status: 'paid', amountMinor: 10_000 })
  })

  it('of a hundred documents in one body brings them all, though the base allows only so many reads a second', async () => {
    const { tenant } = await create()
    const receipts = Array.from({ length: 100 }, (_, index) => sell(tenant, 1, 100 + index))
    takeAll(tenant.sandbox.hooks)
    const { json } = await post(
      tenant,
      receipts.map((receipt) => eventOf(receipt)),
    )
    expect(json).toMatchObject({ ok: true, accepted: 100 })
    expect(json.results[7]).toEqual({ ref_key: receipts[7]?.id, ok: true })
    await workOffHooks(tenant)
    expect(await storedSales(tenant)).toHaveLength(100)
    expect(await deliveriesOf(tenant)).toMatchObject([{ status: 'done', reason: null }])
    expect(tenant.sandbox.inFlightMax).toBe(1)
  })

  it('that says the same once more is news, since a document may be posted twice', async () => {
    const { tenant } = await create()
    const receipt = sell(tenant)
    for (const posted of [true, false, true]) {
      tenant.sandbox.shop.change(receipt.id, { posted })
      await push(tenant, eventOf(receipt))
      expect((await saleOf(tenant, receipt))?.status).toBe(posted ? 'paid' : 'unpaid')
    }
  })

  it('with an object that has grown old counts for nothing where the document can be read', async () => {
    const { tenant } = await create()
    const receipt = sell(tenant)
    tenant.sandbox.shop.change(receipt.id, { kopecks: 55_500 })
    const old = {
      Ref_Key: receipt.id,
      Date: '2026-11-20T13:46:40',
      Posted: true,
      DeletionMark: false,
      СуммаДокумента: 1,
    }
    await push(tenant, eventOf(receipt, { object: old }))
    expect(await saleOf(tenant, receipt)).toMatchObject({ amountMinor: 55_500 })
    expect(await deliveriesOf(tenant)).toMatchObject([{ status: 'done', reason: null }])
  })

  it('of what does not exist makes no sale, whatever its object says', async () => {
    const { tenant } = await create()
    const object = { Date: '2026-11-20T13:46:40', Posted: true, DeletionMark: false, СуммаДокумента: 999 }
    await push(tenant, eventOf({ id: crypto.randomUUID() }, { object }))
    expect(await allTransactions(tenant)).toEqual([])
  })

  it('of a document that is not counted, or that the user may not see, is left at that', async () => {
    const { tenant } = await create()
    const [other, hidden] = [sell(tenant), sell(tenant)]
    tenant.sandbox.hidden.add(hidden.id)
    const object = { Date: '2026-11-20T13:46:40', Posted: true, DeletionMark: false, СуммаДокумента: 999 }
    await push(tenant, [eventOf(other, { entity: 'Document_ОтчетОРозничныхПродажах' }), eventOf(hidden, { object })])
    expect(await allTransactions(tenant)).toEqual([])
    expect(await deliveriesOf(tenant)).toMatchObject([{ status: 'done' }])
  })
})

describe('the object in a push, where the documents may not be read', () => {
  /** As 1C's functions for text write things when nobody asks them for a format. */
  const OBJECT = {
    ...{ Номер: 'ЦБ-0000412', Дата: '20261120134640', Проведен: 'Истина', ПометкаУдаления: 'Ложь' },
    ...{ ВидОперации: 'Продажа', СуммаДокумента: '1\u00A0240,50', phone: '8 (999) 000-11-22', card: '2000000012345 ' },
    Товары: [{ LineNumber: 1, name: 'Кофе', Количество: '2', Цена: '620,25', Сумма: '1\u00A0240,50' }],
  }

  async function denied(settings?: Readonly<Record<string, unknown>>) {
    const { tenant } = await create(settings)
    const receipt = sell(tenant)
    takeAll(tenant.sandbox.hooks)
    tenant.sandbox.denied.add(SET)
    return { tenant, receipt }
  }

  it('is mapped as if it had been pulled, and marked', async () => {
    const { tenant, receipt } = await denied()
    await push(tenant, eventOf(receipt, { object: OBJECT }))
    expect(await allTransactions(tenant)).toMatchObject([
      {
        ...{ externalId: `${SET}:${receipt.id}`, kind: 'sale', status: 'paid', amountMinor: 124_050 },
        occurredAt: '2026-11-20T10:46:40.000Z',
        customer: { phone: '+79990001122', card: '2000000012345' },
        items: [{ name: 'Кофе', quantity: 2, amountMinor: 124_050 }],
      },
    ])
    expect(await deliveriesOf(tenant)).toMatchObject([{ status: 'done', reason: { code: 'from_body' } }])
  })

  it('makes a sale unpaid or cancelled as well', async () => {
    const { tenant, receipt } = await denied()
    await push(tenant, eventOf(receipt, { object: OBJECT }))
    await push(tenant, eventOf(receipt, { event: 'unposted', object: { ...OBJECT, Проведен: 'Ложь' } }))
    expect((await saleOf(tenant, receipt))?.status).toBe('unpaid')
    await push(tenant, eventOf(receipt, { event: 'deleted', object: { ...OBJECT, ПометкаУдаления: true } }))
    expect((await saleOf(tenant, receipt))?.status).toBe('cancelled')
  })

  it.each([
    ['does not say whether it is posted', {}, { Проведен: undefined }],
    [
      'would have to pass a filter that only the base knows',
      { documents: [{ entitySet: SET, filter: 'Posted eq true' }] },
      {},
    ],
  ])('is not believed when it %s', async (_, settings, change) => {
    const { tenant, receipt } = await denied(settings)
    await push(tenant, eventOf(receipt, { object: { ...OBJECT, ...change } }))
    expect(await allTransactions(tenant)).toEqual([])
    expect(await deliveriesOf(tenant)).toMatchObject([
      { status: 'failed', reason: { code: 'forbidden.right_missing' } },
    ])
  })
})
