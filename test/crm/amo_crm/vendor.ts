import { WON } from '#sandbox/amo_crm/account.ts'
import type { VendorTenant } from '#test/connector-suite.ts'
import type { AmoTenant } from '#test/amo.ts'

/** The vendor's side of an account, for the suites that every connector passes. */
export function withVendor(tenant: AmoTenant): VendorTenant & AmoTenant {
  const { sandbox } = tenant
  const { account, consent, faults, requests } = sandbox
  const vendor: VendorTenant['vendor'] = {
    ...{ faults, requests, ledger: account.ledger },
    sell: () => void account.addDeal({ statusId: WON, kopecks: 99_050 }),
    revoke: () => {
      sandbox.longLivedToken = 'another'
      consent.tokens.revokeAll()
    },
    forbid: () => {
      sandbox.denied.add('leads')
      return 'leads'
    },
    addOddRows: (count) => {
      for (let n = 0; n < count; n += 1) sandbox.broken.add(account.addDeal({ statusId: WON }).id)
    },
    addUnknownFields: () => void (sandbox.unknownFields = true),
    vanish: { prefix: 'lead:', remove: (id) => void (account.deal(Number(id)).place = 'nowhere') },
    secrets: [sandbox.longLivedToken],
  }
  return { ...tenant, vendor }
}
