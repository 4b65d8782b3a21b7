import { describeConnector } from '#test/connector-suite.ts'
import { createSalonTenant } from '#test/tenants.ts'
import { withVendor } from './vendor.ts'

const create = async () => withVendor(await createSalonTenant({ demo: true, days: 20 }))

// A sync that a person asks for goes through the visits and sales of the last weeks again.
describeConnector({ type: 'yclients', create, idleCallsMax: 11 })
