import { describeConnector, type VendorTenant } from '#test/connector-suite.ts'
import { createSalonTenant } from '#test/tenants.ts'

async function create(): Promise<VendorTenant> {
  const tenant = await createSalonTenant({ demo: true })
  const { sandbox } = tenant
  const { salon } = sandbox
  const secrets = [sandbox.credentials.apiKey, sandbox.credentials.apiSecret]
  const vendor: VendorTenant['vendor'] = {
    faults: sandbox.faults,
    requests: sandbox.requests,
    ledger: salon.ledger,
    sell: () => {
      const at = salon.now()
      at.setUTCMilliseconds(0)
      salon.sell(at, [{ id: 1, title: 'Шампунь', quantity: 1, kopecks: 99_000 }])
    },
    revoke: () => void Object.assign(sandbox.credentials, { apiSecret: 'another' }),
    forbid: () => {
      sandbox.denied.add('finances')
      return 'transactions'
    },
    addUnknownFields: () => void (sandbox.unknownFields = true),
    secrets,
  }
  return { ...tenant, vendor }
}

describeConnector({ type: 'yclients', create, idleCallsMax: 5 })
