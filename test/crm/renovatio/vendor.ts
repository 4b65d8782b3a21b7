import type { VendorTenant } from '#test/connector-suite.ts'
import { type ClinicTenant, hoursAgo } from '#test/renovatio.ts'

/** The vendor's side of a clinic, for the suites that every connector passes. */
export function withVendor(tenant: ClinicTenant): VendorTenant & ClinicTenant {
  const { sandbox } = tenant
  const vendor: VendorTenant['vendor'] = {
    faults: sandbox.faults,
    requests: sandbox.requests,
    ledger: sandbox.ledger,
    sell: () => void sandbox.clinic.sell(hoursAgo(tenant, 0), 99_000),
    revoke: () => void (sandbox.credentials.apiKey = 'another'),
    forbid: () => {
      sandbox.denied.add('getInvoices').add('getAppointments')
      return 'invoices'
    },
    addOddRows: (count) => {
      for (let n = 0; n < count; n += 1) {
        const { number } = sandbox.clinic.addInvoice({
          ...{ at: hoursAgo(tenant, 0), patient: sandbox.clinic.addPatient(), kopecks: 100 },
        })
        sandbox.broken.set(`invoice:${number}`, { status: 'Оплачен', status_code: 2, date: null })
      }
    },
    addUnknownFields: () => void (sandbox.unknownFields = true),
    vanish: { prefix: 'invoice:', remove: (number) => sandbox.clinic.deleteInvoice(Number(number)) },
    secrets: [sandbox.credentials.apiKey],
  }
  return { ...tenant, vendor }
}
