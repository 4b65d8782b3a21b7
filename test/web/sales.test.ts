import { describe, expect, it } from 'vitest'
import type { components } from '#client/schema.ts'
import { byDay } from '#web/screens/sales/by-day.ts'
import { changedFields } from '#web/screens/sales/changes.ts'
import { apiFilter, isEmptyPeriod, presetOf, readFilter, summedDays, writeFilter } from '#web/screens/sales/filter.ts'
import { mergeNewest } from '#web/screens/sales/merge-newest.ts'
import { totalsOf } from '#web/screens/sales/totals.ts'

const TODAY = '2026-11-30'
const read = (query: string) => readFilter(new URLSearchParams(query), TODAY)
const NOTHING = { status: null, kind: null, locationId: null, q: null }

describe('the filter in the address', () => {
  it('is the last thirty days when the address says nothing, and then adds nothing to it', () => {
    expect(read('')).toEqual({ from: '2026-11-01', to: TODAY, ...NOTHING })
    expect(writeFilter(read(''), TODAY).toString()).toBe('')
  })

  it.each([
    'period=today',
    'period=all',
    'from=2026-01-01&to=2026-02-01',
    'from=2026-01-01',
    'period=week&status=paid&kind=refund&location=4564&q=0001',
  ])('comes back as it was: %s', (query) => {
    expect(writeFilter(read(query), TODAY).toString()).toBe(query)
  })

  it('keeps a preset across midnight', () => {
    const query = writeFilter(read('period=today'), TODAY)
    expect(readFilter(query, '2026-12-01')).toMatchObject({ from: '2026-12-01', to: '2026-12-01' })
  })

  it.each(['from=2026-02-31', 'status=lost', 'kind=gift', 'period=aeon', 'q=%20', 'location='])(
    'leaves out what means nothing: %s',
    (query) => {
      expect(read(query)).toEqual(read(''))
    },
  )

  it('is named by its preset only where both ends fit', () => {
    expect(presetOf(read('period=quarter'), TODAY)).toBe('quarter')
    expect(presetOf({ from: '2026-11-02', to: TODAY }, TODAY)).toBeNull()
  })

  it('goes to the API without what is not set', () => {
    expect(apiFilter(read('period=all&q=Anna&location=b'))).toEqual({ q: 'Anna', locationId: 'b' })
  })

  it('has sums for up to 400 days, without a search', () => {
    expect(summedDays(read('from=2025-01-01&to=2026-02-04'))).toEqual({ from: '2025-01-01', to: '2026-02-04' })
    expect(summedDays(read('from=2025-01-01&to=2026-02-05'))).toBeNull()
    expect(summedDays(read('period=all'))).toBeNull()
    expect(summedDays(read('q=Anna'))).toBeNull()
    expect(isEmptyPeriod(read('from=2026-02-02&to=2026-02-01'))).toBe(true)
    expect(summedDays(read('from=2026-02-02&to=2026-02-01'))).toBeNull()
  })
})

describe('the totals', () => {
  const item = { period: '2026-11-02', locationId: null, kind: 'sale', status: 'paid', currency: 'RUB' } as const
  const items = [
    { ...item, count: 2, amountMinor: 300 },
    { ...item, period: '2026-11-03', count: 1, amountMinor: 100 },
    { ...item, kind: 'refund' as const, count: 1, amountMinor: -50 },
    { ...item, status: 'unpaid' as const, count: 4, amountMinor: 40 },
    { ...item, status: 'cancelled' as const, count: 5, amountMinor: 500 },
    { ...item, currency: 'KZT', count: 1, amountMinor: 9000 },
  ]

  it('tell paid, unpaid and cancelled apart, for each currency', () => {
    expect(totalsOf(items, read(''))).toMatchObject([
      { currency: 'KZT', netMinor: 9000 },
      {
        currency: 'RUB',
        sales: { count: 3, amountMinor: 400 },
        refunds: { count: 1, amountMinor: -50 },
        netMinor: 350,
        unpaid: { count: 4, amountMinor: 40 },
        cancelled: { count: 5, amountMinor: 500 },
      },
    ])
  })

  it('count what the filter lets through', () => {
    expect(totalsOf(items, read('kind=refund&status=paid'))).toMatchObject([
      { currency: 'RUB', sales: { count: 0 }, refunds: { count: 1 }, netMinor: -50, cancelled: { count: 0 } },
    ])
    expect(totalsOf([], read(''))).toEqual([])
  })
})

const CUSTOMER = { externalId: '1', name: 'Anna', phone: null, email: null, card: null }
const SALE: components['schemas']['Transaction'] = {
  ...{ id: 't', businessId: 'b', integrationId: 'i', externalId: 'record:1', kind: 'sale', status: 'paid' },
  ...{ amountMinor: 100, currency: 'RUB', occurredAt: '2026-11-30T12:00:00Z', items: [], location: null },
  customer: CUSTOMER,
  ...{ sourceUpdatedAt: null, changeSeq: 1, createdAt: '2026-11-30T12:00:00Z', updatedAt: '2026-11-30T12:00:00Z' },
}

describe('a change of a sale', () => {
  it('names the fields that differ, in the order in which they are shown', () => {
    const after = { ...SALE, amountMinor: 50, status: 'unpaid' as const, changeSeq: 2 }
    expect(changedFields(SALE, after)).toEqual(['status', 'amountMinor'])
    const known = { ...CUSTOMER, phone: '+79000000001' }
    expect(changedFields(SALE, { ...SALE, customer: known })).toEqual(['customer'])
  })
})

describe('a list of sales', () => {
  const at = (id: string, occurredAt: string, changeSeq = 1) => ({ ...SALE, id, occurredAt, changeSeq })
  const [newest, middle, oldest] = [
    at('c', '2026-11-30T12:00:00Z'),
    at('b', '2026-11-29T12:00:00Z'),
    at('a', '2026-11-28T12:00:00Z'),
  ]

  it('takes up what its first page has become, and keeps the pages after it', () => {
    const arrived = at('d', '2026-11-30T13:00:00Z')
    const changed = { ...middle, changeSeq: 2 }
    // The newest has left the filter.
    expect(mergeNewest([newest, middle, oldest], [arrived, changed], false)).toEqual([arrived, changed, oldest])
  })

  it('loses none that happened at the same time as the last of the first page', () => {
    const twin = at('a', middle.occurredAt)
    expect(mergeNewest([middle, twin], [newest, middle], false)).toEqual([newest, middle, twin])
  })

  it('is its first page where no other follows', () => {
    expect(mergeNewest([newest, middle], [newest], true)).toEqual([newest])
    expect(mergeNewest([newest], [], true)).toEqual([])
  })

  it('is cut at the days of the business', () => {
    const toDay = (instant: string) => instant.slice(0, 10)
    expect(
      byDay([newest, at('x', '2026-11-30T09:00:00Z'), middle], toDay).map(({ day, sales }) => [day, sales.length]),
    ).toEqual([
      ['2026-11-30', 2],
      ['2026-11-29', 1],
    ])
  })
})
