// Stores of each CRM with some weeks of sales, opened anew for each seed at the same address.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '#dev/free-port.ts'
import { serveSandbox } from '#dev/serve-sandbox.ts'
import { createOneCSandbox } from '#sandbox/1c.ts'
import { createAmoSandbox } from '#sandbox/amo_crm.ts'
import { createIikoSandbox } from '#sandbox/iiko.ts'
import { createRenovatioSandbox } from '#sandbox/renovatio.ts'
import type { Sandbox } from '#sandbox/sandbox.ts'
import { createYclientsSandbox } from '#sandbox/yclients.ts'
import type { Service } from './service.ts'

/** The first sync looks back so far. */
const INITIAL_DAYS = 12
/** Most days are older than what a sync reads again anyway. */
export const CHECKED_DAYS = 10
const QUIET_MS = 5 * 60_000

interface Filled {
  readonly sandbox: Sandbox
  readonly settings?: Readonly<Record<string, unknown>>
  /** The vendor refuses one of the branches from now on. */
  readonly freeze?: () => void
  readonly frozenId?: string
  /** Sales of past days that were never taken back may be gone. */
  readonly removesSales?: boolean
}

export interface Store {
  readonly type: string
  readonly url: string
  readonly sandbox: Sandbox
  readonly frozenId: string | null
  readonly freeze: (() => void) | undefined
  readonly removesSales: boolean
  readonly businessId: () => string
  readonly fill: (seed: number) => void
  readonly sell: () => void
  /** Its integration, once it is on and has synced. */
  readonly connect: (service: Service) => Promise<string>
  readonly close: () => Promise<void>
}

const FILL: Readonly<Record<string, (seed: number) => Filled>> = {
  // In two zones; the third branch is the one that is frozen.
  yclients: (seed) => {
    const sandbox = createYclientsSandbox({ demo: true, days: INITIAL_DAYS, branches: 3, seed })
    const frozen = sandbox.branches[2]
    if (!frozen) throw new Error('no third branch')
    return { sandbox, freeze: () => void (frozen.trouble = 'licence'), frozenId: frozen.companyId }
  },
  iiko: (seed) => ({ sandbox: createIikoSandbox({ demo: true, seed, withReports: true }) }),
  // Bookkeeping keeps its documents. A shop removes receipts after their shift: of one that is not shown nobody can say
  // that it never was, but the day's total differs.
  '1c': (seed) => {
    const removesSales = seed % 2 === 1
    const configuration = removesSales ? 'retail' : 'bp'
    return { sandbox: createOneCSandbox({ demo: true, seed, receipts: 160, configuration }), removesSales }
  },
  amo_crm: (seed) => ({ sandbox: createAmoSandbox({ demo: true, seed }) }),
  renovatio: (seed) => ({ sandbox: createRenovatioSandbox({ demo: true, seed }) }),
}

export async function openStores(types: readonly string[]): Promise<Store[]> {
  return Promise.all(types.map(openStore))
}

async function openStore(type: string): Promise<Store> {
  const fill = FILL[type]
  if (!fill) throw new Error(`no store of ${type}`)
  let filled = fill(0)
  let businessId = ''
  const { url, close } = await serveSandbox(
    {
      app: { fetch: async (request) => filled.sandbox.app.fetch(request) },
      // Those of the sandbox that is filled at the time.
      faults: {
        ...filled.sandbox.faults,
        wrap: (serve, reset) => async (request) => filled.sandbox.faults.wrap(serve, reset)(request),
      },
    },
    await freePort(),
  )
  return {
    type,
    url,
    get sandbox() {
      return filled.sandbox
    },
    get frozenId() {
      return filled.frozenId ?? null
    },
    get freeze() {
      return filled.freeze
    },
    get removesSales() {
      return filled.removesSales ?? false
    },
    businessId: () => businessId,
    fill: (seed) => {
      filled = fill(seed)
      businessId = randomUUID()
    },
    sell: () => {
      const body = JSON.stringify({ do: 'sell', rubles: 100 + Math.floor(Math.random() * 900) })
      const headers = { 'content-type': 'application/json' }
      void filled.sandbox.app.fetch(new Request(`${url}/_sandbox/edit`, { method: 'POST', headers, body }))
    },
    connect: async (service) => connect(service, url, filled, businessId),
    close,
  }
}

async function connect(service: Service, url: string, { sandbox }: Filled, businessId: string): Promise<string> {
  const { connection, business, addressed } = sandbox
  await service.call('PUT', `/v1/businesses/${businessId}`, business)
  const additionalConfig = { ...connection.additionalConfig, ...addressed?.(url), initialDays: INITIAL_DAYS }
  const created = await service.call<{ id: string }>('POST', '/v1/integrations', {
    ...{ businessId, ...connection, apiUrl: url, additionalConfig, syncIntervalMinutes: 1 },
  })
  const path = `/v1/integrations/${created.json.id}`
  const enabled = await service.call('PATCH', path, { syncEnabled: true })
  if (enabled.status !== 200) throw new Error(JSON.stringify(enabled.json))
  const deadline = Date.now() + QUIET_MS
  for (;;) {
    const { json } = await service.call<{ freshness: { asOf: string | null } }>('GET', path)
    if (json.freshness.asOf !== null) return created.json.id
    if (Date.now() > deadline) throw new Error(`${connection.crmType} did not sync`)
    await sleep(300)
  }
}
