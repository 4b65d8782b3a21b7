// Rows as the vendor shows them, and what they are read as.
import type { MappedRecord } from '#crm/contract.ts'
import { readSaleRow } from '#crm/yclients/operations.ts'

export const BRANCH = { companyId: '540112', title: 'Студия «Север»', timezone: 'Europe/Moscow', currency: 'RUB' }
export const VISIT = {
  id: 1,
  date: '2026-11-01 12:30:00',
  datetime: '2026-11-01T12:30:00+03:00',
  last_change_date: '2026-11-01T13:00:00+0300',
  attendance: 1,
  paid_full: 1,
  deleted: false,
  client: { id: 7, name: 'Анна', surname: 'Белова', phone: '+79001234567', email: '', card: '' },
  services: [{ id: 3300, title: 'Стрижка', cost: 2000, cost_to_pay: 1800, amount: 1 }],
  goods_transactions: [],
  finance_transactions: [{ id: 5, amount: 1800, expense: { id: 5, title: 'Оказание услуг' } }],
}
export const OPERATION = {
  id: 11,
  document_id: 77,
  date: '2026-11-01T12:30:00+0300',
  amount: 950,
  expense: { id: 7, title: 'Продажа товаров' },
  client: [],
  record_id: 0,
  sold_item_id: 3360,
  sold_item_type: 'goods_transaction',
}

export function transactionOf(record: MappedRecord) {
  if (record.type !== 'transaction') throw new Error(JSON.stringify(record))
  return record.transaction
}

export function operationsOf(changes: readonly object[]) {
  return changes
    .map((change) => readSaleRow({ ...OPERATION, ...change }))
    .flatMap((operation) => (operation === null || 'type' in operation ? [] : [operation]))
}
