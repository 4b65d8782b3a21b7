import { describe, expect, it } from 'vitest'
import type { MappedRecord, StoredSale } from '#crm/contract.ts'
import { createContacts, payerOf } from '#crm/renovatio/contacts.ts'
import { mapInvoice, mapVisit, type ClinicContext, readInvoice } from '#crm/renovatio/map.ts'
import type { Invoice } from '#crm/renovatio/schema.ts'

const CLINIC: ClinicContext = {
  ...{ zoneOf: () => 'Europe/Moscow', currency: 'RUB', callingCode: '7', clinics: { 1: 'Клиника на Садовой' } },
}
const INVOICE = {
  ...{ number: 16_762, date: '27.03.2025 13:08', value: '2220', status: 'Оплачен', status_code: 2 },
  ...{ appointment_id: 47_338, patient_id: 42_011, patient: 'Кедрова Анна Петровна', clinic_id: 1 },
}
const VISIT = {
  ...{ id: 47_338, time_start: '27.03.2025 12:45', status: 'completed', status_id: 4, sum_value: 2220 },
  ...{ clinic_id: 1, clinic: 'Клиника на Садовой', doctor: 'Врачев С. П.', date_updated: '27.03.2025 13:05' },
  ...{
    patient_id: 42_011,
    patient_name: 'Кедрова Анна Петровна',
    patient_phone: '+7 (900) 123-45-67',
    patient_email: '',
  },
  services: [{ id: 811, title: 'Приём гинеколога', value: '1900', invoice_number: 16_762 }],
}

function invoiceOf(change: object = {}): Invoice {
  const read = readInvoice({ ...INVOICE, ...change })
  if ('type' in read) throw new Error(JSON.stringify(read))
  return read
}

function transactionOf(record: MappedRecord) {
  if (record.type !== 'transaction') throw new Error(JSON.stringify(record))
  return record.transaction
}

const invoice = (change: object = {}) => transactionOf(mapInvoice(invoiceOf(change), null, CLINIC))
const visit = (change: object = {}) => transactionOf(mapVisit({ ...VISIT, ...change }, CLINIC))

describe('an invoice', () => {
  it('is a sale at its own date, in its clinic, with no line of what was done', () => {
    expect(invoice()).toEqual({
      ...{ externalId: 'invoice:16762', kind: 'sale', status: 'paid', amountMinor: 222_000, currency: 'RUB' },
      ...{ occurredAt: '2025-03-27T10:08:00Z', customer: null, items: [], sourceUpdatedAt: null },
      location: { externalId: '1', name: 'Клиника на Садовой' },
    })
  })

  it.each([
    ['paid', { status_code: '2', status: '' }, 'paid'],
    ['voided, whatever its code says', { status_code: 2, status: 'Аннулирован' }, 'cancelled'],
    ['refunded, whatever its code says', { status_code: '2', status: 'Возврат' }, 'cancelled'],
    ['refunded in part', { status_code: 2, status: 'Частичный возврат' }, 'paid'],
    ['not paid', { status_code: 0, status: 'Не оплачен' }, 'unpaid'],
    ['paid in part', { status_code: 1, status: 'Частично оплачен' }, 'unpaid'],
    ['of a code that nobody knows', { status_code: 77, status: 'Новый' }, 'unpaid'],
    ['voided', { status_code: 3, status: 'Аннулирован' }, 'cancelled'],
    ['cancelled', { status_code: -1, status: 'Отменён' }, 'cancelled'],
    ['refunded', { status_code: 4, status: 'Возврат' }, 'cancelled'],
    ['deleted', { is_deleted: true }, 'cancelled'],
    ['deleted, as text', { is_deleted: '1' }, 'cancelled'],
  ])('%s', (_name, change, status) => {
    expect(invoice(change).status).toBe(status)
  })

  it.each([
    ['no number', { number: null }],
    ['a word for a number', { number: 'Диагноз' }],
    ['no date', { date: undefined }],
    ['a date that is none', { date: '31.02.2025' }],
    ['no sum', { value: null }],
    ['a sum that is none', { value: 'много' }],
    ['no status code', { status_code: undefined }],
    ['a word for a status code', { status_code: 'paid' }],
    ['an empty status code', { status_code: '' }],
  ])('goes to quarantine with a reason: %s', (_name, change) => {
    const read = readInvoice({ ...INVOICE, ...change })
    const record = 'type' in read ? read : mapInvoice(read, null, CLINIC)
    expect(record).toMatchObject({ type: 'unmapped', externalId: 'number' in change ? null : 'invoice:16762' })
    expect(record.type === 'unmapped' && record.reason).toBeTruthy()
    expect(JSON.stringify(record)).not.toMatch(/Кедрова|Диагноз|много|paid/)
  })

  it.each([null, 'счёт', 5, []])('that is %j goes to quarantine', (raw) => {
    expect(readInvoice(raw)).toMatchObject({ type: 'unmapped', externalId: null })
  })
})

describe('a visit as a sale', () => {
  it('has the patient with the phone, and the visit’s own sum and change time', () => {
    expect(visit()).toMatchObject({
      ...{ externalId: 'appointment:47338', status: 'paid', amountMinor: 222_000, items: [] },
      ...{ occurredAt: '2025-03-27T09:45:00Z', sourceUpdatedAt: '2025-03-27T10:05:00Z' },
      customer: { externalId: '42011', name: 'Кедрова Анна Петровна', phone: '+79001234567', email: null, card: null },
    })
  })

  it.each([
    ['completed', 'paid'],
    ['refused', 'cancelled'],
    ['upcoming', 'unpaid'],
  ])('%s', (status, canonical) => {
    expect(visit({ status }).status).toBe(canonical)
  })

  it('sums its lines where it has no sum, and never looks at the price before', () => {
    const services = [
      { value: '1 900,50', original_price: '135' },
      { value: 320, original_price: null },
    ]
    expect(visit({ sum_value: null, services }).amountMinor).toBe(222_050)
    expect(visit({ sum_value: undefined, services: null }).amountMinor).toBe(0)
  })

  it.each([
    [
      'the patient’s block',
      { patient_phone: '', patient: { mobile: '8 900 123 45 67', email: 'a@example.com' } },
      'a@example.com',
    ],
    ['the name that hooks have', { patient_phone: null, patient_mobile: '79001234567' }, null],
  ])('finds the phone in %s', (_name, change, email) => {
    expect(visit(change).customer).toMatchObject({ phone: '+79001234567', email })
  })

  it('has no customer where nobody is named', () => {
    const nobody = { patient_id: null, patient_name: null, patient_phone: '', patient_email: null }
    expect(visit(nobody).customer).toBeNull()
  })
})

describe('whose an invoice is', () => {
  const NEVER = { stored: undefined, contact: null, isNews: false, refill: false, callingCode: '7' }
  const contacts = createContacts(CLINIC)
  contacts.learn([VISIT, null, 'текст', { services: 'нет' }])
  const before = (change: object = {}): StoredSale => ({
    ...({ kind: 'sale', status: 'paid', amountMinor: 1, currency: 'RUB', occurredAt: '2025-03-27T10:08:00Z' } as const),
    ...{ items: [], locationId: null, sourceUpdatedAt: null },
    customer: { externalId: '42011', name: 'Кедрова', phone: '+79007654321', email: null, card: null, ...change },
  })

  it('is asked for by the patient’s card where no list tells a phone', () => {
    expect(payerOf(invoiceOf(), NEVER)).toMatchObject({ cardOf: '42011', customer: { name: 'Кедрова Анна Петровна' } })
    expect(payerOf(invoiceOf({ patient_mobile: '+7 (900) 123-45-67' }), NEVER)).toMatchObject({ cardOf: null })
  })

  it('is not asked for where it was never paid and is not stored, or where it is known', () => {
    expect(payerOf(invoiceOf({ status_code: 0 }), NEVER).cardOf).toBeNull()
    expect(payerOf(invoiceOf(), { ...NEVER, stored: before({ phone: null }) }).cardOf).toBeNull()
    expect(payerOf(invoiceOf(), { ...NEVER, stored: before({ phone: null }), refill: true }).cardOf).toBe('42011')
  })

  it('keeps the phone that is stored when a list shows none, and takes a new one from a visit that has changed', () => {
    const contact = contacts.of(invoiceOf())
    const known = { ...NEVER, stored: before(), contact }
    expect(payerOf(invoiceOf(), known).customer?.phone).toBe('+79007654321')
    expect(payerOf(invoiceOf(), { ...known, isNews: true }).customer?.phone).toBe('+79001234567')
  })

  it('keeps nothing of the patient it was billed to before', () => {
    const moved = payerOf(invoiceOf({ patient_id: 5, patient: 'Белов' }), { ...NEVER, stored: before() })
    expect(moved).toEqual({
      cardOf: '5',
      customer: { externalId: '5', name: 'Белов', phone: null, email: null, card: null },
    })
  })

  it('is the visit’s patient where the invoice names none, and never somebody else who came', () => {
    const found = (change: object) => contacts.of(invoiceOf(change))?.phone ?? null
    expect(found({ patient_id: null })).toBe('+79001234567')
    expect(found({ patient_id: 42_011, appointment_id: null })).toBe('+79001234567')
    expect(found({ patient_id: null, appointment_id: null })).toBe('+79001234567')
    expect(found({ patient_id: 5 })).toBeNull()
    expect(found({ patient_id: null, appointment_id: 0, number: 5 })).toBeNull()
  })
})
