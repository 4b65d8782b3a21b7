import { isPaid, line, type Order } from '#sandbox/iiko/cafe.ts'
import type { HookDelivery } from '#sandbox/hooks.ts'
import { type CafeTenant, createCafeTenant, sell } from '#test/cafe.ts'
import { takeAll } from '#test/hooks.ts'
import { sync } from '#test/tenants.ts'
import { describeWebhooks, type HookTenant } from '#test/webhook-suite.ts'

type Tenant = HookTenant & CafeTenant

async function create(): Promise<Tenant> {
  const tenant = await createCafeTenant({ settings: { initialDays: 7 } })
  for (let hours = 1; hours <= 24; hours += 1) sell(tenant, hours, { kind: hours % 3 === 0 ? 'table' : 'delivery' })
  const switched = await tenant.call('PATCH', tenant.path, { syncEnabled: true })
  if (switched.json.webhookSetup.registration !== 'registered') throw new Error(switched.text)
  await sync(tenant)
  const { sandbox } = tenant
  takeAll(sandbox.hooks)
  const authToken = [...sandbox.cloud.hookSettings.values()][0]?.authToken ?? ''
  const vendor: Tenant['vendor'] = {
    faults: sandbox.faults,
    requests: sandbox.requests,
    ledger: sandbox.cafe.ledger,
    sell: () => void sell(tenant, 0),
    revoke: () => sandbox.cloud.tokens.clear(),
    forbid: () => 'deliveries',
    addUnknownFields: () => void Object.assign(sandbox.cloud, { unknownFields: true }),
    secrets: [authToken, ...Object.values(sandbox.connection.credentials)],
  }
  return { ...tenant, vendor, hooks: sandbox.hooks }
}

function edit(kind: Order['kind'], change: (order: Order) => object) {
  return ({ sandbox: { cafe } }: Tenant) => {
    const order = [...cafe.orders.values()].find((one) => one.kind === kind && isPaid(one))
    if (order) cafe.touch(Object.assign(order, change(order)))
  }
}

const event = (change: object) => ({
  contentType: 'application/json',
  body: JSON.stringify([{ eventType: 'StopListUpdate', organizationId: 'x', eventInfo: {}, ...change }]),
})
const unnamed = { id: 'a', timestamp: 1, organizationId: 'x', creationStatus: 'InProgress', order: null }

describeWebhooks<Tenant>({
  type: 'iiko',
  create,
  events: {
    'a delivery that is closed': (tenant) => void sell(tenant, 0),
    'a table order that is closed': (tenant) => void sell(tenant, 0, { kind: 'table' }),
    'a delivery that is cancelled': edit('delivery', () => ({ status: 'Cancelled' })),
    'a delivery that is opened again': edit('delivery', () => ({ status: 'Delivered', closedAt: null })),
    'a delivery that is removed': edit('delivery', () => ({ isDeleted: true })),
    'another sum of a closed delivery': edit('delivery', ({ number }) => ({
      lines: [line('1', 'Пицца', 60_000 + number)],
    })),
    'a table order that is removed': edit('table', () => ({ status: 'Deleted' })),
  },
  ignored: {
    'a stop list': event({ eventInfo: { terminalGroupsStopListsUpdates: [] } }),
    'an order that could not be made': event({ eventType: 'DeliveryOrderError', eventInfo: unnamed }),
    'an order that is only coming to be': event({ eventType: 'DeliveryOrderUpdate', eventInfo: unnamed }),
    'nothing, though it is an update': event({ eventType: 'DeliveryOrderUpdate', eventInfo: null }),
    nothing: { contentType: 'application/json', body: '[]' },
  },
  unverified: (delivery: HookDelivery) => ({
    ...delivery,
    headers: { ...delivery.headers, authorization: 'Bearer x' },
  }),
})
