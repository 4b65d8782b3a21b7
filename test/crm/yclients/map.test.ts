import { describe, expect, it } from 'vitest'
import type { MappedRecord } from '#crm/contract.ts'
import { mapSale } from '#crm/yclients/sales.ts'
import { mapVisit as mapRead, readVisit } from '#crm/yclients/visits.ts'
import { BRANCH, operationsOf, transactionOf, VISIT } from './rows.ts'

function mapVisit(raw: unknown, account: typeof BRANCH): MappedRecord {
  const read = readVisit(raw)
  return 'type' in read ? read : mapRead(read, account)
}

function visit(change: object = {}) {
  return transactionOf(mapVisit({ ...VISIT, ...change }, BRANCH))
}

function sale(...changes: object[]) {
  return transactionOf(mapSale('77', operationsOf(changes), BRANCH, null))
}

describe('a visit', () => {
  it('is paid when the client came and it is paid in full', () => {
    expect(visit()).toMatchObject({ externalId: 'record:1', status: 'paid', amountMinor: 180_000, kind: 'sale' })
  })

  it.each([
    ['a prepayment is no visit', { attendance: 2 }, 'unpaid'],
    ['the client came and has not paid', { paid_full: 0 }, 'unpaid'],
    ['paid, and nobody said yet that the client came', { attendance: 0 }, 'unpaid'],
    ['a no-show', { attendance: -1 }, 'cancelled'],
    ['deleted although paid', { deleted: true }, 'cancelled'],
  ])('%s', (_name, change, status) => {
    expect(visit(change).status).toBe(status)
  })

  it.each([
    [true, true],
    [1, '1'],
    ['1', 1],
  ])('reads flags as booleans, numbers and text: %s', (paid, deleted) => {
    expect(visit({ paid_full: paid }).status).toBe('paid')
    expect(visit({ paid_full: paid, deleted }).status).toBe('cancelled')
  })

  it('sums the positive revenue operations, in text or as numbers, and no deposit', () => {
    const finance = [
      { id: 1, amount: '700.50', expense: { id: 5, title: '' } },
      { id: 2, amount: 99.5, expense: [] },
      { id: 3, amount: -100, expense: { id: 5, title: '' } },
      { id: 4, amount: 5000, expense: { id: 10, title: 'Пополнение счета' } },
    ]
    expect(visit({ finance_transactions: finance }).amountMinor).toBe(80_000)
  })

  it('tells an empty list of payments (0) from an absent one (what was to pay)', () => {
    expect(visit({ finance_transactions: [] }).amountMinor).toBe(0)
    const goods = [{ id: 9, good_id: 8, title: 'Лак', amount: -1, cost: '320.10' }]
    expect(visit({ finance_transactions: undefined, goods_transactions: goods }).amountMinor).toBe(212_010)
  })

  it('counts a paid visit without any service, as goods only ones are', () => {
    expect(visit({ services: [] })).toMatchObject({ status: 'paid', amountMinor: 180_000, items: [] })
  })

  it('takes the naive date in the branch’s zone, whatever offset stands beside it', () => {
    expect(visit({ datetime: '2026-11-01T12:30:00+04:00' }).occurredAt).toBe('2026-11-01T09:30:00Z')
    const far = mapVisit(VISIT, { ...BRANCH, timezone: 'Asia/Vladivostok' })
    expect(transactionOf(far).occurredAt).toBe('2026-11-01T02:30:00Z')
  })

  it.each([
    ['2026-11-01T13:00:00+0300', '2026-11-01T10:00:00Z'],
    ['2026-11-01T13:00:00+0400', '2026-11-01T10:00:00Z'],
    ['2026-11-01 13:00:00', '2026-11-01T10:00:00Z'],
    ['2026-11-01T13:00:00', '2026-11-01T10:00:00Z'],
  ])('reads the change time %s', (text, instant) => {
    expect(visit({ last_change_date: text }).sourceUpdatedAt).toBe(instant)
  })

  it.each([[[]], [null], [undefined]])('has no customer when the client is %j', (client) => {
    expect(visit({ client }).customer).toBeNull()
  })

  it('takes ids as numbers or text, and hidden phones as none', () => {
    const client = { ...VISIT.client, id: '7', phone: '+7 900 ***-**-67' }
    expect(visit({ id: '1', client })).toMatchObject({
      externalId: 'record:1',
      customer: { externalId: '7', phone: null, name: 'Анна Белова' },
    })
  })

  it('gives each client of a group event a sale of its own', () => {
    const ids = [1, 2].map((id) => visit({ id, activity_id: 99 }).externalId)
    expect(ids).toEqual(['record:1', 'record:2'])
  })

  it.each([
    ['no date', { date: undefined }],
    ['a date that is none', { date: '2026-13-45 00:00:00' }],
    ['a sum that is no number', { finance_transactions: [{ id: 1, amount: 'много' }] }],
    ['services that are no list', { services: 'нет' }],
  ])('goes to quarantine with its id and a reason: %s', (_name, change) => {
    const record = mapVisit({ ...VISIT, ...change }, BRANCH)
    expect(record).toMatchObject({ type: 'unmapped', externalId: 'record:1' })
    expect(record.type === 'unmapped' && record.reason).toBeTruthy()
  })
})

describe('a sale without an appointment', () => {
  it('is the sum of its document’s operations, dated by the first', () => {
    const sold = sale({ id: 12, sold_item_id: 1, amount: '50.05', date: '2026-11-01 12:29:00' }, { id: 11 })
    expect(sold).toMatchObject({ externalId: 'sale:77', amountMinor: 100_005, occurredAt: '2026-11-01T09:29:00Z' })
    expect(sold.items.map(({ amountMinor }) => amountMinor)).toEqual([5005, 95_000])
  })

  it('orders its items by operation where all have one time, whatever form it is written in', () => {
    const items = sale({ id: '9', sold_item_id: 1, date: '2026-11-01 12:30:00' }, { id: 10, sold_item_id: 2 }).items
    expect(items.map(({ externalId }) => externalId)).toEqual(['1', '2'])
  })

  it('has no version time: that of its operations goes back when one is removed', () => {
    expect(sale({}).sourceUpdatedAt).toBeNull()
  })
})
