// Every kind of record that a clinic has. The keys of the books' own types are exhausted, so a new kind does not
// compile without an entry.
import type { Clinic, Invoice, STATUSES, Visit } from '#sandbox/renovatio/clinic.ts'
import type { RenovatioSandbox } from '#sandbox/renovatio/state.ts'
import type { Kinds, Recorded } from '#sandbox/sandbox.ts'

type Status = Recorded['status']

const INVOICES: { readonly [S in keyof typeof STATUSES]: readonly [S, Status] } = {
  unpaid: ['unpaid', 'unpaid'],
  partly: ['partly', 'unpaid'],
  paid: ['paid', 'paid'],
  voided: ['voided', 'cancelled'],
  refunded: ['refunded', 'cancelled'],
  annulled: ['annulled', 'cancelled'],
}

/** Where visits are counted. */
const VISITS: { readonly [S in Visit['status']]: readonly [S, Status] } = {
  completed: ['completed', 'paid'],
  refused: ['refused', 'cancelled'],
  upcoming: ['upcoming', 'unpaid'],
}

const invoice =
  (status: Status, kind: Invoice['status'], change: (sandbox: RenovatioSandbox, number: number) => void = () => {}) =>
  (sandbox: RenovatioSandbox): Recorded => {
    const { clinic } = sandbox
    const { number } = clinic.addInvoice({
      at: minuteOf(clinic),
      patient: clinic.addPatient(),
      kopecks: 190_000,
      status: kind,
    })
    change(sandbox, number)
    return { externalId: `invoice:${number}`, status }
  }

function addVisit(clinic: Clinic, status: Visit['status']): Visit {
  return clinic.addVisit({ at: minuteOf(clinic), patient: clinic.addPatient(), kopecks: [190_000], status })
}

/** For a key that may read invoices. */
export const INVOICE_KINDS: Kinds<RenovatioSandbox> = {
  ...Object.fromEntries(Object.values(INVOICES).map(([name, status]) => [`an invoice ${name}`, invoice(status, name)])),
  'an invoice of which a part was given back': invoice('paid', 'paid', ({ broken }, number) => {
    broken.set(`invoice:${number}`, { status: 'Частичный возврат' })
  }),
  'an invoice marked as deleted': invoice('cancelled', 'paid', ({ broken }, number) => {
    broken.set(`invoice:${number}`, { is_deleted: true })
  }),
  'an invoice that cannot be read': invoice(null, 'paid', ({ broken }, number) => {
    broken.set(`invoice:${number}`, { value: 'много' })
  }),
  'an invoice without a trace': invoice(null, 'paid', ({ clinic }, number) => clinic.deleteInvoice(number)),
  'a visit that is billed': ({ clinic }) => {
    const visit = addVisit(clinic, 'completed')
    clinic.bill(visit, visit.at)
    return { externalId: `appointment:${visit.id}`, status: null }
  },
}

/** For a key that may not. */
export const VISIT_KINDS: Kinds<RenovatioSandbox> = {
  ...Object.fromEntries(
    Object.values(VISITS).map(([name, status]) => [
      `a visit ${name}`,
      ({ clinic }: RenovatioSandbox): Recorded => ({
        externalId: `appointment:${addVisit(clinic, name).id}`,
        status,
      }),
    ]),
  ),
  'a visit without a trace': ({ clinic }) => {
    const { id } = addVisit(clinic, 'completed')
    clinic.deleteVisit(id)
    return { externalId: `appointment:${id}`, status: null }
  },
  'an invoice of a visit': ({ clinic }) => {
    const visit = addVisit(clinic, 'completed')
    return { externalId: `invoice:${clinic.bill(visit, visit.at).number}`, status: null }
  },
}

/** The vendor's times have no seconds. */
function minuteOf(clinic: Clinic): Date {
  const ms = clinic.now().getTime()
  return new Date(ms - (ms % 60_000))
}
