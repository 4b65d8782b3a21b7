import { expect, it } from 'vitest'
import { describeConnector, expectLedger } from '#test/connector-suite.ts'
import { createSalonTenant, sync } from '#test/tenants.ts'
import { withVendor } from './vendor.ts'

const create = async () => withVendor(await createSalonTenant({ demo: true, days: 20 }))

// A sync that a person asks for goes through the visits and sales of the last weeks again.
describeConnector({ type: 'yclients', create, idleCallsMax: 13, believesOnlyVendor: true })

it('stores exactly what three branches have, and follows each of them', async () => {
  const tenant = withVendor(await createSalonTenant({ demo: true, days: 12, branches: 3 }))
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
  await expectLedger(tenant)
  for (const { salon } of tenant.sandbox.branches) {
    tenant.context.clock.advance(5 * 60_000)
    salon.sell(new Date(Math.floor(salon.now().getTime() / 1000) * 1000), [
      { id: 1, title: 'Шампунь', quantity: 1, kopecks: 99_000 },
    ])
  }
  tenant.context.clock.advance(5 * 60_000)
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 3 } })
  await expectLedger(tenant)
})
