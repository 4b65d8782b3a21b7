// The customer of an invoice. Its list shows a patient's number and name at best; the phone is on the visit or on the
// patient's card. Contact data that is stored is not requested again, and is kept when a list does not show it.
import type { Customer, StoredSale } from '#crm/contract.ts'
import { customerOrNull } from '#crm/kit/customer.ts'
import { CrmError } from '#lib/crm-error.ts'
import { normalizePhone } from '#lib/phone.ts'
import type { AccountContext } from '#crm/renovatio/account-context.ts'
import { type ClinicContext, type Contact, contactOf, isPaid } from '#crm/renovatio/map.ts'
import { isClosed } from '#crm/renovatio/refusal.ts'
import { type Invoice, VisitHint } from '#crm/renovatio/schema.ts'

interface PatientContact extends Contact {
  readonly patientId: string | null
}

/** Contact data of patients from visits. */
export interface Contacts {
  readonly learn: (visits: readonly unknown[]) => void
  readonly of: (invoice: Invoice) => PatientContact | null
}

export function createContacts(clinic: Pick<ClinicContext, 'callingCode'>): Contacts {
  const byVisit = new Map<string, PatientContact>()
  const byInvoice = new Map<string, PatientContact>()
  const byPatient = new Map<string, PatientContact>()
  return {
    learn: (visits) => {
      for (const visit of visits.flatMap((raw) => VisitHint.safeParse(raw).data ?? [])) {
        const contact = { patientId: visit.patient_id, ...contactOf(visit, clinic) }
        if (visit.id !== null) byVisit.set(visit.id, contact)
        for (const { invoice_number: number } of visit.services) if (number !== null) byInvoice.set(number, contact)
        if (visit.patient_id !== null && (contact.phone || !byPatient.has(visit.patient_id))) {
          byPatient.set(visit.patient_id, contact)
        }
      }
    },
    of: ({ number, appointment_id: visitId, patient_id: patientId }) => {
      const contact = (visitId === null ? undefined : byVisit.get(visitId)) ?? byInvoice.get(number)
      // Another patient may pay for a visit.
      if (contact && (patientId === null || contact.patientId === patientId)) return contact
      return patientId === null ? null : (byPatient.get(patientId) ?? null)
    },
  }
}

export interface Sources {
  readonly stored: StoredSale | undefined
  readonly contact: PatientContact | null
  /** Which phone wins when both are known: that of a changed visit is news, that of a visit read for lookup is not. */
  readonly isNews: boolean
  /** A phone that is stored as unknown is looked for again. */
  readonly refill: boolean
  readonly callingCode: string
}

export interface Payer {
  /** Null: the invoice names no customer. */
  readonly customer: Customer | null
  /** The patient whose card may have the phone; null when it is not worth a call. */
  readonly cardOf: string | null
}

export function payerOf(invoice: Invoice, { stored, contact, isNews, refill, callingCode }: Sources): Payer {
  const before = isSamePatient(invoice, stored) ? (stored?.customer ?? null) : null
  const own = {
    name: invoice.patient || invoice.patient_name || null,
    phone: normalizePhone(invoice.patient_mobile || invoice.patient_phone, callingCode),
    email: invoice.patient_email || null,
  }
  const sources = isNews ? [own, contact, before] : [own, before, contact]
  const first = (name: keyof Contact) => sources.find((source) => source?.[name])?.[name] ?? null
  const externalId = invoice.patient_id ?? contact?.patientId ?? before?.externalId ?? null
  const customer = customerOrNull({ externalId, name: first('name'), phone: first('phone'), email: first('email') })
  const isKnown = stored !== undefined && isSamePatient(invoice, stored) && !refill
  const isWorthIt = !customer?.phone && !isKnown && (stored !== undefined || isPaid(invoice))
  return { customer, cardOf: isWorthIt ? externalId : null }
}

/** False: the invoice was moved to another patient, or another invoice has its number. */
export function isSamePatient({ patient_id: patientId }: Invoice, stored: StoredSale | undefined): boolean {
  const before = stored?.customer?.externalId ?? null
  return patientId === null || before === null || before === patientId
}

/** Reads a patient's card, each at most once. */
export type ReadCard = (patientId: string) => Promise<PatientContact | null>

export function createCardReader({ client, callingCode }: Pick<AccountContext, 'client' | 'callingCode'>): ReadCard {
  const known = new Map<string, PatientContact | null>()
  return async (patientId) => {
    const before = known.get(patientId)
    if (before !== undefined) return before
    try {
      const card = await client.patient(patientId)
      const name = [card?.last_name, card?.first_name, card?.third_name].filter(Boolean).join(' ') || null
      const phone = normalizePhone(card?.mobile, callingCode)
      const contact = card && { patientId, name, phone, email: card.email || null }
      known.set(patientId, contact)
      return contact
    } catch (error) {
      // A card that cannot be read must not stop the sales of all others.
      if (isClosed(error) || (error instanceof CrmError && error.kind === 'rejected')) return null
      throw error
    }
  }
}

/** Reads the visit that an invoice bills, each at most once. */
export interface VisitReader {
  /** Visits that were read already. */
  readonly learn: (visits: readonly unknown[]) => void
  /** Null when the invoice names no visit of its patient, or visits cannot be read. */
  readonly of: (invoice: Invoice) => Promise<PatientContact | null>
}

export function createVisitReader({
  client,
  callingCode,
}: Pick<AccountContext, 'client' | 'callingCode'>): VisitReader {
  const contacts = createContacts({ callingCode })
  const known = new Set<string>()
  const learn: VisitReader['learn'] = (visits) => {
    contacts.learn(visits)
    for (const visit of visits) known.add(VisitHint.safeParse(visit).data?.id ?? '')
  }
  return {
    learn,
    of: async (invoice) => {
      const { appointment_id: id } = invoice
      if (id === null) return null
      try {
        if (!known.has(id)) learn(await client.visits({ appointment_id: id }))
        known.add(id)
      } catch (error) {
        if (!isClosed(error)) throw error
      }
      return contacts.of(invoice)
    },
  }
}
