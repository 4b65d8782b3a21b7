// A published 1C base that can be run anywhere: strict about what the documentation of its OData says (encoding, types
// of literals, who may read what), full of what live bases do. Sources: the connector's README. `/_sandbox/…` shows and
// changes what is inside.
import { Hono } from 'hono'
import * as z from 'zod'
import { createFaults } from '#sandbox/faults.ts'
import { createHooks } from '#sandbox/hooks.ts'
import { addInside } from '#sandbox/sandbox.ts'
import { fillShop } from '#sandbox/1c/demo.ts'
import { sendHooks } from '#sandbox/1c/hooks.ts'
import { ledgerOf } from '#sandbox/1c/ledger.ts'
import { addService } from '#sandbox/1c/service.ts'
import { createShop, type Shop } from '#sandbox/1c/shop.ts'
import type { OneCSandbox } from '#sandbox/1c/state.ts'
import { type Configuration, setsOf } from '#sandbox/1c/wire.ts'

export type { OneCSandbox } from '#sandbox/1c/state.ts'

export interface OneCOptions {
  readonly now?: () => Date
  /** Two months of demo data, up to now or to a given time. */
  readonly demo?: boolean | Date
  readonly configuration?: Configuration
  readonly zone?: string
  readonly seed?: number
  /** How many the demo data has. */
  readonly receipts?: number
}

export function createOneCSandbox(options: OneCOptions = {}): OneCSandbox {
  const { now = () => new Date(), zone = 'Europe/Moscow', configuration = 'retail' } = options
  const shop = createShop(now)
  const { demo, ...filling } = options
  if (demo) fillShop(shop, { ...filling, until: demo === true ? now() : demo })
  const credentials = { apiKey: 'Обмен OData', apiSecret: 'sandbox-пароль' }
  const sandbox: OneCSandbox = {
    ...{ app: new Hono(), shop, faults: createFaults(options.seed), requests: [], credentials },
    ...{ hooks: createHooks(), push: { url: null, secret: null } },
    ledger: () => ledgerOf(shop, configuration, zone),
    connection: { crmType: '1c', credentials, additionalConfig: { timezone: zone } },
    business: { name: 'Магазин «Север»', timezone: zone, currency: 'RUB' },
    published: new Set(setsOf(shop, configuration, zone).keys()),
    ...{
      denied: new Set(),
      hidden: new Set(),
      lost: new Set(),
      renamed: new Map(),
      broken: new Set(),
      sumless: new Set(),
      lacking: new Set(),
    },
    ...{ rowsMax: Infinity, noDateFilter: false, noOrder: false, emptyLists: false, unknownFields: false },
    ...{ refusesInText: false, isInMaintenance: false, onList: null, inFlightMax: 0 },
  }
  addService(sandbox, setsOf(shop, configuration, zone))
  sandbox.hooks.address = (url) => void (sandbox.push.url = url)
  sendHooks(sandbox, configuration, zone)
  const { app, faults, requests, ledger } = sandbox
  addInside(app, { faults, requests, ledger, edit: (input) => edit(shop, Edit.parse(input)) })
  return sandbox
}

/** The demo shop of `npm start`. New receipts have random ids, so nothing has to be set above the clock. */
export function createOneCDemo(filledAt: Date): OneCSandbox {
  return createOneCSandbox({ demo: filledAt })
}

const Edit = z.discriminatedUnion('do', [
  z.object({ do: z.enum(['sell', 'refund']), rubles: z.number(), daysAgo: z.int().min(0).default(0) }),
  z.object({ do: z.literal('amount'), id: z.string(), rubles: z.number() }),
  z.object({ do: z.enum(['post', 'unpost', 'mark', 'vanish']), id: z.string() }),
  z.object({ do: z.enum(['put aside', 'reserve', 'annul', 'archive', 'empty']), id: z.string() }),
  z.object({ do: z.literal('currency'), id: z.string(), currency: z.enum(['RUB', 'USD', 'KZT']) }),
])

function edit(shop: Shop, input: z.infer<typeof Edit>): unknown {
  switch (input.do) {
    case 'sell':
    case 'refund': {
      const at = new Date(shop.now().getTime() - input.daysAgo * 86_400_000)
      at.setUTCMilliseconds(0)
      const [good = shop.addGood('Кофе')] = shop.goods.values()
      const lines = [{ good, quantity: 1, kopecks: Math.round(input.rubles * 100) }]
      return { id: shop.add({ at, lines, isRefund: input.do === 'refund' }).id }
    }
    case 'amount':
      return { id: shop.change(input.id, { kopecks: Math.round(input.rubles * 100) }).id }
    case 'post':
    case 'unpost':
      return { id: shop.change(input.id, { posted: input.do === 'post' }).id }
    case 'mark':
      return { id: shop.change(input.id, { marked: true }).id }
    case 'put aside':
      return { id: shop.change(input.id, { state: 'aside' }).id }
    case 'reserve':
      return { id: shop.change(input.id, { state: 'reserved' }).id }
    case 'annul':
      return { id: shop.change(input.id, { state: 'annulled' }).id }
    case 'archive':
      return { id: shop.change(input.id, { state: 'archived' }).id }
    case 'empty':
      return { id: shop.change(input.id, { state: 'archived', isEmptied: true }).id }
    case 'currency':
      return { id: shop.change(input.id, { currency: input.currency }).id }
    case 'vanish':
      shop.vanish(input.id)
      return { id: input.id }
    default:
      throw new Error(`unknown edit ${String(input satisfies never)}`)
  }
}
