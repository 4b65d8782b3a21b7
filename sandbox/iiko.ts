// An iiko that can be run anywhere: its cloud at `/api`, the restaurant's own server at `/resto`, one café behind both.
// Sources: the connector's README. `/_sandbox/…` shows and changes what is inside.
import { Hono } from 'hono'
import * as z from 'zod'
import { createFaults } from '#sandbox/faults.ts'
import { createHooks } from '#sandbox/hooks.ts'
import { addInside } from '#sandbox/sandbox.ts'
import { type Cafe, createCafe, line, ORGANIZATION } from '#sandbox/iiko/cafe.ts'
import { addCloud } from '#sandbox/iiko/cloud.ts'
import { fillCafe } from '#sandbox/iiko/demo.ts'
import { sendHooks } from '#sandbox/iiko/hooks.ts'
import { addServer } from '#sandbox/iiko/server.ts'
import type { IikoSandbox } from '#sandbox/iiko/state.ts'

export type { IikoSandbox } from '#sandbox/iiko/state.ts'

export interface IikoOptions {
  readonly now?: () => Date
  /** A week of orders and a month of receipts, up to now or to a given time. */
  readonly demo?: boolean | Date
  readonly zone?: string
  readonly rowsMax?: number
  readonly seed?: number
  /** Whether the settings name the restaurant's own server. */
  readonly withServer?: boolean
}

const KEYS = {
  apiKey: 'sandbox-iiko-api-key',
  appId: '5c2f6b0e-0000-4000-8000-000000000001',
  clientSecret: 'sandbox-iiko-secret',
}
const LOGIN = { login: 'loyalty', password: 'sandbox-resto-password' }
const NAME = 'Кафе «Центр»'

export function createIikoSandbox(options: IikoOptions = {}): IikoSandbox {
  const { now = () => new Date(), zone = 'Europe/Moscow', rowsMax = 1000, withServer = false } = options
  const cafe = createCafe(now, options.seed)
  if (options.demo) fillCafe(cafe, options.demo === true ? undefined : options.demo, options.seed)
  const sandbox: IikoSandbox = {
    app: new Hono(),
    cafe,
    faults: createFaults(options.seed),
    requests: [],
    hooks: createHooks(),
    connection: {
      crmType: 'iiko',
      credentials: {
        apiKey: KEYS.apiKey,
        apiSecret: KEYS.clientSecret,
        ...(withServer && { serverPassword: LOGIN.password }),
      },
      additionalConfig: { appId: KEYS.appId },
    },
    ...(withServer && { addressed: (url: string) => ({ server: { url, login: LOGIN.login } }) }),
    business: { name: NAME, timezone: zone, currency: 'RUB' },
    cloud: {
      keys: { ...KEYS },
      isOldTokenOn: false,
      organizations: [{ id: ORGANIZATION, name: NAME, currencyIsoName: 'RUB', countryPhoneCode: '7' }],
      ...{
        denied: new Set(),
        terminalZone: '03:00:00',
        tokens: new Map(),
        hookSettings: new Map(),
        unknownFields: false,
      },
      ...{ refusesRevisions: false, emptyLists: false, broken: new Set(), onList: null },
    },
    server: {
      ...{ credentials: { ...LOGIN }, seats: 1, sessions: new Map(), denied: new Set(), missing: new Set() },
      ...{ daysMax: 31, broken: new Set(), logins: 0, unknownFields: false },
    },
  }
  const { app, faults, requests } = sandbox
  app.use('*', async (c, next) => {
    const { pathname } = new URL(c.req.url)
    if (!pathname.startsWith('/_sandbox')) requests.push(`${c.req.method} ${pathname}`)
    await next()
  })
  addInside(app, { faults, requests, ledger: cafe.ledger, edit: (input) => edit(cafe, Edit.parse(input)) })
  addServer(app, sandbox.server, cafe, zone)
  addCloud(app, sandbox.cloud, { cafe, zone, rowsMax })
  sendHooks(sandbox, zone)
  return sandbox
}

/** The demo café of `npm start`, with both sources. */
export function createIikoDemo(filledAt: Date): IikoSandbox {
  const sandbox = createIikoSandbox({ demo: filledAt, withServer: true })
  sandbox.cafe.startIdsAbove(Math.floor(Date.now() / 1000))
  return sandbox
}

const Edit = z.discriminatedUnion('do', [
  z.object({ do: z.enum(['sell', 'ring', 'table']), rubles: z.number() }),
  z.object({ do: z.enum(['cancel', 'reopen', 'delete', 'return', 'vanish']), id: z.string() }),
])

function edit(cafe: Cafe, input: z.infer<typeof Edit>): unknown {
  if ('rubles' in input) {
    const lines = [line('00000060-0000-4000-8000-000000000001', 'Пицца', Math.round(input.rubles * 100))]
    if (input.do === 'ring') return { id: cafe.ring(cafe.now(), lines).id }
    return { id: cafe.sell({ at: cafe.now(), lines, kind: input.do === 'table' ? 'table' : 'delivery' }).id }
  }
  const { id } = input
  switch (input.do) {
    case 'cancel':
      cafe.touch(Object.assign(cafe.get(id), { status: 'Cancelled' }))
      return { id }
    case 'reopen':
      cafe.touch(Object.assign(cafe.get(id), { status: 'Delivered', closedAt: null }))
      return { id }
    case 'delete':
      cafe.touch(Object.assign(cafe.get(id), { isDeleted: true }))
      return { id }
    case 'return':
      return { id: cafe.giveBack(id).id }
    case 'vanish':
      cafe.vanish(id)
      return { id }
    default:
      throw new Error(`unknown edit ${String(input satisfies never)}`)
  }
}
