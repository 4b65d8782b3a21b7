// Invoices as accounts really have them: statuses by their text, sums by their lines, and dates in three forms.
import { describe, expect, it } from 'vitest'
import type { AccountContext } from '#crm/amo_crm/cursor.ts'
import { mapInvoice, readInvoice } from '#crm/amo_crm/map-invoice.ts'
import { Settings } from '#crm/amo_crm/settings.ts'
import { type AmoTenant, createAmoTenant, storedLedger } from '#test/amo.ts'
import { allTransactions, sync } from '#test/tenants.ts'

const ACCOUNT: AccountContext = { timezone: 'Europe/Moscow', currency: 'RUB', country: 'RU', hasCustomers: false }
const AT = 1_790_000_000
const PAID = { value: 'x', enum_id: 1, enum_code: 'paid' }

type Fields = Readonly<Record<string, readonly unknown[]>>

function map(fields: Fields, more: object = {}, paid?: readonly string[]) {
  const settings = Settings.parse(paid ? { invoicePaidStatuses: paid } : {})
  const values = Object.entries({ BILL_STATUS: [PAID], BILL_PRICE: [{ value: '100' }], ...fields })
  const row = {
    ...{ id: 7, created_at: AT - 60, updated_at: AT, is_deleted: false, ...more },
    custom_fields_values: values.map(([field_code, list]) => ({ field_id: 1, field_code, values: list })),
  }
  const read = readInvoice(row, ACCOUNT)
  if ('type' in read) return read
  return mapInvoice(read, ACCOUNT, { contact: null, paidStatuses: settings.invoicePaidStatuses })
}
function sale(...args: Parameters<typeof map>) {
  const record = map(...args)
  return record.type === 'transaction' ? record.transaction : record
}
const lines = (...list: readonly object[]) => ({ BILL_PRICE: [], ITEMS: list.map((value) => ({ value })) })

describe('the status of an invoice', () => {
  it.each([
    ['Оплачен', 'paid'],
    [' оплачено ', 'paid'],
    ['Paid', 'paid'],
    ['Pagado', 'paid'],
    ['PAYÉE', 'paid'],
    ['Paye\u0301', 'paid'],
    ['Bezahlt', 'paid'],
    ['Ödendi', 'paid'],
    ['Сплачено', 'paid'],
    ['To‘landi', 'paid'],
    ['Создан', 'unpaid'],
    ['Не оплачен', 'unpaid'],
    ['Отменён', 'unpaid'],
    ['Unpaid', 'unpaid'],
    ['Não pago', 'unpaid'],
    ['Частично оплачен', 'unpaid'],
    ['Оплачен в аванс', 'unpaid'],
  ])('B14: is known by its text alone: %s', (value, status) => {
    expect(sale({ BILL_STATUS: [{ value, enum_id: 31 }] })).toMatchObject({ status, amountMinor: 10_000 })
  })

  it('goes to quarantine when nobody knows it, and when the field was deleted', () => {
    for (const status of [[{ value: 'Выдан клиенту', enum_id: 31 }], [{ value: 5 }], []]) {
      expect(map({ BILL_STATUS: status })).toMatchObject({ type: 'unmapped', externalId: 'invoice:7' })
    }
  })

  it('counts as paid as the settings say', () => {
    const partly = { BILL_STATUS: [{ value: 'Частично оплачен', enum_id: 33 }] }
    expect(sale(partly, {}, ['paid', 'partially_paid'])).toMatchObject({ status: 'paid' })
    expect(Settings.safeParse({ invoicePaidStatuses: ['created'] }).success).toBe(false)
  })

  it('is of no matter once the invoice is deleted', () => {
    expect(sale({ BILL_STATUS: [] }, { is_deleted: true })).toMatchObject({ status: 'cancelled' })
  })
})

describe('the sum of an invoice', () => {
  it('B15: is that of its lines while nobody has edited it on the web', () => {
    const two = { description: 'Стрижка', unit_price: 250, quantity: 2 }
    const one = { description: 'Шампунь', quantity: 1, total_sum: 90 }
    expect(sale(lines(two, one))).toMatchObject({
      amountMinor: 59_000,
      items: [
        { name: 'Стрижка', quantity: 2, amountMinor: 50_000 },
        { name: 'Шампунь', quantity: 1, amountMinor: 9000 },
      ],
    })
  })

  it.each([
    ['an amount', { type: 'amount', value: 200 }, 1, 80_000],
    ['an amount, off the whole line', { type: 'amount', value: '200' }, 2, 180_000],
    ['a percentage', { type: 'percentage', value: 12.5 }, 2, 175_000],
    ['more than the line', { type: 'amount', value: 5000 }, 1, 0],
    ['none', { type: null, value: null }, 1, 100_000],
    ['an empty one of PHP', [], 1, 100_000],
  ])('B16: has discounts taken off: %s', (_, discount, quantity, amountMinor) => {
    const line = { description: 'Курс', unit_price: 1000, quantity, discount }
    expect(sale(lines(line))).toMatchObject({ amountMinor, items: [{ amountMinor }] })
    expect(sale({ ...lines(line), BILL_PRICE: [{ value: '7.5' }] })).toMatchObject({
      ...{ amountMinor: 750, items: [{ amountMinor }] },
    })
  })

  it('is unknown when neither the total nor all lines can be read: quarantine, where it is paid', () => {
    const odd = { description: 'Курс', unit_price: 1000, quantity: 1, discount: { type: 'gift', value: 5 } }
    const bad = [lines(), lines({ unit_price: 1, quantity: 1 }, { unit_price: 'много' }), lines(odd)]
    for (const fields of bad) {
      expect(map(fields)).toMatchObject({ type: 'unmapped' })
      expect(sale({ ...fields, BILL_STATUS: [{ value: 'Создан' }] })).toMatchObject({ status: 'unpaid' })
    }
  })

  it('is zero where the CRM says so', () => {
    expect(sale({ BILL_PRICE: [{ value: 0 }] })).toMatchObject({ amountMinor: 0, status: 'paid' })
  })
})

describe('the time of an invoice', () => {
  it.each([
    ['a timestamp', 1_588_900_000, '2020-05-08T01:06:40Z'],
    ['a timestamp as text', '1588900000', '2020-05-08T01:06:40Z'],
    ['a day, from the account’s midnight on', '2020-05-08', '2020-05-07T21:00:00Z'],
    ['a time with its offset', '2020-05-08T10:15:00+05:00', '2020-05-08T05:15:00Z'],
    ['a time of UTC', '2020-05-08T10:15:00Z', '2020-05-08T10:15:00Z'],
    ['a time of the account’s zone', '2020-05-08 10:15:00', '2020-05-08T07:15:00Z'],
    ['a timestamp with milliseconds', '1588900000000', '2020-05-08T01:06:40Z'],
    ['a day as it is shown', '08.05.2020', '2020-05-07T21:00:00Z'],
    ['a time as it is shown', '08.05.2020 10:15', '2020-05-08T07:15:00Z'],
    ['nothing', null, new Date(AT * 1000).toISOString().replace('.000Z', 'Z')],
  ])('C3: is that of the payment: %s', (_, value, occurredAt) => {
    expect(sale({ BILL_PAYMENT_DATE: [{ value }] })).toMatchObject({ occurredAt })
  })

  it('is not guessed', () => {
    for (const value of ['вчера', '2020-02-31', '31.02.2020', 20_200_508, { date: 1 }]) {
      expect(map({ BILL_PAYMENT_DATE: [{ value }] })).toMatchObject({ type: 'unmapped' })
      const unpaid = { BILL_STATUS: [{ value: 'Создан' }], BILL_PAYMENT_DATE: [{ value }] }
      expect(sale(unpaid)).toMatchObject({ status: 'unpaid' })
    }
  })

  it('C4: is that of its making where it has no time of change, and never none', () => {
    const made = new Date((AT - 60) * 1000).toISOString().replace('.000Z', 'Z')
    expect(sale({}, { updated_at: null })).toMatchObject({ occurredAt: made, sourceUpdatedAt: made })
    expect(map({}, { updated_at: null, created_at: null })).toMatchObject({ type: 'unmapped' })
  })
})

describe('invoices of an account', () => {
  const invoices = async (settings: object = {}) =>
    createAmoTenant({ settings: { sources: ['invoices'], ...settings } })
  const odd = (tenant: AmoTenant) => {
    const { account } = tenant.sandbox
    const buyer = account.addPerson({ phones: ['8 900 123-45-67'] })
    const deal = account.addDeal({ contactIds: [buyer.id] })
    const line = { kopecks: 100_000, quantity: 2, discountPercent: 10 }
    account.addInvoice({ status: 'paid', isByText: true, dealId: deal.id })
    account.addInvoice({ status: 'paid', lines: [line], paymentDate: 'day' })
    account.addInvoice({ status: 'partially_paid', isByText: true, paymentDate: 'time' })
    account.addInvoice({ status: 'created', lines: [] })
    return buyer
  }

  it('B14, B15, B16, C3: are stored as the account’s books have them, with the deal’s contact where there is no payer', async () => {
    const tenant = await invoices()
    const buyer = odd(tenant)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 2, quarantined: 0 } })
    expect(await storedLedger(tenant)).toEqual(tenant.sandbox.account.ledger())
    const [first] = await allTransactions(tenant)
    const customers = (await allTransactions(tenant)).map(({ customer }) => customer?.phone ?? null)
    expect(first).toBeDefined()
    expect(new Set(customers)).toEqual(new Set(['+79001234567', null]))
    expect((await storedLedger(tenant)).map(({ customerId }) => customerId)).toContain(String(buyer.id))
  })

  it('count as paid as the settings say', async () => {
    const tenant = await invoices({ invoicePaidStatuses: ['paid', 'partially_paid'] })
    odd(tenant)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 3 } })
  })
})
