// Vendor records → canonical transactions (`CanonicalTransaction` in crm/contract.ts). Pure. Services, doctors and
// comments are health data, so a sale has no items and quarantine keeps no words.
import type { CanonicalTransaction, Customer, MappedRecord, StoredSale } from '#crm/contract.ts'
import { customerOrNull } from '#crm/kit/customer.ts'
import { issueOf, mapGuarded, type Ruled, unmapped, type Unmapped } from '#crm/kit/mapping.ts'
import type { Decision } from '#crm/rules.ts'
import { normalizePhone } from '#lib/phone.ts'
import { minorOf, toInstant, versionOf } from '#crm/renovatio/forms.ts'
import { decide } from '#crm/renovatio/rules.ts'
import { Id, Invoice, StatusCode, Visit, type VisitHint } from '#crm/renovatio/schema.ts'

/** What is known of the clinics and needed to map a record. */
export interface ClinicContext {
  readonly zoneOf: (clinicId: string | null) => string
  readonly currency: string
  /** National phone numbers are read by it. */
  readonly callingCode: string
  /** Titles of the clinics by id. */
  readonly clinics: Readonly<Record<string, string>>
}

const PAID = 2
/** The code of a voided or refunded invoice is not documented and may stay that of a paid one: its text decides. */
const VOIDED = /аннулир|отмен|удал|возвра|сторн|cancel|void|refund/i
/** Some of the money was given back; the invoice still counts. */
const IN_PART = /частич|partial/i

/** An invoice of a list, or the reason why it cannot be read. */
export function readInvoice(raw: unknown): Invoice | Unmapped {
  const parsed = Invoice.safeParse(raw)
  return parsed.success ? parsed.data : unreadable('invoice', raw, issueOf(parsed.error))
}

/** A row that has no number yet and says that it is not paid. */
export function isDraft(raw: unknown): boolean {
  const { number, status_code: code } = membersOf(raw)
  const status = StatusCode.safeParse(code).data
  return (number == null || number === '') && status !== undefined && status !== PAID
}

export function isPaid(invoice: Invoice): boolean {
  return decideInvoice(invoice).status === 'paid'
}

function decideInvoice({ status, status_code: code, is_deleted: isDeleted }: Invoice): Decision {
  const isVoided = VOIDED.test(status)
  if (isDeleted) return decide('invoice_deleted')
  if (isVoided && !IN_PART.test(status)) return decide('invoice_voided', { status })
  if (code !== PAID) return decide('invoice_unpaid', { code: String(code) })
  return isVoided ? decide('invoice_refunded_in_part', { status }) : decide('invoice_paid')
}

function decideVisit({ status }: Visit): Decision {
  if (status === 'completed') return decide('visit_completed')
  return decide(status === 'refused' ? 'visit_refused' : 'visit_open')
}

/** `stored`: its figures are kept when the invoice is no longer paid and has lost its own. */
export function mapInvoice(
  invoice: Invoice,
  customer: Customer | null,
  clinic: ClinicContext,
  stored?: Pick<StoredSale, 'amountMinor' | 'occurredAt'>,
): MappedRecord {
  const externalId = `invoice:${invoice.number}`
  const isKept = stored !== undefined && !isPaid(invoice)
  return mapGuarded(externalId, figuresOf(invoice), () =>
    sale(externalId, {
      ...decideInvoice(invoice),
      amountMinor:
        isKept && invoice.value === null ? stored.amountMinor : minorOf(invoice.value ?? '', clinic.currency),
      currency: clinic.currency,
      occurredAt:
        isKept && invoice.date === '' ? stored.occurredAt : toInstant(invoice.date, clinic.zoneOf(invoice.clinic_id)),
      customer,
      location: locationOf(invoice.clinic_id, clinic),
      // An invoice has no change time.
      sourceUpdatedAt: null,
    }),
  )
}

/** A visit as a sale, for keys that may not read invoices. Its sum does not prove payment. */
export function mapVisit(raw: unknown, clinic: ClinicContext): MappedRecord {
  const parsed = Visit.safeParse(raw)
  if (!parsed.success) return unreadable('appointment', raw, issueOf(parsed.error))
  const visit = parsed.data
  const zone = clinic.zoneOf(visit.clinic_id)
  const minor = (value: string | number) => minorOf(value, clinic.currency)
  const externalId = `appointment:${visit.id}`
  return mapGuarded(externalId, figuresOf(raw), () =>
    sale(externalId, {
      ...decideVisit(visit),
      amountMinor:
        visit.sum_value == null
          ? visit.services.reduce((sum, { value }) => sum + minor(value ?? 0), 0)
          : minor(visit.sum_value),
      currency: clinic.currency,
      occurredAt: toInstant(visit.time_start, zone),
      customer: customerOrNull({ externalId: visit.patient_id, ...contactOf(visit, clinic) }),
      location: locationOf(visit.clinic_id, clinic),
      sourceUpdatedAt: visit.date_updated === '' ? null : versionOf(visit.date_updated, zone),
    }),
  )
}

/** A visit that says that it is no sale, or not yet. */
export function isOpenVisit(raw: unknown): boolean {
  const { status } = membersOf(raw)
  return status === 'upcoming' || status === 'refused'
}

/** A patient's contact data; null where the vendor does not show it. */
export type Contact = Pick<Customer, 'name' | 'phone' | 'email'>

export function contactOf(
  { patient, ...visit }: VisitHint,
  { callingCode }: Pick<ClinicContext, 'callingCode'>,
): Contact {
  return {
    name: visit.patient_name || null,
    phone:
      [visit.patient_phone, visit.patient_mobile, patient.mobile, patient.phone]
        .map((phone) => normalizePhone(phone, callingCode))
        .find((phone) => phone !== null) ?? null,
    email: visit.patient_email || patient.email || null,
  }
}

export function conflict(invoice: Invoice): Unmapped {
  return unmapped(null, 'another invoice has the same number', figuresOf(invoice))
}

function sale(externalId: string, rest: Omit<Ruled, 'externalId' | 'kind' | 'items'>) {
  return { externalId, kind: rest.amountMinor < 0 ? 'refund' : 'sale', items: [], ...rest } as const
}

function locationOf(clinicId: string | null, { clinics }: ClinicContext): CanonicalTransaction['location'] {
  return clinicId === null ? null : { externalId: clinicId, name: clinics[clinicId] || null }
}

function unreadable(prefix: 'invoice' | 'appointment', raw: unknown, reason: string): Unmapped {
  const id = Id.safeParse(membersOf(raw)[prefix === 'invoice' ? 'number' : 'id']).data
  return unmapped(id === undefined ? null : `${prefix}:${id}`, reason, figuresOf(raw))
}

function membersOf(raw: unknown): Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null ? { ...raw } : {}
}

const FIGURES = [
  ...['id', 'number', 'date', 'time_start', 'date_updated', 'value', 'sum_value', 'status_code', 'status_id'],
  ...['appointment_id', 'patient_id', 'clinic_id', 'moved_to', 'moved_from'],
]
const STATUSES = new Set<unknown>(['upcoming', 'completed', 'refused'])

/**
 * The figures that find a record in Renovatio: numbers and dates. A text in the place of a figure is kept only as
 * `(text)`.
 */
function figuresOf(raw: unknown): Record<string, unknown> {
  const object = membersOf(raw)
  const figure = (value: unknown) => {
    if (typeof value === 'string') return /^[\d\s.,:+-]{0,40}$/.test(value) ? value : '(text)'
    return typeof value === 'object' && value !== null ? '(object)' : value
  }
  const { status } = object
  const figures = FIGURES.filter((name) => name in object).map((name) => [name, figure(object[name])] as const)
  return { ...Object.fromEntries(figures), ...(STATUSES.has(status) && { status }) }
}
