import { describeConnector } from '#test/connector-suite.ts'
import { createClinicTenant } from '#test/renovatio.ts'
import { withVendor } from './vendor.ts'

describeConnector({
  type: 'renovatio',
  create: async () => withVendor(await createClinicTenant({ demo: true, settings: { initialDays: 14 } })),
  idleCallsMax: 14,
  believesOnlyVendor: true,
})
