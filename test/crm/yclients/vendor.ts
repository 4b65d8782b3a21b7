import type { VendorTenant } from '#test/connector-suite.ts'
import type { Salon } from '#test/tenants.ts'

/** The vendor's side of a salon, for the suites that every connector passes. */
export function withVendor(tenant: Salon): VendorTenant & Salon {
  const { sandbox } = tenant
  const { salon } = sandbox
  const vendor: VendorTenant['vendor'] = {
    faults: sandbox.faults,
    requests: sandbox.requests,
    ledger: () => sandbox.ledger().filter(({ externalId }) => !sandbox.broken.has(Number(externalId.split(':')[1]))),
    sell: () => void salon.sell(secondsOf(salon.now()), [{ id: 1, title: 'Шампунь', quantity: 1, kopecks: 99_000 }]),
    revoke: () => void Object.assign(sandbox.credentials, { apiSecret: 'another' }),
    forbid: () => {
      sandbox.denied.add('finances')
      return sandbox.branches.length > 1 ? 'branch_540112' : 'transactions'
    },
    addUnknownFields: () => void (sandbox.unknownFields = true),
    vanish: {
      prefix: 'record:',
      remove: (id) => sandbox.branches.find((branch) => branch.salon.visits.has(Number(id)))?.salon.vanish(Number(id)),
    },
    secrets: [sandbox.credentials.apiKey, sandbox.credentials.apiSecret],
  }
  return { ...tenant, vendor }
}

/** The vendor's times have whole seconds. */
export function secondsOf(date: Date): Date {
  return new Date(date.getTime() - date.getMilliseconds())
}
