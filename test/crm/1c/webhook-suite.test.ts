import type { OneCSandbox } from '#sandbox/1c.ts'
import { isPaid, type Receipt, type Shop } from '#sandbox/1c/shop.ts'
import { takeAll } from '#test/hooks.ts'
import { localDate, localDateTime } from '#lib/time.ts'
import { createPushingTenant, linesOf, sell, type ShopTenant } from '#test/shop.ts'
import { sync } from '#test/tenants.ts'
import { describeWebhooks, type HookTenant } from '#test/webhook-suite.ts'

type Tenant = HookTenant & ShopTenant

const ZONE = 'Europe/Moscow'

/** The hour of the shop's day. */
const hourOf = ({ context }: ShopTenant) => Number(localDateTime(context.clock.now(), ZONE).slice(11, 13))

async function create(): Promise<Tenant> {
  const { tenant, secret } = await createPushingTenant({ settings: { initialDays: 7 } })
  // There are receipts of today.
  tenant.context.clock.advance(Math.max(3 - hourOf(tenant), 0) * 3_600_000)
  for (let index = 1; index <= 24; index += 1) sell(tenant, index / 12, 100 + index)
  await tenant.call('PATCH', tenant.path, { syncEnabled: true })
  await sync(tenant)
  const { sandbox } = tenant
  takeAll(sandbox.hooks)
  const vendor: Tenant['vendor'] = {
    faults: sandbox.faults,
    requests: sandbox.requests,
    ledger: sandbox.ledger,
    sell: () => void sell(tenant, 0),
    revoke: () => void Object.assign(sandbox.credentials, { apiSecret: 'другой' }),
    forbid: () => 'Document_ЧекККМ',
    addUnknownFields: () => void (sandbox.unknownFields = true),
    secrets: [secret, sandbox.credentials.apiSecret],
  }
  return { ...tenant, vendor, hooks: sandbox.hooks }
}

/** Something becomes of a receipt that is stored as paid; nothing when there is none left. */
function edit(
  change: (shop: Shop, receipt: Receipt) => void,
  isMeant: (shop: Shop, receipt: Receipt) => boolean = () => true,
) {
  return ({ sandbox: { shop } }: { readonly sandbox: OneCSandbox }) => {
    const isOne = (one: Receipt) => one.shownPaidAt !== null && isPaid(one) && isMeant(shop, one)
    const receipt = [...shop.receipts.values()].find(isOne)
    if (receipt) change(shop, receipt)
  }
}

const event = (change: object) => ({
  contentType: 'application/json; charset=utf-8',
  body: JSON.stringify({ event: 'updated', ref_key: '5a0f7c1e-8d21-11f0-9c55-00155d0a1b02', ...change }),
})

describeWebhooks<Tenant>({
  type: '1c',
  create,
  events: {
    'a receipt that is posted': (tenant) => void sell(tenant, 0),
    'a refund that is posted': (tenant) => {
      const { shop } = tenant.sandbox
      shop.add({ at: sell(tenant, 0).at, lines: linesOf(tenant, 40), isRefund: true })
    },
    'a draft that is posted later': (tenant) => {
      const { shop } = tenant.sandbox
      const { id } = shop.add({ at: new Date(shop.now().setUTCMilliseconds(0)), lines: linesOf(tenant), posted: false })
      shop.change(id, { posted: true })
    },
    'another sum of a posted receipt': edit(
      (shop, { id, kopecks }) => void shop.change(id, { kopecks: kopecks + 111 }),
    ),
    'a receipt that is posted no more': edit((shop, { id }) => void shop.change(id, { posted: false })),
    'a receipt that is marked for deletion': edit((shop, { id }) => void shop.change(id, { marked: true })),
    // Of an earlier day it would be one that the closing of its shift has archived, which stays a sale.
    'a receipt that is deleted physically': edit(
      (shop, { id }) => shop.vanish(id),
      (shop, { at }) => localDate(at, ZONE) === localDate(shop.now(), ZONE),
    ),
    'a receipt that gets another date': edit((shop, { id, at }) => {
      shop.change(id, { at: new Date(at.getTime() - 3_600_000) })
    }),
  },
  ignored: {
    'the connection: a ping': event({ event: 'ping' }),
    'a catalog': event({ entity: 'Catalog_Контрагенты' }),
    'a catalog by its full name in 1C': event({ entity: 'Справочник.Контрагенты' }),
    nothing: { contentType: 'application/json', body: '[]' },
  },
  unreadableStatus: 400,
  unverified: (delivery) => ({
    ...delivery,
    headers: { 'content-type': 'application/json', 'x-hook-token': 'x' },
  }),
})
