// What a service that has been shown everything must hold, by the rules of the contract.
import type { Clinic, Invoice, LedgerEntry, Patient, Visit } from '#sandbox/renovatio/clinic.ts'

/** Whether a patient's phone can be found out. */
type PhoneOf = (patient: Patient | null) => string | null

export function invoiceLedger({ invoices, vanished }: Clinic, phoneOf: PhoneOf): LedgerEntry[] {
  const status = {
    paid: 'paid',
    unpaid: 'unpaid',
    partly: 'unpaid',
    voided: 'cancelled',
    refunded: 'cancelled',
    annulled: 'cancelled',
  } as const
  const entry = (invoice: Invoice, isGone: boolean): LedgerEntry[] => {
    if (!invoice.shownAt) return []
    return [
      {
        externalId: `invoice:${invoice.number}`,
        status: isGone ? 'cancelled' : status[invoice.status],
        amountMinor: invoice.kopecks,
        occurredAt: invoice.shownAt.toISOString(),
        phone: phoneOf(invoice.patient),
        customerId: String(invoice.patient.id),
      },
    ]
  }
  return sorted([
    ...invoices.flatMap((invoice) => entry(invoice, false)),
    ...vanished.invoices.flatMap((invoice) => entry(invoice, true)),
  ])
}

export function visitLedger({ visits, vanished }: Clinic, phoneOf: PhoneOf): LedgerEntry[] {
  const status = { completed: 'paid', upcoming: 'unpaid', refused: 'cancelled' } as const
  const entry = (visit: Visit, isGone: boolean): LedgerEntry[] => {
    if (!visit.shownAt) return []
    return [
      {
        externalId: `appointment:${visit.id}`,
        status: isGone ? 'cancelled' : status[visit.status],
        amountMinor: visit.lines.reduce((sum, { kopecks }) => sum + kopecks, 0),
        occurredAt: visit.shownAt.toISOString(),
        phone: phoneOf(visit.patient),
        customerId: visit.patient && String(visit.patient.id),
      },
    ]
  }
  return sorted([
    ...[...visits.values()].flatMap((visit) => entry(visit, false)),
    ...vanished.visits.flatMap((visit) => entry(visit, true)),
  ])
}

function sorted(entries: LedgerEntry[]): LedgerEntry[] {
  return entries.toSorted((a, b) => (a.externalId < b.externalId ? -1 : 1))
}
