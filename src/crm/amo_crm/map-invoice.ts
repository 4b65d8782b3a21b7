// Invoices → canonical transactions. All that is known of them stands in custom fields, which users may delete. Pure.
import type { Customer, Item, MappedRecord } from '#crm/contract.ts'
import { customerOrNull } from '#crm/kit/customer.ts'
import { FieldError, idIn, mapGuarded, prefixed, readRecord, unmapped, type Unmapped } from '#crm/kit/mapping.ts'
import { callingCodeOf } from '#lib/calling-code.ts'
import { toMinor } from '#lib/money.ts'
import { normalizePhone } from '#lib/phone.ts'
import { instantOf, TimeError } from '#lib/time.ts'
import type { AccountContext } from '#crm/amo_crm/cursor.ts'
import { decide } from '#crm/amo_crm/rules.ts'
import { asText, toInstant, toSum, valuesOf } from '#crm/amo_crm/map.ts'
import { Invoice, InvoiceLine, Payer } from '#crm/amo_crm/schema.ts'
import { INVOICE_STATUSES, type InvoiceStatus } from '#crm/amo_crm/settings.ts'

export interface ReadInvoice {
  readonly invoice: Invoice
  /** Null: nobody knows. */
  readonly status: InvoiceStatus | null
  /** Unix seconds. */
  readonly changedAt: number
  readonly paidAt: number | null
  readonly isDateUnreadable: boolean
  readonly payer: Payer | null
  /** Of the deal that it belongs to. */
  readonly leadId: string | null
}

export function readInvoice(raw: unknown, { timezone }: AccountContext): ReadInvoice | Unmapped {
  const externalId = prefixed('invoice:', idIn(raw))
  const invoice = readRecord(Invoice, raw, externalId)
  if ('type' in invoice) return invoice
  const changedAt = invoice.updated_at || invoice.created_at
  if (!changedAt) return unmapped(externalId, 'it has no time', raw)
  const first = (code: string) => valuesOf(invoice, code)[0]
  const paidAt = paymentTime(first('BILL_PAYMENT_DATE')?.value, timezone)
  return {
    ...{ invoice, changedAt, paidAt: paidAt ?? null, isDateUnreadable: paidAt === undefined },
    status: statusOf(first('BILL_STATUS')),
    payer: Payer.safeParse(first('PAYER')?.value).data ?? null,
    leadId: /\/leads\/detail\/(\d{1,19})/.exec(String(asText(first('LINK_TO_LEAD')?.value) ?? ''))?.[1] ?? null,
  }
}

const DAY_FIRST = /^(\d\d)\.(\d\d)\.(\d{4})(?= |$)/
/** From this on a timestamp has milliseconds: as seconds it would be the year 5138. */
const MILLISECONDS_MIN = 1e11

/** Unix seconds of a timestamp, a day or a time; a day begins at the account's midnight. Undefined: unreadable. */
function paymentTime(value: unknown, timezone: string): number | null | undefined {
  const text = String(asText(value) ?? '').trim()
  if (text === '' || text === '0') return value == null || asText(value) !== null ? null : undefined
  if (/^\d{9,15}$/.test(text)) {
    const number = Number(text)
    return number < MILLISECONDS_MIN ? number : Math.floor(number / 1000)
  }
  try {
    return Math.floor(Date.parse(instantOf(text.replace(DAY_FIRST, '$3-$2-$1'), timezone)) / 1000)
  } catch (error) {
    if (error instanceof TimeError) return undefined
    throw error
  }
}

/** Where the code is missing: the texts with which lists of invoices are made, in the languages of amoCRM and Kommo. */
const STATUS_TEXTS: Readonly<Record<InvoiceStatus, readonly string[]>> = {
  created: [
    ...['создан', 'создана', 'создано', 'выставлен', 'created', 'creado', 'creada', 'criado', 'criada'],
    ...['не оплачен', 'не оплачена', 'не оплачено', 'отменен', 'аннулирован', 'unpaid', 'not paid', 'cancelled'],
    ...['canceled', 'no pagado', 'no pagada', 'não pago', 'não paga', 'cancelado', 'cancelada'],
  ],
  paid: [
    ...['оплачен', 'оплачена', 'оплачено', 'paid', 'pagado', 'pagada', 'pago', 'paga', 'pagato', 'pagata'],
    ...['payé', 'payée', 'bezahlt', 'ödendi', 'dibayar', 'lunas', 'сплачено', 'сплачений', 'төленді', "to'landi"],
  ],
  partially_paid: [
    ...['частично оплачен', 'частично оплачена', 'частично оплачено', 'оплачен частично', 'оплачено частично'],
    ...['partially paid', 'partly paid', 'parcialmente pagado', 'parcialmente pagada', 'parcialmente pago'],
  ],
  paid_in_advance: [
    ...['оплачен в аванс', 'оплачена в аванс', 'оплачено в аванс', 'оплачен авансом', 'оплачено авансом'],
    ...['paid in advance', 'pagado por adelantado', 'pago antecipadamente', 'pago adiantado'],
  ],
}

function statusOf(
  field: { readonly value?: unknown; readonly enum_code?: string | null | undefined } | undefined,
): InvoiceStatus | null {
  const text = String(asText(field?.value) ?? '')
    .toLowerCase()
    .normalize('NFC')
    .replaceAll('ё', 'е')
    .replaceAll(/[‘’ʻʼ`]/g, "'")
    .replaceAll(/\s+/g, ' ')
    .trim()
  return INVOICE_STATUSES.find((status) => status === field?.enum_code || STATUS_TEXTS[status].includes(text)) ?? null
}

/** The payer's contact id. A payer of another kind is described in the invoice itself. */
export function payingContact({ payer }: ReadInvoice): string | null {
  return payer?.entity_type === 'contacts' ? (payer.entity_id ?? null) : null
}

/** Nothing in it says who pays, so the deal's contact does. */
export function hasNoPayer(read: ReadInvoice, account: AccountContext): boolean {
  return payingContact(read) === null && (read.payer === null || toPayer(read.payer, account) === null)
}

/** Whether it is no sale, whatever else is in it. */
export function isUnpaid({ status, invoice }: ReadInvoice, paidStatuses: readonly InvoiceStatus[]): boolean {
  return invoice.is_deleted === true || (status !== null && !paidStatuses.includes(status))
}

export function mapInvoice(
  { invoice, status, changedAt, paidAt, isDateUnreadable, payer }: ReadInvoice,
  account: AccountContext,
  { contact, paidStatuses }: { readonly contact: Customer | null; readonly paidStatuses: readonly InvoiceStatus[] },
): MappedRecord {
  const externalId = `invoice:${invoice.id}`
  if (status === null && !invoice.is_deleted) {
    return unmapped(externalId, 'BILL_STATUS: missing, or a status that nobody knows', invoice)
  }
  const isPaid = status !== null && paidStatuses.includes(status)
  return mapGuarded(externalId, invoice, () => {
    if (isDateUnreadable && isPaid) throw new FieldError('BILL_PAYMENT_DATE: not a time')
    const lines = valuesOf(invoice, 'ITEMS').map(({ value }) => InvoiceLine.safeParse(value).data ?? null)
    const items = lines.flatMap((line) => (line ? [toItem(line, account)] : []))
    return {
      externalId,
      ...(invoice.is_deleted
        ? decide('invoice_deleted')
        : decide(isPaid ? 'invoice_counted' : 'invoice_not_counted', { status: status ?? '' })),
      ...(statedSum(invoice, account) ?? sumOf(lines.length === items.length ? items : [], account, isPaid)),
      occurredAt: toInstant(paidAt ?? changedAt),
      customer: contact ?? (payer && toPayer(payer, account)),
      items,
      sourceUpdatedAt: toInstant(changedAt),
    }
  })
}

/** Null: the total is missing, as it is until somebody edits the invoice on the web. */
function statedSum(invoice: Invoice, account: AccountContext) {
  const price = asText(valuesOf(invoice, 'BILL_PRICE')[0]?.value)
  return price === null || String(price).trim() === '' ? null : toSum(price, account)
}

function sumOf(items: readonly Item[], { currency }: AccountContext, isPaid: boolean) {
  if (items.length === 0 && isPaid) throw new FieldError('BILL_PRICE: missing, and ITEMS do not tell the sum')
  const amountMinor = items.reduce((sum, item) => sum + item.amountMinor, 0)
  return { amountMinor, currency, kind: amountMinor < 0 ? ('refund' as const) : ('sale' as const), location: null }
}

function toPayer({ name, phone, email }: Payer, account: AccountContext): Customer | null {
  const ownPhone = normalizePhone(phone, callingCodeOf(account))
  return customerOrNull({ name: name || null, phone: ownPhone, email: email || null })
}

function toItem(line: InvoiceLine, { currency }: AccountContext): Item {
  const quantity = Number(line.quantity ?? 1)
  const amountMinor = line.total_sum == null ? discounted(line, quantity, currency) : toMinor(line.total_sum, currency)
  return { externalId: line.product_id ?? null, name: line.description || '—', quantity, amountMinor }
}

/** An amount is taken off the line, not off each piece. */
function discounted({ unit_price: price, discount }: InvoiceLine, quantity: number, currency: string): number {
  const gross = Math.round(toMinor(price ?? 0, currency) * quantity)
  const off = discount?.value ?? 0
  const amountOff = discount?.type === 'percentage' ? Math.round((gross * Number(off)) / 100) : toMinor(off, currency)
  return Math.max(gross - amountOff, Math.min(gross, 0))
}
