import { describeConnector } from '#test/connector-suite.ts'
import { createAmoTenant } from '#test/amo.ts'
import { withVendor } from './vendor.ts'

const create = async () => withVendor(await createAmoTenant({ demo: true, rowsMax: 60 }))

describeConnector({ type: 'amo_crm', create, idleCallsMax: 9, believesOnlyVendor: true })
