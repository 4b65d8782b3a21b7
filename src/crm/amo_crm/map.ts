// Vendor records → canonical transactions (`CanonicalTransaction` in crm/contract.ts). Pure.
import type { Customer, Item, MappedRecord } from '#crm/contract.ts'
import { customerOrNull } from '#crm/kit/customer.ts'
import { FieldError, idIn, mapGuarded, prefixed, readRecord, unmapped, type Unmapped } from '#crm/kit/mapping.ts'
import { toMinor } from '#lib/money.ts'
import { callingCodeOf } from '#lib/calling-code.ts'
import { normalizePhone } from '#lib/phone.ts'
import type { AccountContext } from '#crm/amo_crm/cursor.ts'
import {
  type Contact,
  type Field,
  Invoice,
  InvoiceLine,
  Lead,
  Payer,
  Purchase,
  type Customer as VendorCustomer,
} from '#crm/amo_crm/schema.ts'

/** The ids of these two stages are the same in every pipeline. */
const WON = 142
const LOST = 143

export function isWon(lead: Lead): boolean {
  return lead.status_id === WON && lead.is_deleted !== true
}

/** Whether a deal won in this pipeline is a sale. A stored deal is followed into any pipeline. */
export function isChosen(lead: Lead, pipelineIds: readonly number[] | undefined): boolean {
  return pipelineIds === undefined || pipelineIds.includes(lead.pipeline_id)
}

export function mainContact(embedded: Lead['_embedded']): string | null {
  const links = embedded?.contacts ?? []
  return (links.find((link) => link.is_main) ?? links[0])?.id ?? null
}

export function readLead(raw: unknown): Lead | Unmapped {
  return readRecord(Lead, raw, prefixed('lead:', idIn(raw)))
}

export function mapLead(lead: Lead, account: AccountContext, customer: Customer | null): MappedRecord {
  const status = lead.is_deleted || lead.status_id === LOST ? 'cancelled' : lead.status_id === WON ? 'paid' : 'unpaid'
  const externalId = `lead:${lead.id}`
  return mapGuarded(externalId, lead, () => ({
    externalId,
    status,
    // Despite its name, in whole units with a fraction.
    ...toSum(lead.price_with_minor_units ?? lead.price, account),
    occurredAt: toInstant(lead.closed_at || lead.updated_at),
    customer,
    items: [],
    sourceUpdatedAt: toInstant(lead.updated_at),
  }))
}

/** A deal that is not a sale: won in another pipeline, or not won and never stored. */
export function mapNoSale(lead: Lead, account: AccountContext): MappedRecord {
  const record = mapLead(lead, account, null)
  if (record.type !== 'transaction' || record.transaction.status !== 'paid') return record
  return { type: 'transaction', transaction: { ...record.transaction, status: 'unpaid' } }
}

export function readPurchase(raw: unknown): Purchase | Unmapped {
  return readRecord(Purchase, raw, prefixed('purchase:', idIn(raw)))
}

export function customerOf(purchase: Purchase): string | null {
  return purchase._embedded?.customer?.id ?? purchase.customer_id ?? null
}

export function mapPurchase(purchase: Purchase, account: AccountContext, customer: Customer | null): MappedRecord {
  const externalId = `purchase:${purchase.id}`
  return mapGuarded(externalId, purchase, () => ({
    externalId,
    status: purchase.is_deleted ? 'cancelled' : 'paid',
    ...toSum(purchase.price, account),
    occurredAt: toInstant(purchase.completed_at || purchase.created_at),
    customer,
    items: [],
    sourceUpdatedAt: purchase.updated_at ? toInstant(purchase.updated_at) : null,
  }))
}

export interface ReadInvoice {
  readonly invoice: Invoice
  readonly paidAt: number | null
  readonly payer: Payer | null
}

export function readInvoice(raw: unknown): ReadInvoice | Unmapped {
  const invoice = readRecord(Invoice, raw, prefixed('invoice:', idIn(raw)))
  if ('type' in invoice) return invoice
  const paidAt = Number(valuesOf(invoice, 'BILL_PAYMENT_DATE')[0]?.value)
  const payer = Payer.safeParse(valuesOf(invoice, 'PAYER')[0]?.value)
  return { invoice, paidAt: paidAt > 0 ? paidAt : null, payer: payer.data ?? null }
}

/** The payer's contact id. A payer of another kind is described in the invoice itself. */
export function payingContact({ payer }: ReadInvoice): string | null {
  return payer?.entity_type === 'contacts' ? (payer.entity_id ?? null) : null
}

export function mapInvoice(
  { invoice, paidAt, payer }: ReadInvoice,
  account: AccountContext,
  contact: Customer | null,
): MappedRecord {
  const [status] = valuesOf(invoice, 'BILL_STATUS')
  const externalId = `invoice:${invoice.id}`
  if (!status?.enum_code) return unmapped(externalId, 'the field with its payment status is missing', invoice)
  return mapGuarded(externalId, invoice, () => ({
    externalId,
    status: invoice.is_deleted ? 'cancelled' : status.enum_code === 'paid' ? 'paid' : 'unpaid',
    ...toSum(asText(valuesOf(invoice, 'BILL_PRICE')[0]?.value), account),
    occurredAt: toInstant(paidAt ?? invoice.updated_at),
    customer: contact ?? (payer && toPayer(payer, account)),
    items: valuesOf(invoice, 'ITEMS').flatMap(({ value }) => toItem(value, account)),
    sourceUpdatedAt: toInstant(invoice.updated_at),
  }))
}

/** Of several phone numbers the first valid one counts. */
export function toCustomer(contact: Contact, account: AccountContext): Customer {
  const values = (code: string) => valuesOf(contact, code).map(({ value }) => (typeof value === 'string' ? value : ''))
  const phones = valuesOf(contact, 'PHONE').map(({ value }) => normalizePhone(asText(value), callingCodeOf(account)))
  return {
    externalId: contact.id,
    name: contact.name || [contact.first_name, contact.last_name].filter(Boolean).join(' ') || null,
    phone: phones.find((phone) => phone !== null) ?? null,
    email:
      values('EMAIL')
        .find((email) => email.includes('@'))
        ?.trim() ?? null,
    card: null,
  }
}

/** A customer without a contact has only a name. */
export function nameOnly({ name }: VendorCustomer): Customer | null {
  return customerOrNull({ name: name || null })
}

function toPayer({ name, phone, email }: Payer, account: AccountContext): Customer | null {
  const ownPhone = normalizePhone(phone, callingCodeOf(account))
  return customerOrNull({ name: name || null, phone: ownPhone, email: email || null })
}

function toItem(value: unknown, { currency }: AccountContext): Item[] {
  const parsed = InvoiceLine.safeParse(value)
  if (!parsed.success) return []
  const { description, product_id: externalId, unit_price: price, total_sum: sum } = parsed.data
  const quantity = Number(parsed.data.quantity ?? 1)
  const amountMinor = sum == null ? Math.round(toMinor(price ?? 0, currency) * quantity) : toMinor(sum, currency)
  return [{ externalId: externalId ?? null, name: description || '—', quantity, amountMinor }]
}

function valuesOf({ custom_fields_values: fields }: { readonly custom_fields_values: readonly Field[] }, code: string) {
  return fields.find(({ field_code: known }) => known === code)?.values ?? []
}

function asText(value: unknown): string | number | null {
  return typeof value === 'string' || typeof value === 'number' ? value : null
}

function toSum(value: string | number | null | undefined, { currency }: AccountContext) {
  const amountMinor = toMinor(value ?? 0, currency)
  return { amountMinor, currency, kind: amountMinor < 0 ? ('refund' as const) : ('sale' as const), location: null }
}

/** Throws FieldError for seconds beyond the range of dates. */
export function toInstant(seconds: number): string {
  const date = new Date(seconds * 1000)
  if (Number.isNaN(date.getTime())) throw new FieldError('not a time')
  return date.toISOString().replace('.000Z', 'Z')
}
