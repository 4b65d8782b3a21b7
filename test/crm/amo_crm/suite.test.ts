import { WON } from '#dev/sandbox/amo_crm/account.ts'
import { describeConnector, type VendorTenant } from '#test/connector-suite.ts'
import { type AmoTenant, createAmoTenant } from '#test/amo.ts'

function vendorOf({ sandbox }: AmoTenant): VendorTenant['vendor'] {
  const { account, consent, faults, requests } = sandbox
  return {
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
    addUnknownFields: () => void (sandbox.unknownFields = true),
    secrets: [sandbox.longLivedToken],
  }
}

async function create(): Promise<VendorTenant> {
  const tenant = await createAmoTenant({ demo: true, rowsMax: 60 })
  return { ...tenant, vendor: vendorOf(tenant) }
}

describeConnector({ type: 'amo_crm', create, idleCallsMax: 9 })
