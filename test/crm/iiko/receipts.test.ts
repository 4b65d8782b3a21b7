import { describe, expect, it } from 'vitest'
import { mapReceipts } from '#crm/iiko/receipts.ts'
import { soldQuery, unpaidQuery, usedColumns } from '#crm/iiko/report.ts'

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
  ...{ 'OrderDiscount.GuestCard': null, 'Department.Id': 'D1', Department: 'Зал', DishDiscountSumInt: 1140.5 },
}

function map(rows: object[], { guests = [GUEST], unpaid = [], departments = null }: Partial<Parts> = {}) {
  const sold = rows.map((row) => ({ ...ROW, ...row }))
  return mapReceipts({ sold, guests, unpaid }, { restaurants: [RESTAURANT], departments })
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
      { type: 'transaction', transaction: { externalId: 'olap:b' } },
      { type: 'unmapped', externalId: 'olap:a', reason: expect.stringContaining('DishDiscountSumInt') },
    ])
    expect(map([{ CloseTime: null }])).toMatchObject([
      { type: 'unmapped', externalId: 'olap:a', reason: 'no CloseTime' },
    ])
  })
})

describe('a report', () => {
  const flags = { groupingAllowed: true, aggregationAllowed: true }
  const NEEDED = ['UniqOrderId.Id', 'OpenDate.Typed', 'CloseTime', 'DishDiscountSumInt']
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
    expect(unpaidQuery(scope(columns), ['Writeoff'])).toBeNull()
  })

  it('names what a server is too old for', () => {
    expect(() => usedColumns({ CloseTime: flags })).toThrow(
      expect.objectContaining({ reason: 'server_fields_missing' }),
    )
  })

  it('asks only for kinds of payment that reports know', () => {
    const columns = [...NEEDED, 'PayTypes.Group']
    expect(unpaidQuery(scope(columns), ['Voucher'])).toBeNull()
    expect(unpaidQuery(scope(columns), ['Writeoff', 'Voucher'])?.filters['PayTypes.Group']).toEqual({
      filterType: 'IncludeValues',
      values: ['WRITEOFF'],
    })
  })
})
