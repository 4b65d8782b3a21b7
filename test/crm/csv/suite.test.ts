import { createCsvSandbox, PASSPORT } from '#sandbox/csv.ts'
import { describeConnector, type VendorTenant } from '#test/connector-suite.ts'
import { createVendorTenant } from '#test/tenants.ts'

async function create(): Promise<VendorTenant> {
  const tenant = await createVendorTenant((now) => createCsvSandbox({ now, demo: true }))
  const { sandbox } = tenant
  const vendor: VendorTenant['vendor'] = {
    faults: sandbox.faults,
    requests: sandbox.requests,
    ledger: sandbox.ledger,
    sell: () => void sandbox.sell(99_000),
    revoke: () => void (sandbox.status = 401),
    forbid: () => {
      sandbox.status = 403
      return 'file'
    },
    addUnknownFields: () => void (sandbox.unknownFields = true),
    secrets: [PASSPORT],
  }
  return { ...tenant, vendor }
}

// A file lies on any web server, which has no words of its own: a status is all that it says. Rows that cannot be read
// stand in the list of rejected rows, and are not shown as records of a vendor.
describeConnector({ type: 'csv', create, idleCallsMax: 1, believesOnlyVendor: false })
