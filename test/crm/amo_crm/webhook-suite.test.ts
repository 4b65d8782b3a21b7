import { LOST, OPEN, type Deal, WON } from '#sandbox/amo_crm/account.ts'
import { type AmoTenant, createAmoTenant } from '#test/amo.ts'
import { takeAll } from '#test/hooks.ts'
import { sync } from '#test/tenants.ts'
import { describeWebhooks, type HookTenant } from '#test/webhook-suite.ts'
import { withVendor } from './vendor.ts'

type Tenant = HookTenant & AmoTenant

const DEALS = 24
const FORM = 'application/x-www-form-urlencoded'

async function create(): Promise<Tenant> {
  const tenant = withVendor(await createAmoTenant({ settings: { initialDays: 7 } }))
  const { account, hooks } = tenant.sandbox
  const person = account.addPerson()
  for (let hours = 1; hours <= DEALS; hours += 1) {
    const at = new Date(account.now().getTime() - hours * 3_600_000)
    account.addDeal({ at, statusId: WON, contactIds: [person.id], kopecks: 100_050 + hours })
  }
  const switched = await tenant.call('PATCH', tenant.path, { syncEnabled: true })
  if (switched.json.webhookSetup.registration !== 'registered') throw new Error(switched.text)
  await sync(tenant)
  const [first] = account.deals.keys()
  tenant.context.clock.advance(60_000)
  account.remove(first ?? 0)
  await sync(tenant)
  takeAll(hooks)
  return { ...tenant, hooks }
}

const isStored = ({ shownAt, statusId, place }: Deal) => shownAt !== null && statusId === WON && place === 'list'

/** Something becomes of a deal that is stored as won; nothing when there is none left. */
function edit(change: (account: Tenant['sandbox']['account'], deal: Deal) => void) {
  return ({ sandbox: { account } }: Tenant) => {
    const deal = [...account.deals.values()].find(isStored)
    if (deal) change(account, deal)
  }
}

const form = (body: string) => ({ contentType: FORM, body: `${body}&account[subdomain]=crm` })

describeWebhooks<Tenant>({
  type: 'amo_crm',
  create,
  events: {
    'a deal that is added as won': ({ sandbox: { account } }) => void account.addDeal({ statusId: WON }),
    'an open deal that is won': ({ sandbox: { account } }) => account.moveTo(account.addDeal().id, WON),
    'a won deal that is opened again': edit((account, { id }) => account.moveTo(id, OPEN)),
    'a won deal that is lost after all': edit((account, { id }) => account.moveTo(id, LOST)),
    'another sum of a won deal': edit((account, deal) =>
      account.touch(Object.assign(deal, { kopecks: (deal.kopecks ?? 0) + 111 })),
    ),
    // Not one whose sum has just changed: of what lies in the bin nobody is shown a sum.
    'a deal that is thrown into the bin': ({ sandbox: { account } }) => {
      const deal = [...account.deals.values()].findLast(isStored)
      if (deal) account.remove(deal.id)
    },
    'a deal that comes back from the bin': ({ sandbox: { account } }) => {
      const binned = [...account.deals.values()].find(({ place, shownAt }) => place === 'bin' && shownAt)
      if (binned) account.restore(binned.id)
    },
  },
  ignored: {
    'a contact': form('contacts[update][0][id]=60001&contacts[update][0][type]=contact'),
    'a company, which comes among the contacts': form('contacts[add][0][id]=60002&contacts[add][0][type]=company'),
    'a note, whose type is a value and a parent at once': form(
      'leads[note][0][note][id]=5&leads[note][0][note][type]=3&leads[note][0][note][type][message_uuid]=a-b',
    ),
    'a task': form('task[add][0][id]=7&task[add][0][element_id]=50011'),
    'a customer': form('customers[update][0][id]=8'),
  },
  foreign: (delivery) => ({
    ...delivery,
    body: delivery.body.replace(/account%5Bsubdomain%5D=[^&]*/, 'account%5Bsubdomain%5D=another'),
  }),
})
