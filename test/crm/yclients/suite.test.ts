import { describe } from 'vitest'
import { describeConnector } from '#test/connector-suite.ts'
import { createSalonTenant } from '#test/tenants.ts'
import { withVendor } from './vendor.ts'

const create = async () => withVendor(await createSalonTenant({ demo: true, days: 20 }))
const createChain = async () => withVendor(await createSalonTenant({ demo: true, days: 12, branches: 3 }))

// A sync that a person asks for goes through the visits and sales of the last weeks again.
describe('one branch', () =>
  describeConnector({ type: 'yclients', create, idleCallsMax: 13, believesOnlyVendor: true }))
describe('three branches', () => describeConnector({ type: 'yclients', create: createChain, idleCallsMax: 36 }))
