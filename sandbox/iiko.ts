// An iiko that can be run anywhere: its cloud at `/api`, the restaurant's own server at `/resto`, one café behind both.
// Sources: the connector's README. `/_sandbox/…` shows and changes what is inside.
import { Hono } from 'hono'
import { createFaults } from '#sandbox/faults.ts'
import { createHooks } from '#sandbox/hooks.ts'
import { addInside } from '#sandbox/sandbox.ts'
import { createCafe, ORGANIZATION } from '#sandbox/iiko/cafe.ts'
import { addCloud } from '#sandbox/iiko/cloud.ts'
import { addCloudReports } from '#sandbox/iiko/cloud-reports.ts'
import { fillCafe } from '#sandbox/iiko/demo.ts'
import { Edit, edit } from '#sandbox/iiko/edit.ts'
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
  /** Whether the key may read the cloud's own sales reports. */
  readonly withReports?: boolean
}

const KEYS = {
  apiKey: 'sandbox-iiko-api-key',
  appId: '5c2f6b0e-0000-4000-8000-000000000001',
  clientSecret: 'sandbox-iiko-secret',
}
const LOGIN = { login: 'loyalty', password: 'sandbox-resto-password' }
const NAME = 'Кафе «Центр»'

export function createIikoSandbox(options: IikoOptions = {}): IikoSandbox {
  const {
    now = () => new Date(),
    zone = 'Europe/Moscow',
    rowsMax = 1000,
    withServer = false,
    withReports = false,
  } = options
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
        denied: new Set(withReports ? [] : ['reports']),
        terminalZone: '03:00:00',
        tokens: new Map(),
        hookSettings: new Map(),
        unknownFields: false,
      },
      ...{ rms: 'ok', reportDaysMax: 31 },
      ...{ refusesRevisions: false, emptyLists: false, broken: new Set(), onList: null },
    },
    server: {
      ...{ credentials: { ...LOGIN }, seats: 1, sessions: new Map(), denied: new Set(), missing: new Set() },
      ...{ daysMax: 31, broken: new Set(), orphans: 0, logins: 0, unknownFields: false, tokenForm: 'bare' },
    },
  }
  if (options.demo) sandbox.server.orphans = 2
  const { app, faults, requests } = sandbox
  app.use('*', async (c, next) => {
    const { pathname } = new URL(c.req.url)
    if (!pathname.startsWith('/_sandbox')) requests.push(`${c.req.method} ${pathname}`)
    await next()
  })
  addInside(app, { faults, requests, ledger: cafe.ledger, edit: (input) => edit(sandbox, Edit.parse(input)) })
  addServer(app, sandbox.server, cafe, zone)
  addCloudReports(app, sandbox.cloud, { cafe, zone, reports: sandbox.server })
  addCloud(app, sandbox.cloud, { cafe, zone, rowsMax })
  sendHooks(sandbox, zone)
  return sandbox
}

/** The demo café of `npm start`, with both sources of receipts. It has a month of them. */
export function createIikoDemo(filledAt: Date): IikoSandbox {
  const sandbox = createIikoSandbox({ demo: filledAt, withServer: true, withReports: true })
  sandbox.cafe.startIdsAbove(Math.floor(Date.now() / 1000))
  const { connection } = sandbox
  return {
    ...sandbox,
    connection: { ...connection, additionalConfig: { ...connection.additionalConfig, initialDays: 31 } },
  }
}
