// The salon in YCLIENTS' own forms, with the variety that live bodies have: ids as numbers or strings, `[]` for
// nothing, three forms of dates, offsets that are wrong, phones without a plus. Which form a thing takes depends on its
// id only.
import { localDateTime } from '#lib/time.ts'
import type { Document, Line, Loyalty, Operation, Person, Visit } from '#sandbox/yclients/books.ts'

type Json = Record<string, unknown>

const OFFSETS: Readonly<Record<string, string>> = { 'Europe/Moscow': '+03:00', 'Asia/Vladivostok': '+10:00' }

export interface Wire {
  visit(visit: Visit, payments: readonly Operation[], withPayments: boolean): Json
  operation(operation: Operation): Json
  document(document: Document, payments: readonly Operation[]): Json
  loyalty(loyalty: Loyalty): Json[]
}

export function createWire(zone: string): Wire {
  const offset = OFFSETS[zone] ?? '+00:00'
  const naive = (date: Date) => localDateTime(date, zone)
  /** Now and then another offset than the salon's: only the wall clock can be trusted. */
  const stamp = (date: Date, id: number) => `${naive(date)}${id % 7 === 0 ? '+0400' : offset.replace(':', '')}`
  return {
    visit: (visit, payments, withPayments) => ({
      id: visit.id,
      services: visit.services.map((line) => service(line)),
      goods_transactions: visit.goods.map((line) => good(line)),
      staff: { id: 88_120, name: 'Ирина' },
      client: visit.client ? client(visit.client, visit.id) : visit.id % 2 === 0 ? null : [],
      date: naive(visit.at).replace('T', ' '),
      datetime: `${naive(visit.at)}${visit.id % 7 === 0 ? '+04:00' : offset}`,
      last_change_date: stamp(visit.changedAt, visit.id),
      visit_id: visit.id % 2 === 0 ? visit.id + 1 : String(visit.id + 1),
      attendance: visit.attendance,
      paid_full: visit.id % 3 === 0 ? visit.paidFull : Number(visit.paidFull),
      deleted: visit.id % 2 === 0 ? visit.deleted : Number(visit.deleted),
      custom_fields: visit.id % 2 === 0 ? {} : [],
      // Some bodies name no document; the details of the visit have what was paid with loyalty.
      ...(visit.documentId > 0 && visit.id % 5 > 0 && { documents: [{ id: visit.documentId, type_id: 7 }] }),
      ...(withPayments && { finance_transactions: payments.map((payment) => paymentInVisit(payment, naive)) }),
    }),
    operation: (operation) => {
      const text = operation.id % 2 === 0
      return {
        id: text ? String(operation.id) : operation.id,
        document_id: operation.documentId,
        expense: operation.expense,
        date: operation.id % 3 === 0 ? naive(operation.at).replace('T', ' ') : stamp(operation.at, operation.id),
        amount: text ? rubles(operation.kopecks) : operation.kopecks / 100,
        master: [],
        supplier: [],
        account: { id: 23_190, title: 'Карты', is_cash: false },
        client: operation.client ? { ...person(operation.client), phone: operation.client.phone.slice(1) } : [],
        last_change_date: stamp(operation.changedAt, operation.id),
        ...visitOf(operation),
        sold_item_id: operation.itemId || null,
        sold_item_type: operation.itemType || (operation.id % 2 === 0 ? '' : null),
      }
    },
    document: ({ lines, type, loyalty }, payments) => ({
      items: lines.map(({ id, title, quantity, kopecks }) => ({
        ...{ id, type, title, amount: quantity, cost_to_pay_total: kopecks / 100 },
      })),
      loyalty_transactions: loyaltyOf(loyalty),
      payment_transactions: payments.map(({ id, kopecks }) => ({ id, amount: kopecks / 100 })),
    }),
    loyalty: loyaltyOf,
  }
}

function loyaltyOf({ deposit, bonus }: Loyalty): Json[] {
  const created = { created_at: '2026-01-01 12:00:00', item_record_id: 0 }
  return [
    ...(deposit > 0 ? [{ id: 1, type_id: 11, amount: deposit / 100, ...created }] : []),
    ...(bonus > 0 ? [{ id: 2, type_id: 8, amount: rubles(bonus), ...created }] : []),
    { id: 3, type_id: 2, amount: 0.1, ...created },
  ]
}

/** A payment of a visit names it in one of three ways. */
function visitOf({ id, recordId }: Operation): Json {
  if (recordId === 0) return id % 5 === 0 ? { record_id: 0 } : {}
  if (id % 7 === 0) return { record: { id: recordId, date: '' } }
  return id % 7 === 1 ? { record_id: 0, visit_id: recordId + 1 } : { record_id: recordId }
}

function rubles(kopecks: number): string {
  const sign = kopecks < 0 ? '-' : ''
  const digits = String(Math.abs(kopecks)).padStart(3, '0')
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

function person({ id, name }: Person): Json {
  return { id: id % 2 === 0 ? String(id) : id, name }
}

function client(who: Person, visitId: number): Json {
  const full = `${who.name} ${who.surname}`.trim()
  const names = visitId % 2 === 0 ? { surname: who.surname, display_name: full } : { surname: who.surname }
  return {
    id: who.id,
    name: who.name,
    ...names,
    phone: who.phone,
    card: '',
    email: who.email,
    custom_fields: [],
    client_tags: [],
  }
}

function service({ id, title, quantity, kopecks }: Line): Json {
  return { id, title, cost: kopecks / 100, cost_to_pay: kopecks / 100, amount: quantity, discount: 0 }
}

function good({ id, title, quantity, kopecks }: Line): Json {
  return { id: id + 1_000_000, good_id: id, title, amount: -quantity, cost: rubles(kopecks), discount: 0 }
}

function paymentInVisit(payment: Operation, naive: (date: Date) => string): Json {
  return {
    id: payment.id,
    document_id: payment.documentId,
    date: naive(payment.at).replace('T', ' '),
    amount: payment.id % 2 === 0 ? rubles(payment.kopecks) : payment.kopecks / 100,
    expense: payment.expense,
    record_id: payment.recordId,
  }
}
