import { isPaid } from '#sandbox/yclients/ledger.ts'
import type { Visit } from '#sandbox/yclients/books.ts'
import type { HookDelivery } from '#sandbox/hooks.ts'
import { takeAll } from '#test/hooks.ts'
import { createSalonTenant, type Salon, sync } from '#test/tenants.ts'
import { describeWebhooks, type HookTenant } from '#test/webhook-suite.ts'
import { secondsOf, withVendor } from './vendor.ts'

type Tenant = HookTenant & Salon

const VISITS = 24
const LINE = { id: 3300, title: 'Стрижка', quantity: 1, kopecks: 180_000 }

async function create(): Promise<Tenant> {
  const tenant = withVendor(await createSalonTenant({ settings: { initialDays: 7 } }))
  for (let count = 0; count < VISITS; count += 1) addVisit(tenant, count)
  sell(tenant)
  const switched = await tenant.call('PATCH', tenant.path, { syncEnabled: true })
  if (switched.json.webhookSetup.registration !== 'registered') throw new Error(switched.text)
  await sync(tenant)
  takeAll(tenant.sandbox.hooks)
  return { ...tenant, hooks: tenant.sandbox.hooks }
}

function addVisit({ sandbox: { salon } }: Salon, hoursAgo = 0): void {
  const at = secondsOf(new Date(salon.now().getTime() - hoursAgo * 3_600_000))
  const client = { id: 66_120_000 + hoursAgo, name: 'Анна', surname: 'Кедрова', phone: '+79001234567', email: '' }
  const visit = salon.addVisit({ at, client, services: [{ ...LINE }], attendance: 1 })
  salon.pay(visit.id, hoursAgo % 2 === 0 ? 1 : 2)
}

function sell({ sandbox: { salon } }: Salon): void {
  const lines = [60, 61].map((id) => ({ id, title: 'Шампунь', quantity: 1, kopecks: 95_000 + id }))
  salon.sell(secondsOf(salon.now()), lines)
}

/** Something becomes of a visit that is paid; nothing when there is none left. */
function edit(change: (salon: Salon['sandbox']['salon'], visit: Visit) => void) {
  return ({ sandbox: { salon } }: Salon) => {
    const visit = [...salon.visits.values()].find(isPaid)
    if (visit) change(salon, visit)
  }
}

/** What arrives is one event or an array of them. */
function mapEvents(delivery: HookDelivery, change: (event: object) => object): HookDelivery {
  const body: unknown = JSON.parse(delivery.body)
  const events = Array.isArray(body) ? body : [body]
  return { ...delivery, body: JSON.stringify(events.map((event: object) => change(event))) }
}

const JSON_TYPE = 'application/json'
const about = (resource: string, data: object) => ({
  contentType: JSON_TYPE,
  body: JSON.stringify({ company_id: 540_112, resource, resource_id: 7, status: 'update', data }),
})

describeWebhooks<Tenant>({
  type: 'yclients',
  create,
  events: {
    'a visit that is held and paid': (tenant) => addVisit(tenant),
    'a sale over the counter': sell,
    'a payment that is taken back': edit((salon, visit) => salon.withdrawPayment(visit.id)),
    'a payment that is taken anew, with another sum': edit((salon, visit) => {
      salon.withdrawPayment(visit.id)
      visit.services = [{ ...LINE, kopecks: LINE.kopecks + (visit.id % 1000) }]
      salon.pay(visit.id)
    }),
    'a visit that is removed': edit((salon, visit) => salon.touch(Object.assign(visit, { deleted: true }))),
    'a client who did not come': edit((salon, visit) => salon.touch(Object.assign(visit, { attendance: -1 }))),
    'another client of a visit': edit((salon, visit) =>
      salon.touch(
        Object.assign(visit, {
          client: { id: visit.id, name: 'Ольга', surname: 'Белова', phone: '+79007654321', email: '' },
        }),
      ),
    ),
    'a sale that is taken back': ({ sandbox: { salon } }) => {
      const sold = [...salon.operations.values()].findLast(({ recordId }) => recordId === 0)
      if (sold) salon.removeSale(sold.documentId)
    },
  },
  ignored: {
    'a client’s card, which comes along with every paid visit': about('client', { id: 7, paid: 1, visits: 2 }),
    'goods that are received': about('goods_operations_receipt', { id: 7, document_id: 5, amount: 3 }),
    'a salary that is paid': about('finances_operation', { id: 7, document_id: 5, amount: -1000, client: [] }),
    nothing: { contentType: JSON_TYPE, body: '[]' },
  },
  foreign: (delivery) => mapEvents(delivery, (event) => ({ ...event, company_id: 999 })),
})
