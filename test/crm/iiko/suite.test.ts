import { line } from '#sandbox/iiko/cafe.ts'
import { createCafeTenant } from '#test/cafe.ts'
import { describeConnector, type VendorTenant } from '#test/connector-suite.ts'

async function create(withServer: boolean): Promise<VendorTenant> {
  const tenant = await createCafeTenant({ demo: true, withServer, settings: { initialDays: 21 } })
  const { sandbox } = tenant
  const { cafe, cloud, server } = sandbox
  // A login whose answer is lost takes a seat that nobody gives back.
  server.seats = 100
  const vendor: VendorTenant['vendor'] = {
    faults: sandbox.faults,
    requests: sandbox.requests,
    ledger: () => cafe.ledger().filter(({ externalId }) => !server.broken.has(externalId.replace('olap:', ''))),
    sell: () => void cafe.sell({ at: cafe.now(), lines: [line('1', 'Пицца', 99_000)] }),
    revoke: () => {
      cloud.keys.apiKey = 'another'
      cloud.tokens.clear()
    },
    forbid: () => {
      cloud.denied.add('deliveries')
      return 'deliveries'
    },
    addOddRows: (count) => {
      // Of the feeds in turn: an order that no report has yet, and a receipt that the cloud never has.
      for (let n = 0; n < count; n += 1) {
        const lines = [line('1', 'Пицца', 59_000)]
        if (n % 2 === 0) cloud.broken.add(cafe.open({ at: cafe.now(), lines }).id)
        else server.broken.add(cafe.ring(cafe.now(), lines).id)
      }
    },
    addUnknownFields: () => void Object.assign(cloud, { unknownFields: true }),
    vanish: { prefix: 'olap:', remove: cafe.vanish },
    secrets: [...Object.values(sandbox.connection.credentials), ...cloud.tokens.keys()],
  }
  return { ...tenant, vendor }
}

// A sync that a person asks for looks anew at restaurants, tills and tables, and reads the week's orders again by id.
describeConnector({
  type: 'iiko',
  create: async () => create(true),
  idleCallsMax: 31,
  believesOnlyVendor: true,
})
