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
    addOddRows: (count) => {
      for (let odd = 0; odd < count; odd += 1) {
        const at = secondsOf(salon.now())
        const line = { id: 3300, title: 'Стрижка', quantity: 1, kopecks: 180_000 }
        const visit = salon.addVisit({ at, services: [line], attendance: 1 })
        salon.pay(visit.id)
        sandbox.broken.add(visit.id)
      }
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
