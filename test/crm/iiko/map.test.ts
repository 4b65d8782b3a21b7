import { describe, expect, it } from 'vitest'
import { mapOrder, type Rules } from '#crm/iiko/map.ts'

const RESTAURANT = {
  ...{ id: '7bc05553-4b68-44e8-b7bc-37be63c6d9e9', name: 'Кафе «Центр»', currency: 'RUB', callingCode: '7' },
  timezone: 'Asia/Yekaterinburg',
}
const RULES: Rules = { paidStatuses: ['Closed'], excludedPaymentKinds: ['Writeoff'], paymentTypes: {} }
const paid = (kind: string, sum: number) => ({ paymentType: { id: '1', name: kind, kind }, sum, isPreliminary: false })
const ORDER = {
  customer: { type: 'regular', id: 'd0e7', name: 'Анна', surname: 'К.', birthdate: null },
  phone: '+79990001122',
  status: 'Closed',
  isDeleted: false,
  completeBefore: '2026-11-21 13:50:00.000',
  whenCreated: '2026-11-21 13:01:12.000',
  whenDelivered: '2026-11-21 13:44:00.000',
  whenClosed: '2026-11-21 13:46:40.500',
  whenReceivedByApi: '2026-11-21 08:01:12.400',
  sum: 1240.5,
  items: [
    { type: 'Product', product: { id: '7ee1', name: 'Пицца' }, amount: 2, price: 600, cost: 1200, resultSum: 1140.5 },
    { type: 'Service', service: { id: 'aa01', name: 'Доставка' }, cost: 100 },
  ],
  payments: [paid('Card', 1240.5)],
}
const INFO = {
  ...{ id: '2c1f6f0a', posId: '9E0C', externalNumber: null, organizationId: RESTAURANT.id.toUpperCase() },
  ...{ timestamp: 1_795_250_807_121, creationStatus: 'Success', errorInfo: null },
}

function map(order: object | null = {}, info: object = {}, rules = RULES) {
  return mapOrder({ ...INFO, order: order && { ...ORDER, ...order }, ...info }, [RESTAURANT], rules)
}

function sale(order: object = {}, info: object = {}, rules = RULES) {
  const record = map(order, info, rules)
  if (record?.type !== 'transaction') throw new Error(JSON.stringify(record))
  return record.transaction
}

describe('an order of the cloud', () => {
  it('is one sale, though the till knows it by another id', () => {
    expect(map()).toEqual({
      type: 'transaction',
      alias: 'pos:9e0c',
      rule: { code: 'order_paid', params: { status: 'Closed' } },
      transaction: {
        ...{ externalId: '2c1f6f0a', kind: 'sale', status: 'paid', amountMinor: 124_050, currency: 'RUB' },
        occurredAt: '2026-11-21T08:46:40.500Z',
        customer: { externalId: 'd0e7', name: 'Анна К.', phone: '+79990001122', email: null, card: null },
        items: [
          { externalId: '7ee1', name: 'Пицца', quantity: 2, amountMinor: 114_050 },
          { externalId: 'aa01', name: 'Доставка', quantity: 1, amountMinor: 10_000 },
        ],
        location: { externalId: RESTAURANT.id, name: 'Кафе «Центр»' },
        sourceUpdatedAt: '2026-11-21T08:46:47.121Z',
      },
    })
  })

  it.each(['InProgress', 'Error'])('is nothing while its creation is %s, whatever `order` holds', (creationStatus) => {
    const nothing = { type: 'none', rule: { code: 'order_not_created', params: { creation: creationStatus } } }
    expect([map(null, { creationStatus }), map({}, { creationStatus })]).toEqual([nothing, nothing])
  })

  it('is nothing when `order` is null although its creation is a success', () => {
    expect(map(null)).toMatchObject({ type: 'none', rule: { code: 'order_empty' } })
  })

  it.each([
    ['on its way', { status: 'OnWay' }, 'unpaid'],
    ['delivered and not closed', { status: 'Delivered' }, 'unpaid'],
    ['cancelled', { status: 'Cancelled' }, 'cancelled'],
    ['deleted', { isDeleted: true }, 'cancelled'],
    ['a table order deleted', { status: 'Deleted', isDeleted: undefined }, 'cancelled'],
    ['a table order with its bill', { status: 'Bill', isDeleted: undefined }, 'unpaid'],
    ['moved: the new one carries it', { movedToDeliveryId: '1' }, 'cancelled'],
    ['a status that nobody knows yet', { status: 'Teleported' }, 'unpaid'],
  ])('%s', (_name, order, status) => {
    expect(sale(order).status).toBe(status)
  })

  it('is paid in the statuses that the settings name', () => {
    expect(sale({ status: 'Delivered' }, {}, { ...RULES, paidStatuses: ['Closed', 'Delivered'] }).status).toBe('paid')
  })

  it.each([
    ['takes payments that are no money off the sum', [paid('Writeoff', 240.5), paid('Cash', 1000)], 100_000],
    ['never goes below nothing', [paid('Writeoff', 5000)], 0],
    ['does not hold payments against the sum', [paid('Card', 1)], 124_050],
    ['takes no payments at all for a full sum', null, 124_050],
  ])('%s', (_name, payments, amountMinor) => {
    expect(sale({ payments })).toMatchObject({ amountMinor, kind: 'sale', status: 'paid' })
  })

  it('takes other kinds off where the settings say so, bonuses for example', () => {
    const payments = [paid('IikoCard', 40.5), paid('Writeoff', 200)]
    expect(sale({ payments }, {}, { ...RULES, excludedPaymentKinds: ['IikoCard'] }).amountMinor).toBe(120_000)
  })

  it('B7: takes off what `payment_types` calls by an excluded kind, whatever the order calls it', () => {
    const bonuses = { paymentType: { id: 'B0', name: 'Бонусы', kind: 'External' }, sum: 240.5 }
    const rules = { ...RULES, excludedPaymentKinds: ['iikocard'], paymentTypes: { b0: 'IikoCard' } }
    expect(sale({ payments: [paid('Card', 1000), bonuses] }, {}, rules).amountMinor).toBe(100_000)
    expect(sale({ payments: [bonuses] }, {}, { ...rules, excludedPaymentKinds: ['External'] }).amountMinor).toBe(
      124_050,
    )
  })

  it('B7: does not take a preliminary payment off, which stands beside the real one', () => {
    const payments = [{ ...paid('Writeoff', 240.5), isPreliminary: true }, paid('Writeoff', 240.5)]
    expect(sale({ payments }).amountMinor).toBe(100_000)
  })

  it('is a refund when its sum is negative', () => {
    expect(sale({ sum: -50.5 })).toMatchObject({ kind: 'refund', amountMinor: -5050 })
  })

  it.each([
    ['whenClosed', {}, '2026-11-21T08:46:40.500Z'],
    ['else whenDelivered', { whenClosed: null }, '2026-11-21T08:44:00Z'],
    ['else whenCreated', { whenClosed: null, whenDelivered: null }, '2026-11-21T08:01:12Z'],
    [
      'else the time of change',
      { whenClosed: null, whenDelivered: null, whenCreated: null },
      '2026-11-21T08:46:47.121Z',
    ],
  ])('happened at the terminal’s wall time: %s', (_name, order, occurredAt) => {
    expect(sale(order).occurredAt).toBe(occurredAt)
  })

  it.each([
    [1_795_250_807_121, '2026-11-21T08:46:47.121Z'],
    [1_795_250_807, '2026-11-21T08:46:47.000Z'],
    ['1795250807121', '2026-11-21T08:46:47.121Z'],
    [null, null],
  ])('reads its time of change in milliseconds and in seconds: %j', (timestamp, at) => {
    expect(sale({}, { timestamp }).sourceUpdatedAt).toBe(at)
  })

  it('leaves removed lines out, and halves a compound dish has in', () => {
    const product = { id: '1', name: 'Морс' }
    const items = [
      { type: 'Product', product, amount: 1, cost: 90, deleted: { deletionMethod: {} } },
      { type: 'Product', product, amount: 1, cost: 90, resultSum: null, deleted: null },
      {
        ...{ type: 'Compound', amount: 1, product: undefined },
        primaryComponent: { product: { id: '2', name: 'Маргарита' }, cost: 300, resultSum: 250.25 },
        secondaryComponent: { product: { id: '3', name: 'Пепперони' }, cost: 350 },
      },
    ]
    expect(sale({ items }).items).toEqual([
      { externalId: '1', name: 'Морс', quantity: 1, amountMinor: 9000 },
      { externalId: '2', name: 'Маргарита / Пепперони', quantity: 1, amountMinor: 60_025 },
    ])
  })

  it('B6: has modifiers as items, so that the items come to the sum', () => {
    const modifier = (id: string, resultSum: number | null, change = {}) => ({
      ...{ product: { id, name: `Сыр ${id}` }, amount: 2, price: 40, resultSum },
      ...change,
    })
    const product = { id: '1', name: 'Пицца' }
    const items = [
      { type: 'Product', product, amount: 1, resultSum: 500, modifiers: [modifier('m', 80)] },
      {
        type: 'Compound',
        primaryComponent: { product, resultSum: 200, modifiers: [modifier('p', 10)] },
        secondaryComponent: { product, resultSum: 100, modifiers: [modifier('s', 20)] },
        commonModifiers: [modifier('c', null), modifier('gone', 5, { deleted: {} })],
      },
      { type: 'Product', product, resultSum: 90, deleted: {}, modifiers: [modifier('with its line', 9)] },
    ]
    expect(sale({ items, sum: 990 }).items.map(({ externalId, amountMinor }) => [externalId, amountMinor])).toEqual([
      ...[
        ['1', 50_000],
        ['m', 8000],
      ],
      ...[
        ['1', 30_000],
        ['p', 1000],
        ['s', 2000],
        ['c', 8000],
      ],
    ])
  })

  it('B6: has the modifiers of modifiers as items too', () => {
    const modifier = (id: string, resultSum: number, change = {}) => ({
      ...{ product: { id, name: `Соус ${id}` }, amount: 1, resultSum },
      ...change,
    })
    const gone = modifier('gone', 9, { deleted: {}, modifiers: [modifier('with it', 8)] })
    const outer = modifier('outer', 50, {
      modifiers: [modifier('inner', 30, { modifiers: [modifier('last', 5)] }), gone],
    })
    const items = [{ type: 'Product', product: { id: '1', name: 'Пицца' }, resultSum: 500, modifiers: [outer] }]
    expect(sale({ items, sum: 585 }).items.map(({ externalId, amountMinor }) => [externalId, amountMinor])).toEqual([
      ['1', 50_000],
      ['outer', 5000],
      ['inner', 3000],
      ['last', 500],
    ])
  })

  it.each(['', '00000000-0000-0000-0000-000000000000', '00000000000000000000000000000000'])(
    'takes an empty GUID for no id: %j',
    (none) => {
      const record = map({ movedToDeliveryId: none, customer: { id: none, name: 'Анна' } }, { posId: none })
      expect(record).not.toHaveProperty('alias')
      expect(record).toMatchObject({ transaction: { status: 'paid', customer: { externalId: null, name: 'Анна' } } })
      expect(map({}, { id: none })).toMatchObject({ type: 'unmapped' })
    },
  )

  it.each([
    [
      'one-time, with no more than a name and the order’s phone',
      { type: 'one-time', name: 'Гость' },
      '89990001122',
      null,
      'Гость',
    ],
    ['nobody, with a phone on the order', null, '+7 999 000-11-22', null, null],
  ])('has a customer who is %s', (_name, customer, phone, externalId, name) => {
    expect(sale({ customer, phone }).customer).toMatchObject({ externalId, name, phone: '+79990001122' })
  })

  it('has no customer when nothing is known of them', () => {
    expect(sale({ customer: null, phone: null }).customer).toBeNull()
  })

  it('reads a national number by the restaurant’s own calling code', () => {
    const minsk = { ...RESTAURANT, callingCode: '375', currency: 'BYN' }
    const record = mapOrder({ ...INFO, order: { ...ORDER, phone: '80291234567' } }, [minsk], RULES)
    expect(record).toMatchObject({ transaction: { currency: 'BYN', customer: { phone: '+375291234567' } } })
  })

  it.each([
    ['a sum that is none', { sum: 'много' }],
    ['no sum', { sum: null }],
    ['a time that is none', { whenClosed: 'вчера' }],
    ['no status', { status: null }],
  ])('goes to quarantine with its id and a reason: %s', (_name, order) => {
    expect(map(order)).toMatchObject({ type: 'unmapped', externalId: '2c1f6f0a', reason: expect.stringMatching(/./) })
  })

  it('goes to quarantine without an id when it has none', () => {
    expect(map({}, { id: null })).toMatchObject({ type: 'unmapped', externalId: null })
  })
})
