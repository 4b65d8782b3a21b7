// A month of sales of one salon, made from numbers that never change.
import type { components } from '#client/schema.ts'
import { addDays } from '#lib/time.ts'

type Transaction = components['schemas']['Transaction']
type SummaryItem = components['schemas']['TransactionSummary']['items'][number]
type Change = components['schemas']['TransactionChange']

export const NOW = '2026-03-25T09:20:00.000Z'
export const TODAY = '2026-03-25'
export const IDS = {
  business: '0b8f6c1e-5d0a-4b7e-9a63-2f4c8f1d7a10',
  integration: '6c3d2a94-1f7b-4a55-8e0d-94b1c7e5f201',
} as const
export const LOCATIONS = [
  { externalId: '149325', name: 'Лаванда на Большой Пушкарской', timezone: 'Europe/Moscow' },
  { externalId: '149326', name: 'Лаванда, Озерки', timezone: 'Europe/Moscow' },
] as const

const CUSTOMERS = [
  { name: 'Анна Петрова', phone: '+79000000001' },
  { name: 'Константин Константинопольский', phone: '+79000000002' },
  { name: null, phone: '+79000000003' },
  { name: 'Мария Соколова', phone: null },
  null,
] as const
const ITEMS = [
  ['Стрижка', 250_000],
  ['Сложное окрашивание в несколько тонов с восстановлением по длине', 1_185_000],
  ['Маникюр', 180_000],
  ['Укладка', 90_050],
  ['Сертификат', 500_000],
] as const
const STATUSES = ['paid', 'paid', 'paid', 'unpaid', 'paid', 'cancelled', 'paid'] as const
const REFUND = 4
const COUNT = 14

const id = (index: number) => `b5a0e7d2-3c41-4c0f-8f5e-${String(index).padStart(12, '0')}`

export const SALES: readonly Transaction[] = Array.from({ length: COUNT }, (_, index) => saleAt(index))

function saleAt(index: number): Transaction {
  const at = `${addDays(TODAY, -Math.floor(index / 6))}T${String(9 - (index % 6)).padStart(2, '0')}:30:00.000Z`
  const known = CUSTOMERS[index % CUSTOMERS.length]
  const [first, second] = [ITEMS[index % ITEMS.length] ?? ITEMS[0], ITEMS[(index + 2) % ITEMS.length] ?? ITEMS[0]]
  const sold = index % 3 === 1 ? [first, second] : [first]
  const sign = index === REFUND ? -1 : 1
  const items = sold.map(([name, price], at) => {
    return { externalId: `${9012 + at}`, name, quantity: 1, amountMinor: sign * price }
  })
  const [{ externalId, name }] = LOCATIONS
  return {
    ...{ id: id(index), businessId: IDS.business, integrationId: IDS.integration },
    ...{ externalId: `record:${88_123_401 - index}`, kind: index === REFUND ? 'refund' : 'sale' },
    status: STATUSES[index % STATUSES.length] ?? 'paid',
    ...{ amountMinor: items.reduce((sum, { amountMinor }) => sum + amountMinor, 0), currency: 'RUB', occurredAt: at },
    customer: known ? { externalId: `${51_277 + index}`, ...known, email: null, card: null } : null,
    ...{ items, location: { externalId, name } },
    ...{ sourceUpdatedAt: at, changeSeq: 1840 - index, createdAt: at, updatedAt: at },
  }
}

/** Of a sale that was paid the same day. */
export function historyOf(after: Transaction): Change[] {
  const before = { ...after, status: 'unpaid', changeSeq: 1712 } as const
  return [{ changeSeq: 1840, at: after.updatedAt, source: 'webhook', runId: null, before, after }]
}

const DAYS = 30

/** A week that repeats, with a day off, and days of refunds. */
export const SUMMARY: readonly SummaryItem[] = Array.from({ length: DAYS }, (_, index) => {
  const count = [0, 9, 14, 11, 16, 22, 19][index % 7] ?? 0
  const common = { period: addDays(TODAY, -index), locationId: LOCATIONS[0].externalId, currency: 'RUB' } as const
  const paid = { ...common, kind: 'sale', status: 'paid', count, amountMinor: count * 213_400 + index * 7_150 } as const
  const refund = { ...common, kind: 'refund', status: 'paid', count: 1, amountMinor: -250_000 } as const
  return [...(count > 0 ? [paid] : []), ...(index % 9 === 5 ? [refund] : [])]
}).flat()
