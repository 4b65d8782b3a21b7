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

// A file may lie on any web server, so there is no vendor to believe: what its host says is held in pull.test.ts. Rows
// that cannot be read are no odd records either: each run reads the whole file and rejects them by their lines.
describeConnector({ type: 'csv', create, idleCallsMax: 1, believesOnlyVendor: false })
