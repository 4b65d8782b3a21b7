import type { VendorTenant } from '#test/connector-suite.ts'
import type { Salon } from '#test/tenants.ts'

/** The vendor's side of a salon, for the suites that every connector passes. */
export function withVendor(tenant: Salon): VendorTenant & Salon {
  const { sandbox } = tenant
  const { salon } = sandbox
  const vendor: VendorTenant['vendor'] = {
    faults: sandbox.faults,
    requests: sandbox.requests,
    ledger: salon.ledger,
    sell: () => void salon.sell(secondsOf(salon.now()), [{ id: 1, title: 'Шампунь', quantity: 1, kopecks: 99_000 }]),
    revoke: () => void Object.assign(sandbox.credentials, { apiSecret: 'another' }),
    forbid: () => {
      sandbox.denied.add('finances')
      return 'transactions'
    },
    addUnknownFields: () => void (sandbox.unknownFields = true),
    vanish: { prefix: 'record:', remove: (id) => salon.vanish(Number(id)) },
    secrets: [sandbox.credentials.apiKey, sandbox.credentials.apiSecret],
  }
  return { ...tenant, vendor }
}

/** The vendor's times have whole seconds. */
export function secondsOf(date: Date): Date {
  return new Date(date.getTime() - date.getMilliseconds())
}
