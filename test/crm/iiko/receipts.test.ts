import { describe, expect, it } from 'vitest'
import { mapReceipts } from '#crm/iiko/receipts.ts'
import { guestQuery, outletQuery, soldQuery, unpaidQueries, usedColumns } from '#crm/iiko/report.ts'

const RESTAURANT = { id: 'org', name: 'Кафе', currency: 'RUB', callingCode: '7', timezone: 'Europe/Moscow' }
const ROW = {
  ...{ 'UniqOrderId.Id': 'A', CloseTime: '2026-11-20T13:46:40.12', DishId: '1', DishName: 'Пицца ' },
  ...{ Storned: 'FALSE', OrderDeleted: 'NOT_DELETED', DeletedWithWriteoff: 'NOT_DELETED' },
  ...{ DishAmountInt: 2, DishDiscountSumInt: 1140.5, DishReturnSum: 0 },
}
const GUEST = {
  ...{
    'UniqOrderId.Id': 'A',
    'Delivery.CustomerPhone': null,
    'Delivery.CustomerName': null,
    'Bonus.CardNumber': '700',
  },
  ...{ 'OrderDiscount.GuestCard': null, 'Department.Id': 'D1', DishDiscountSumInt: 1140.5 },
}
const OUTLETS = new Map([['D1', 'Зал']])

function mapAll(rows: object[], { guests = [GUEST], unpaid = [], departments = null }: Partial<Parts> = {}) {
  const sold = rows.map((row) => ({ ...ROW, ...row }))
  return mapReceipts({ sold, guests, unpaid }, { restaurants: [RESTAURANT], departments, outlets: OUTLETS })
}

function map(rows: object[], parts: Partial<Parts> = {}) {
  return mapAll(rows, parts).records
}

interface Parts {
  readonly guests: readonly object[]
  readonly unpaid: readonly object[]
  readonly departments: Readonly<Record<string, string>> | null
}

function sales(rows: object[], parts: Partial<Parts> = {}) {
  return map(rows, parts).map((record) => {
    if (record.type !== 'transaction') throw new Error(JSON.stringify(record))
    return record.transaction
  })
}

describe('a receipt of iikoServer', () => {
  it('is the sum of its lines, closed at the till’s wall time, and known to the cloud by its id', () => {
    const [record] = map([{}, { DishId: '2', DishName: 'Борщ', DishAmountInt: '1', DishDiscountSumInt: '320.50' }])
    expect(record).toMatchObject({
      alias: 'pos:a',
      transaction: {
        ...{ externalId: 'olap:a', kind: 'sale', status: 'paid', amountMinor: 146_100, sourceUpdatedAt: null },
        occurredAt: '2026-11-20T10:46:40.120Z',
        customer: { externalId: null, name: null, phone: null, card: '700' },
        items: [
          { externalId: '1', name: 'Пицца', quantity: 2, amountMinor: 114_050 },
          { externalId: '2', name: 'Борщ', quantity: 1, amountMinor: 32_050 },
        ],
        location: { externalId: 'D1', name: 'Зал' },
      },
    })
  })

  it('is the same whatever order its lines come in', () => {
    const [a, b] = [{ DishId: '1' }, { DishId: '2' }]
    expect(sales([a, b])).toEqual(sales([b, a]))
  })

  it('does not count lines that were removed, and is gone when all are or the order is deleted', () => {
    const removed = { DishId: '2', DeletedWithWriteoff: 'DELETED_WITH_WRITEOFF' }
    expect(sales([{}, removed])).toMatchObject([{ amountMinor: 114_050, items: [{ externalId: '1' }] }])
    const gone = [{ type: 'gone', externalId: 'olap:a' }]
    expect(map([removed])).toMatchObject(gone)
    expect(map([{ OrderDeleted: 'DELETED', CloseTime: null }])).toMatchObject(gone)
  })

  it.each([
    ['a negative sum', { DishDiscountSumInt: -1140.5, DishAmountInt: -2 }],
    ['a sum of zero beside one without a sign', { DishDiscountSumInt: 0, DishReturnSum: '1140.50', DishAmountInt: -2 }],
    ['lines marked as removed', { DishDiscountSumInt: -1140.5, DeletedWithWriteoff: 'DELETED_WITHOUT_WRITEOFF' }],
    ['a sum without a sign', { DishDiscountSumInt: 1140.5 }],
    ['TRUE as a boolean', { DishDiscountSumInt: -1140.5, Storned: true }],
  ])('is a refund when it is storned: %s', (_name, row) => {
    const refund = { externalId: 'olap:a', kind: 'refund', status: 'paid', amountMinor: -114_050 }
    expect(sales([{ Storned: 'TRUE', ...row }])).toMatchObject([
      { ...refund, items: [{ quantity: 2, amountMinor: -114_050 }] },
    ])
  })

  it('keeps its sale when a part is returned on the receipt itself: the return stands beside it', () => {
    const records = sales([{}, { Storned: 'TRUE', DishId: '1', DishDiscountSumInt: -100, DishAmountInt: -1 }])
    expect(records).toMatchObject([
      { externalId: 'olap:a', kind: 'sale', amountMinor: 114_050 },
      { externalId: 'olap:a:refund', kind: 'refund', amountMinor: -10_000 },
    ])
  })

  it('takes off what was paid in what is no money', () => {
    expect(sales([{}], { unpaid: [{ 'UniqOrderId.Id': 'A', DishDiscountSumInt: 140.5 }] })).toMatchObject([
      { amountMinor: 100_000 },
    ])
  })

  it('stands in the restaurant that its outlet is said to be', () => {
    expect(sales([{}], { departments: { d1: 'org' } })[0]?.location).toEqual({ externalId: 'org', name: 'Кафе' })
  })

  it('goes to quarantine whole when one of its lines cannot be read, and spoils no other', () => {
    const records = map([{}, { DishDiscountSumInt: 'много' }, { 'UniqOrderId.Id': 'B' }])
    expect(records).toMatchObject([
      { type: 'unmapped', externalId: 'olap:a', reason: expect.stringContaining('DishDiscountSumInt') },
      { type: 'transaction', transaction: { externalId: 'olap:b' } },
    ])
    expect(map([{ CloseTime: 'вчера' }])).toMatchObject([{ type: 'unmapped', externalId: 'olap:a' }])
  })

  it.each([
    ['CloseTime', { CloseTime: null }],
    ['UniqOrderId.Id', { 'UniqOrderId.Id': null }],
    ['UniqOrderId.Id', { 'UniqOrderId.Id': '00000000-0000-0000-0000-000000000000' }],
  ])('A12: is no sale yet without %s: it is skipped, and what stands beside it is stored', (_name, row) => {
    const { records, skipped } = mapAll([{ 'UniqOrderId.Id': 'B', ...row }, { 'UniqOrderId.Id': 'C', ...row }, {}])
    expect(records).toMatchObject([{ transaction: { externalId: 'olap:a', amountMinor: 114_050 } }])
    expect(skipped).toBe(2)
  })

  it('counts as shown while it is open again, so that it is not taken for one that has disappeared', () => {
    expect(mapAll([{ CloseTime: null }]).shown).toEqual(new Set(['olap:a']))
  })
})

describe('the customer of a receipt', () => {
  const nobody = { ...GUEST, 'Bonus.CardNumber': null }
  const customerOf = (...guests: object[]) =>
    sales([{}], { guests: guests.map((guest) => ({ ...nobody, ...guest })) })[0]?.customer

  it.each([
    ['Delivery.CustomerCardNumber', '4111'],
    ['Delivery.CustomerCardNumber', 4111],
    ['OrderDiscount.GuestCard', '4111'],
    ['Bonus.CardNumber', ' 4111 '],
  ])('D9: is known by a card in %s alone', (column, card) => {
    expect(customerOf({ [column]: card })).toMatchObject({ card: '4111', phone: null, name: null })
  })

  it('D8: is known by a phone with one 7 too many', () => {
    expect(customerOf({ 'Delivery.CustomerPhone': '779161234567' })).toMatchObject({ phone: '+79161234567' })
  })

  it('is the first who paid, and never put together of two people', () => {
    const anna = { 'Delivery.CustomerName': 'Анна', 'Bonus.CardNumber': '1' }
    const petr = { 'Delivery.CustomerName': 'Пётр', 'Delivery.CustomerPhone': '+79161234567' }
    expect(customerOf(anna, petr)).toMatchObject({ name: 'Анна', card: '1', phone: null })
    expect(customerOf({ ...anna, DishDiscountSumInt: 0 }, petr)).toMatchObject({ name: 'Пётр', card: null })
    expect(customerOf({}, petr)).toMatchObject({ name: 'Пётр' })
  })

  it('is one person whose card was used for some of the dishes only', () => {
    const phone = { 'Delivery.CustomerPhone': '+79161234567' }
    expect(customerOf(phone, { ...phone, 'OrderDiscount.GuestCard': '7' })).toMatchObject({
      phone: '+79161234567',
      card: '7',
    })
    expect(customerOf(phone, { 'OrderDiscount.GuestCard': '7' })).toMatchObject({ phone: '+79161234567', card: null })
  })
})

describe('a report', () => {
  const flags = { groupingAllowed: true, aggregationAllowed: true }
  const NEEDED = ['UniqOrderId.Id', 'OpenDate.Typed', 'CloseTime', 'DishDiscountSumInt']
  const ALL = [
    ...[
      ...NEEDED,
      'DishId',
      'DishName',
      'Storned',
      'OrderDeleted',
      'DeletedWithWriteoff',
      'Department.Id',
      'Department',
    ],
    ...['Delivery.CustomerPhone', 'Delivery.CustomerName', 'Delivery.CustomerCardNumber', 'Bonus.CardNumber'],
    ...['OrderDiscount.GuestCard', 'PayTypes.Group', 'PayTypes.GUID', 'DishAmountInt', 'DishReturnSum'],
  ]
  const excluded = (...kinds: string[]) => ({ kinds, paymentTypes: {} })
  const scope = (columns: string[]) => ({ days: { from: '2026-11-19', to: '2026-11-20' }, columns, departments: null })

  it('asks for no field that the server does not list or may not group by', () => {
    const listed = {
      ...Object.fromEntries(NEEDED.map((name) => [name, flags])),
      DishId: { groupingAllowed: false },
      Other: flags,
    }
    const columns = usedColumns(listed)
    expect(columns.toSorted()).toEqual(NEEDED.toSorted())
    expect(soldQuery(scope(columns))).toEqual({
      groupByRowFields: ['UniqOrderId.Id', 'CloseTime'],
      aggregateFields: ['DishDiscountSumInt'],
      filters: {
        'OpenDate.Typed': {
          ...{ filterType: 'DateRange', periodType: 'CUSTOM', from: '2026-11-19', to: '2026-11-21' },
          ...{ includeLow: true, includeHigh: false },
        },
      },
    })
    expect(unpaidQueries(scope(columns), excluded('Writeoff'))).toEqual([])
  })

  it('names what a server is too old for', () => {
    expect(() => usedColumns({ CloseTime: flags })).toThrow(
      expect.objectContaining({ reason: 'report_fields_missing' }),
    )
  })

  it('asks for the kinds of payment that reports know, and for other kinds by their payment types', () => {
    const columns = [...NEEDED, 'PayTypes.Group', 'PayTypes.GUID']
    expect(unpaidQueries(scope(columns), excluded('Voucher'))).toEqual([])
    const queries = unpaidQueries(scope(columns), {
      kinds: ['Writeoff', 'iikoCard', 'Voucher'],
      paymentTypes: { b0: 'IikoCard', c0: 'Card', w0: 'Writeoff' },
    })
    expect(queries.map(({ filters }) => filters)).toMatchObject([
      { 'PayTypes.Group': { filterType: 'IncludeValues', values: ['WRITEOFF'] } },
      { 'PayTypes.GUID': { filterType: 'IncludeValues', values: ['b0'] } },
    ])
  })

  it('has no more than the seven fields that iiko advises, whatever is asked for', () => {
    const columns = usedColumns(Object.fromEntries(ALL.map((name) => [name, flags])))
    const all = scope(columns)
    const queries = [soldQuery(all), guestQuery(all), outletQuery(all), ...unpaidQueries(all, excluded('Writeoff'))]
    for (const query of queries) expect(query?.groupByRowFields.length).toBeLessThanOrEqual(7)
    expect(guestQuery(all)?.groupByRowFields).toContain('Delivery.CustomerCardNumber')
  })
})
