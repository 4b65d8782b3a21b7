import { describeConnector } from '#test/connector-suite.ts'
import { createSalonTenant } from '#test/tenants.ts'
import { withVendor } from './vendor.ts'

const create = async () => withVendor(await createSalonTenant({ demo: true }))

describeConnector({ type: 'yclients', create, idleCallsMax: 5 })
