// The account in amoCRM's own forms, with the variety that live bodies have: null for empty lists, sums with and
// without their fraction, phones as people type them. Which form a thing takes depends on its id only.
import {
  type Deal,
  type Invoice,
  invoiceTime,
  type Line,
  type Person,
  type Purchase,
} from '#sandbox/amo_crm/account.ts'

type Json = Record<string, unknown>

export const seconds = (date: Date): number => Math.floor(date.getTime() / 1000)
const rubles = (kopecks: number): number => kopecks / 100

export function leadJson(deal: Deal, accountId: number, withContacts: boolean): Json {
  const { id, kopecks } = deal
  // Accounts that have not got the new field yet have whole sums only.
  const isWhole = kopecks !== null && kopecks % 100 === 0
  const minor = isWhole && id % 5 === 0 ? {} : { price_with_minor_units: kopecks === null ? null : rubles(kopecks) }
  return {
    ...{ id, name: deal.name, price: kopecks === null ? null : Math.trunc(rubles(kopecks)), ...minor },
    ...{ responsible_user_id: 9_000_001, group_id: 0, status_id: deal.statusId, pipeline_id: deal.pipelineId },
    ...{ loss_reason_id: null, created_by: 9_000_001, updated_by: 9_000_001, created_at: seconds(deal.createdAt) },
    ...{
      updated_at: seconds(deal.updatedAt),
      closed_at: deal.closedAt && seconds(deal.closedAt),
      closest_task_at: null,
    },
    ...{ is_deleted: false, custom_fields_values: null, score: null, account_id: accountId, labor_cost: null },
    _embedded: {
      ...{ tags: [], companies: [] },
      ...(withContacts && { contacts: deal.contactIds.map((contactId, n) => ({ id: contactId, is_main: n === 0 })) }),
    },
  }
}

export function binnedJson(deal: Deal): Json {
  return { id: deal.id, updated_at: seconds(deal.updatedAt), is_deleted: true }
}

export function contactJson(person: Person, accountId: number): Json {
  const phones = person.phones.map((value, n) =>
    typeof value === 'number' ? { value } : { value, enum_id: 11 + n, enum_code: n === 0 ? 'WORK' : 'MOB' },
  )
  const emails = person.email ? [{ value: person.email, enum_id: 21, enum_code: 'WORK' }] : []
  const fields = [
    ...(phones.length > 0 ? [field(900, 'Телефон', 'PHONE', 'multitext', phones)] : []),
    ...(emails.length > 0 ? [field(901, 'Email', 'EMAIL', 'multitext', emails)] : []),
    field(902, 'Любимый день', null, 'date', [{ value: 1_790_000_000 }]),
  ]
  return {
    ...{ id: person.id, name: [person.firstName, person.lastName].filter(Boolean).join(' ') },
    ...{ first_name: person.firstName || null, last_name: person.lastName || null, is_deleted: false },
    ...{ account_id: accountId, custom_fields_values: person.id % 7 === 0 && phones.length === 0 ? null : fields },
  }
}

function field(id: number, name: string, code: string | null, type: string, values: readonly unknown[]): Json {
  return { field_id: id, field_name: name, field_code: code, field_type: type, values }
}

export function customerJson(id: number, contactId: number, updatedAt: Date, withContacts: boolean): Json {
  const contacts = withContacts ? { contacts: [{ id: contactId, is_main: true }] } : {}
  return { id, name: `Покупатель ${id}`, updated_at: seconds(updatedAt), is_deleted: false, _embedded: { ...contacts } }
}

export function purchaseJson(purchase: Purchase, accountId: number): Json {
  const { id, customerId } = purchase
  return {
    ...{
      id,
      price: rubles(purchase.kopecks),
      comment: null,
      completed_at: seconds(purchase.at),
      customer_id: customerId,
    },
    ...{ created_at: seconds(purchase.at), updated_at: seconds(purchase.updatedAt), is_deleted: purchase.deleted },
    ...{ account_id: accountId, _embedded: { customer: { id: customerId }, catalog_elements: [] } },
  }
}

export function invoiceJson(invoice: Invoice, catalogId: number): Json {
  const { id, paidAt, payerId, dealId, lines, isByText } = invoice
  const status = isByText
    ? { value: STATUS_TEXTS[invoice.status], enum_id: 31 }
    : { value: 'Статус', enum_id: 1, enum_code: invoice.status }
  const payer = payerId === null ? [] : [{ value: { name: 'Анна П.', entity_type: 'contacts', entity_id: payerId } }]
  const items = lines?.map(lineJson) ?? [lineJson({ kopecks: invoice.kopecks, quantity: 1 })]
  const deal = { value: `https://coffee1.amocrm.ru/leads/detail/${dealId}` }
  return {
    ...{
      id,
      name: `Счет #${id % 1000}`,
      created_at: seconds(invoice.updatedAt),
      updated_at: seconds(invoice.updatedAt),
    },
    ...{ is_deleted: false, catalog_id: catalogId },
    custom_fields_values: [
      field(31, 'Статус', 'BILL_STATUS', 'select', [status]),
      ...(lines
        ? []
        : [field(32, 'Итоговая сумма', 'BILL_PRICE', 'monetary', [{ value: String(rubles(invoice.kopecks)) }])]),
      ...(paidAt
        ? [field(33, 'Дата оплаты', 'BILL_PAYMENT_DATE', 'date_time', [{ value: paymentDateOf(invoice) }])]
        : []),
      ...(payer.length > 0 ? [field(34, 'Плательщик', 'PAYER', 'payer', payer)] : []),
      field(
        ...([35, 'Позиции', 'ITEMS', 'items'] as const),
        items.map((value) => ({ value })),
      ),
      ...(dealId === null ? [] : [field(36, 'Сделка', 'LINK_TO_LEAD', 'url', [deal])]),
    ],
  }
}

const STATUS_TEXTS: Readonly<Record<Invoice['status'], string>> = {
  created: 'Создан',
  paid: 'Оплачен',
  partially_paid: 'Частично оплачен',
  paid_in_advance: 'Оплачен в аванс',
}

function paymentDateOf(invoice: Invoice): number | string {
  const at = invoiceTime(invoice)
  if (invoice.paymentDate === 'timestamp') return seconds(at)
  const moscow = new Date(at.getTime() + 3 * 3_600_000).toISOString()
  return invoice.paymentDate === 'day' ? moscow.slice(0, 10) : `${moscow.slice(0, 19)}+03:00`
}

function lineJson({ kopecks, quantity, discountKopecks, discountPercent, hasSumOnly }: Line): Json {
  const discount =
    discountPercent === undefined
      ? { type: 'amount', value: rubles(discountKopecks ?? 0) }
      : { type: 'percentage', value: discountPercent }
  const price = hasSumOnly ? { total_sum: rubles(kopecks * quantity) } : { unit_price: rubles(kopecks), discount }
  return { description: 'Услуги', quantity, unit_type: 'шт', ...price }
}

export function problem(status: 400 | 401 | 402 | 403 | 404, detail: string, code?: number): Response {
  const body = { title: 'Ошибка', type: `https://httpstatus.es/${status}`, status, detail, code }
  return Response.json(body, { status, headers: { 'content-type': 'application/problem+json' } })
}
