// What of the money in a salon is a sale, and how much of it.
import { describe, expect, it } from 'vitest'
import { completeSale, completeVisit, type Documents } from '#crm/yclients/documents.ts'
import { readSaleRow } from '#crm/yclients/operations.ts'
import { SaleDocument } from '#crm/yclients/schema.ts'
import { readVisit } from '#crm/yclients/visits.ts'
import { BRANCH, OPERATION, operationsOf, transactionOf, VISIT } from './rows.ts'

/** The documents of a branch, and which were read. */
function documentsOf(shown: Readonly<Record<string, object>>) {
  const read: string[] = []
  const documents: Documents = {
    sale: async (id) => {
      read.push(id)
      return shown[id] === undefined ? null : SaleDocument.parse({ state: shown[id] })
    },
    visitLoyalty: async () => [],
    refusal: () => null,
    hasAnswered: () => true,
  }
  return { read, context: { account: BRANCH, documents } }
}

async function completed(change: object, shown: Readonly<Record<string, object>>) {
  const read = readVisit({ ...VISIT, documents: [{ id: 60, type_id: 7 }], ...change })
  if ('type' in read) throw new Error(read.reason)
  const documents = documentsOf(shown)
  const { amountMinor } = transactionOf(await completeVisit(documents.context, read))
  return { amountMinor, read: documents.read }
}

const DEPOSIT = { id: 1, type_id: 11, amount: 3000, created_at: '2026-11-01 12:30:00' }
const CASH = { id: 5, document_id: 60, amount: 1000, expense: { id: 5, title: '' } }
const DUE = [{ id: 1, title: 'Стрижка', cost: 3000, amount: 1 }]

describe('what was paid from a deposit', () => {
  it('B1: counts where the visit has no other payment', async () => {
    const visit = { finance_transactions: [], services: DUE }
    expect(await completed(visit, { 60: { loyalty_transactions: [DEPOSIT] } })).toEqual({
      amountMinor: 300_000,
      read: ['60'],
    })
  })

  it('B2: counts beside what was paid by card', async () => {
    const visit = { finance_transactions: [CASH], services: DUE }
    const shown = { 60: { loyalty_transactions: [{ ...DEPOSIT, amount: '2000.00' }] } }
    expect(await completed(visit, shown)).toMatchObject({ amountMinor: 300_000 })
  })

  it('fills the sum due at most: other records of the visit share its document', async () => {
    const visit = { finance_transactions: [], services: DUE }
    const both = [DEPOSIT, { ...DEPOSIT, id: 2 }, { ...DEPOSIT, id: 2 }]
    expect(await completed(visit, { 60: { loyalty_transactions: both } })).toMatchObject({ amountMinor: 300_000 })
  })

  it.each([
    ['bonuses', 2],
    ['a certificate', 8],
    ['an abonement', 9],
  ])('is not what %s paid', async (_name, type) => {
    const visit = { finance_transactions: [CASH], services: DUE }
    const shown = { 60: { loyalty_transactions: [{ ...DEPOSIT, type_id: type }] } }
    expect(await completed(visit, shown)).toMatchObject({ amountMinor: 100_000 })
  })

  it.each([
    ['is paid by its operations', { services: [{ id: 1, cost: 1000 }], finance_transactions: [CASH] }],
    ['is not paid', { paid_full: 0, services: DUE, finance_transactions: [] }],
    ['tells no operations', { services: DUE, finance_transactions: null }],
  ])('is not looked for where the visit %s', async (_name, change) => {
    expect((await completed(change, {})).read).toEqual([])
  })

  it('is unknown where the document is missing: the operations count', async () => {
    expect(await completed({ finance_transactions: [CASH], services: DUE }, {})).toMatchObject({ amountMinor: 100_000 })
  })
})

describe('what a sale document tells', () => {
  const soldAs = async (shown: object, ...changes: object[]) => {
    const { context } = documentsOf({ 77: shown })
    const { amountMinor, items } = transactionOf(await completeSale(context, '77', operationsOf(changes)))
    return { amountMinor, items }
  }
  const SHAMPOO = { id: 3360, type: 'good', title: 'Шампунь', amount: 1, cost_to_pay_total: 1250 }

  it('B5: one sold item is one item, whatever the number of its payments', async () => {
    expect(await soldAs({ items: [SHAMPOO] }, { amount: 950 }, { id: 12, amount: 300 })).toEqual({
      amountMinor: 125_000,
      items: [{ externalId: '3360', name: 'Шампунь', quantity: 1, amountMinor: 125_000 }],
    })
  })

  it('has names and quantities, also of what no payment names', async () => {
    const items = [
      { ...SHAMPOO, amount: 2 },
      { ...SHAMPOO, id: 3361, title: 'Маска', cost_to_pay_total: '50.50' },
    ]
    const sold = await soldAs(
      { items },
      { amount: 1250 },
      { id: 12, sold_item_id: null, sold_item_type: '', amount: 50.5 },
    )
    expect(sold.amountMinor).toBe(130_050)
    expect(sold.items.map(({ name, quantity, amountMinor }) => [name, quantity, amountMinor])).toEqual([
      ['Шампунь', 2, 125_000],
      ['Маска', 1, 5050],
    ])
  })

  it('counts what the deposit paid, up to the sum due', async () => {
    const loyalty_transactions = [{ ...DEPOSIT, amount: 300 }]
    const shown = { items: [SHAMPOO], loyalty_transactions }
    expect(await soldAs(shown, { amount: 950 })).toMatchObject({ amountMinor: 125_000 })
    expect(await soldAs(shown, { amount: 1250 })).toMatchObject({ amountMinor: 125_000 })
    expect(await soldAs({ items: [], loyalty_transactions }, { amount: 950 })).toMatchObject({ amountMinor: 125_000 })
  })

  it('keeps a payment whose line is not in it', async () => {
    const sold = await soldAs({ items: [SHAMPOO] }, { amount: 1250 }, { id: 12, sold_item_id: 9, amount: 100 })
    expect(sold.items.map(({ externalId }) => externalId)).toEqual(['3360', '9'])
  })
})

describe('a row of the list of cash movements', () => {
  const VOUCHER = { sold_item_id: 0, record_id: undefined }

  it.each([
    ['B3: an abonement', { ...VOUCHER, expense: { id: 6 }, amount: 12_000, sold_item_type: '' }],
    ['B4: a certificate', { ...VOUCHER, expense: { id: 12 }, amount: 5000, sold_item_type: null }],
    [
      'an abonement under an expense of the company’s own',
      { expense: { id: 2640 }, sold_item_type: 'loyalty_abonement' },
    ],
    ['a certificate by its kind alone', { expense: [], expense_id: 8, sold_item_type: 'loyalty_certificate' }],
  ])('%s is a sale', (_name, change) => {
    expect(readSaleRow({ ...OPERATION, ...change })).toMatchObject({ document_id: 77 })
  })

  it.each([
    ['a top-up', { expense: { id: 10 } }],
    ['a top-up by its kind', { sold_item_type: 'account_replenishment' }],
    ['a top-up of a client’s account', { expense: { id: 8 }, sold_item_type: 'client_account' }],
    ['a top-up of a personal account', { sold_item_type: 'personal_account' }],
    ['A11: manual income', { document_id: 0, sold_item_type: '', sold_item_id: 0, expense: { id: 5 } }],
    ['manual income without the field', { document_id: undefined, expense: { id: 7 } }],
    ['a payment of a visit', { record_id: '9' }],
    ['a payment of a visit that is named as an object', { record_id: 0, record: { id: 9, date: '' } }],
    ['a payment of a visit that is named by itself', { record_id: undefined, visit_id: 9 }],
    ['a payment of a visit whose sum cannot be read', { record_id: 9, amount: 'много' }],
    ['an expense', { amount: '-100.00' }],
    ['an expense whose date cannot be read', { amount: -100, date: null }],
    ['other income', { expense: { id: 8 }, sold_item_type: '' }],
    ['a removed one', { deleted: 1 }],
  ])('%s is none and no odd row', (_name, change) => {
    expect(readSaleRow({ ...OPERATION, ...change })).toBeNull()
  })

  it.each([[[]], [null], [{}]])('A11: %j says nothing', (row) => {
    expect(readSaleRow(row)).toBeNull()
  })

  it.each([
    ['a date', { date: null }],
    ['a sum', { amount: 'много' }],
    ['an id', { id: null }],
  ])('a sale without %s that can be read is odd', (_name, change) => {
    expect(readSaleRow({ ...OPERATION, ...change })).toMatchObject({ type: 'unmapped' })
  })
})
