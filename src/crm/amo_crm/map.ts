// Vendor records → canonical transactions (`CanonicalTransaction` in crm/contract.ts). Pure.
import type { Customer, MappedRecord } from '#crm/contract.ts'
import { customerOrNull } from '#crm/kit/customer.ts'
import { FieldError, idIn, mapGuarded, prefixed, readRecord, type Unmapped } from '#crm/kit/mapping.ts'
import type { Decision } from '#crm/rules.ts'
import { toMinor } from '#lib/money.ts'
import { callingCodeOf } from '#lib/calling-code.ts'
import { normalizePhone } from '#lib/phone.ts'
import type { AccountContext } from '#crm/amo_crm/cursor.ts'
import { decide } from '#crm/amo_crm/rules.ts'
import { type Contact, type Field, Lead, Purchase, type Customer as VendorCustomer } from '#crm/amo_crm/schema.ts'
import type { Settings } from '#crm/amo_crm/settings.ts'

/** The ids of these two stages are the same in every pipeline. */
const WON = 142
const LOST = 143

type Stage = Pick<Lead, 'pipeline_id' | 'status_id'> & { readonly is_deleted?: unknown }

/** Whether the deal stands at a stage that counts as paid. */
export function isPaid(lead: Stage, settings: Settings): boolean {
  return decideLead(lead, settings).status === 'paid'
}

function decideLead(lead: Stage, { paidStatusIds }: Settings): Decision {
  const [stage, pipeline] = [String(lead.status_id), String(lead.pipeline_id)]
  const stages = paidStatusIds?.[pipeline] ?? [WON]
  if (lead.is_deleted === true) return decide('lead_deleted')
  if (stages.includes(lead.status_id))
    return lead.status_id === WON ? decide('lead_won') : decide('lead_at_paid_stage', { stage })
  if (lead.status_id === LOST) return decide('lead_lost')
  return lead.status_id === WON ? decide('lead_won_uncounted', { pipeline }) : decide('lead_open', { stage })
}

/** Whether a deal that is paid in this pipeline is a sale. A stored deal is followed into any pipeline. */
export function isChosen(lead: Stage, { pipelineIds }: Settings): boolean {
  return pipelineIds === undefined || pipelineIds.includes(lead.pipeline_id)
}

export function mainContact(embedded: Lead['_embedded']): string | null {
  const links = embedded?.contacts ?? []
  return (links.find((link) => link.is_main) ?? links[0])?.id ?? null
}

export function readLead(raw: unknown): Lead | Unmapped {
  return readRecord(Lead, raw, prefixed('lead:', idIn(raw)))
}

export interface KnownOfLead {
  readonly settings: Settings
  readonly account: AccountContext
  readonly customer: Customer | null
  /**
   * Since when a deal counts as paid that is still open: it has no time of closing, and every edit changes the other.
   */
  readonly paidSince: string | null
}

export function mapLead(lead: Lead, { settings, account, customer, paidSince }: KnownOfLead): MappedRecord {
  const externalId = `lead:${lead.id}`
  return mapGuarded(externalId, lead, () => {
    const changedAt = timeOf(lead.updated_at, lead.created_at)
    return {
      externalId,
      ...decideLead(lead, settings),
      // Despite its name, in whole units with a fraction.
      ...toSum(lead.price_with_minor_units ?? lead.price, account),
      occurredAt: lead.closed_at ? toInstant(lead.closed_at) : (paidSince ?? toInstant(changedAt)),
      customer,
      items: [],
      sourceUpdatedAt: toInstant(changedAt),
    }
  })
}

/** A deal that is not a sale: won in another pipeline, or not won and never stored. */
export function mapNoSale(lead: Lead, known: KnownOfLead): MappedRecord {
  const record = mapLead(lead, known)
  if (record.type !== 'transaction' || record.transaction.status !== 'paid') return record
  const { status, rule } = decide('lead_other_pipeline', { pipeline: String(lead.pipeline_id) })
  return { type: 'transaction', transaction: { ...record.transaction, status }, rule }
}

/** What says that it is no sale, was never stored and cannot be read otherwise: skipped, not unreadable. */
export function noSale(externalId: string, { currency }: AccountContext, seenAt: Date): MappedRecord {
  const { status, rule } = decide(externalId.startsWith('lead:') ? 'lead_no_sale' : 'invoice_no_sale')
  return {
    type: 'transaction',
    transaction: {
      ...{
        externalId,
        kind: 'sale',
        status,
        amountMinor: 0,
        currency,
        occurredAt: toInstant(Math.floor(seenAt.getTime() / 1000)),
      },
      ...{ customer: null, items: [], location: null, sourceUpdatedAt: null },
    },
    rule,
  }
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
    ...decide(purchase.is_deleted ? 'purchase_deleted' : 'purchase_made'),
    ...toSum(purchase.price, account),
    occurredAt: toInstant(purchase.completed_at || timeOf(purchase.created_at, purchase.updated_at)),
    customer,
    items: [],
    sourceUpdatedAt: purchase.updated_at ? toInstant(purchase.updated_at) : null,
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

export function valuesOf(
  { custom_fields_values: fields }: { readonly custom_fields_values: readonly Field[] },
  code: string,
) {
  return fields.find(({ field_code: known }) => known === code)?.values ?? []
}

export function asText(value: unknown): string | number | null {
  return typeof value === 'string' || typeof value === 'number' ? value : null
}

export function toSum(value: string | number | null | undefined, { currency }: AccountContext) {
  const amountMinor = toMinor(value ?? 0, currency)
  return { amountMinor, currency, kind: amountMinor < 0 ? ('refund' as const) : ('sale' as const), location: null }
}

/** Either of the two times may be missing; the other one serves then. Throws FieldError when both are. */
function timeOf(time: number | null | undefined, other: number | null | undefined): number {
  const known = time || other
  if (!known) throw new FieldError('it has no time')
  return known
}

/** Throws FieldError for seconds beyond the range of dates. */
export function toInstant(seconds: number): string {
  const date = new Date(seconds * 1000)
  if (Number.isNaN(date.getTime())) throw new FieldError('not a time')
  return date.toISOString().replace('.000Z', 'Z')
}
