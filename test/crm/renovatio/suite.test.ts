import { describeConnector, type VendorTenant } from '#test/connector-suite.ts'
import { createClinicTenant, hoursAgo } from '#test/renovatio.ts'

async function create(): Promise<VendorTenant> {
  const tenant = await createClinicTenant({ demo: true, settings: { initialDays: 14 } })
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
    addUnknownFields: () => void (sandbox.unknownFields = true),
    secrets: [sandbox.credentials.apiKey],
  }
  return { ...tenant, vendor }
}

describeConnector({ type: 'renovatio', create, idleCallsMax: 14 })
