import { describeConnector, type VendorTenant } from '#test/connector-suite.ts'
import { createShopTenant, sell } from '#test/shop.ts'

/** Bookkeeping has no receipts, whose removal after the shift would be no cancellation. */
const SET = 'Document_РеализацияТоваровУслуг'
const GUID_LENGTH = 36

async function create(): Promise<VendorTenant> {
  const tenant = await createShopTenant({ demo: true, receipts: 160, configuration: 'bp' })
  const { sandbox } = tenant
  const { apiKey, apiSecret } = sandbox.credentials
  const vendor: VendorTenant['vendor'] = {
    faults: sandbox.faults,
    requests: sandbox.requests,
    ledger: () => sandbox.ledger().filter(({ externalId }) => !sandbox.broken.has(externalId.slice(-GUID_LENGTH))),
    sell: () => void sell(tenant, 0),
    revoke: () => void Object.assign(sandbox.credentials, { apiSecret: 'другой' }),
    forbid: () => {
      sandbox.denied.add(SET)
      return SET
    },
    addOddRows: (count) => {
      for (let n = 0; n < count; n += 1) sandbox.broken.add(sell(tenant, 0).id)
    },
    addUnknownFields: () => void (sandbox.unknownFields = true),
    vanish: { prefix: `${SET}:`, remove: sandbox.shop.vanish },
    secrets: [apiSecret, btoa(String.fromCharCode(...new TextEncoder().encode(`${apiKey}:${apiSecret}`)))],
  }
  return { ...tenant, vendor }
}

// A sync that a person asks for looks into the base anew: what is published, some rows, the heads of the last weeks.
describeConnector({ type: '1c', create, idleCallsMax: 5, believesOnlyVendor: true })
