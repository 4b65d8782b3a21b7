// Rounds of random faults while all salons sync. At the end the database must equal the salons' own books.
import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenDatabase } from '#bench/database.ts'
import { FAULTS, seeded } from '#sandbox/faults.ts'
import { localDate, localDateTime, zonedToUtc } from '#lib/time.ts'
import { type Finding, inspect } from './inspect.ts'
import { Reader } from './reader.ts'
import { type Service, startService } from './service.ts'
import { type Integration, openSalons, type Salon, simulateEdit } from './salons.ts'

const ROUND_MS = 1200
const EDITS_A_ROUND = 6
const QUIET_MS = 8 * 60_000
const HOUR_MS = 3_600_000
const ZONE = 'Europe/Moscow'

interface StormOptions {
  readonly rounds: number
  readonly integrations: number
  readonly seed: number
}

export interface StormReport extends Finding {
  readonly rounds: number
  readonly integrations: number
  readonly seed: number
  readonly seconds: number
  readonly faults: Readonly<Record<string, number>>
  /** Answers of the vendors that failed, by how. */
  readonly vendorFaults: Readonly<Record<string, number>>
  readonly edits: Readonly<Record<string, number>>
  readonly confirmed: number
}

type Strike = (service: Service, integrations: readonly Integration[], random: () => number) => Promise<string>

const one = <T>(list: readonly T[], random: () => number): T => {
  const found = list[Math.floor(random() * list.length)]
  if (found === undefined) throw new Error('an empty list')
  return found
}

/** What may happen in a round, and how often beside the others. */
const STRIKES: readonly (readonly [number, Strike])[] = [
  [3, async (service) => (await service.killWorker(), 'worker killed')],
  [2, async (service) => (await service.killPostgres(), 'postgres killed')],
  [5, async ({ proxy }, _, random) => ((proxy.switches.failNext = 1 + Math.floor(random() * 20)), 'neon answers 500')],
  [
    5,
    async ({ proxy }, _, random) => ((proxy.switches.dropBefore = 1 + Math.floor(random() * 20)), 'neon drops before'),
  ],
  [8, async ({ proxy }, _, random) => ((proxy.switches.dropAfter = 1 + Math.floor(random() * 20)), 'neon drops after')],
  [2, async ({ proxy }, _, random) => ((proxy.switches.latencyMs = Math.floor(random() * 80)), 'neon slow')],
  [10, strikeVendor],
  [8, strikeQueue],
  [
    3,
    async (service, _, random) => {
      const skewMs = one([-HOUR_MS, 0, HOUR_MS], random)
      await service.disturb({ skewMs })
      return `clock ${skewMs / HOUR_MS} h`
    },
  ],
  [
    2,
    async (service, integrations, random) => {
      const { id } = one(integrations, random)
      const { json } = await service.call<{ items: { id: string }[] }>('GET', `/v1/integrations/${id}/runs?limit=1`)
      const [run] = json.items
      if (run) await service.call('POST', `/v1/integrations/${id}/runs/${run.id}/cancel`)
      return 'run cancelled'
    },
  ],
  [
    2,
    async (service, integrations, random) => {
      const from = new Date(Date.now() - 40 * 24 * HOUR_MS).toISOString()
      await service.call('POST', `/v1/integrations/${one(integrations, random).id}/backfill`, { from })
      return 'backfill'
    },
  ],
]

async function strikeVendor(
  _service: Service,
  integrations: readonly Integration[],
  random: () => number,
): Promise<string> {
  const kind = one(FAULTS, random)
  // A server that never answers holds a worker for as long as the time limit: one of those at a time is enough.
  const struck = kind === 'timeout' ? [one(integrations, random)] : integrations.filter(() => random() < 0.3)
  for (const { salon } of struck) {
    const times = kind === 'timeout' ? 1 : 1 + Math.floor(random() * 3)
    salon.sandbox.faults.plan.next.push(...Array.from({ length: times }, () => kind))
  }
  return `vendor ${kind}`
}

async function strikeQueue(
  service: Service,
  _integrations: readonly Integration[],
  random: () => number,
): Promise<string> {
  const name = one(['lose', 'double', 'delay'] as const, random)
  await service.disturb({ lose: 0, double: 0, delay: 0, [name]: 0.5 })
  return `queue ${name}`
}

const PLAN = STRIKES.flatMap(([weight, strike]) => Array.from({ length: weight }, () => strike))

export async function proveStorm(open: OpenDatabase, options: StormOptions): Promise<StormReport> {
  const { rounds, seed } = options
  const startedAt = Date.now()
  const random = seeded(seed)
  const salons = await openSalons(options.integrations, seed)
  const service = await startService(open, { origins: salons.map(({ url }) => url), tickSeconds: 1 })
  const [faults, edits] = [new Map<string, number>(), new Map<string, number>()]
  const count = (map: Map<string, number>, name: string) => map.set(name, (map.get(name) ?? 0) + 1)
  try {
    const integrations = await connect(service, salons)
    const readers = integrations.map(({ id }) => new Reader(service, id))
    for (let round = 1; round <= rounds; round += 1) {
      for (let edit = 0; edit < EDITS_A_ROUND; edit += 1) count(edits, simulateEdit(one(salons, random), random))
      count(faults, await attempt(async () => one(PLAN, random)(service, integrations, random)))
      await attempt(async () => service.call('POST', `/v1/integrations/${one(integrations, random).id}/sync`))
      await sleep(ROUND_MS)
      if (round % 25 === 0) console.log(`round ${round} of ${rounds}, ${Math.round((Date.now() - startedAt) / 1000)} s`)
    }
    await calm(service, integrations)
    const confirmed = await settle(service, integrations)
    for (const reader of readers) await reader.stop()
    const finding = await inspect(service, integrations, readers)
    const seconds = Math.round((Date.now() - startedAt) / 1000)
    const played = new Map<string, number>()
    for (const { sandbox } of salons) {
      for (const [kind, times] of sandbox.faults.played) played.set(kind, (played.get(kind) ?? 0) + times)
    }
    const tables = {
      faults: Object.fromEntries(faults),
      vendorFaults: Object.fromEntries(played),
      edits: Object.fromEntries(edits),
    }
    return { ...options, seconds, ...tables, confirmed, ...finding }
  } finally {
    await service.close()
    await Promise.all(salons.map(async ({ close }) => close()))
  }
}

/** In a storm a request may fail; another round brings the same again. */
async function attempt(act: () => Promise<unknown>): Promise<string> {
  try {
    return String(await act())
  } catch {
    return 'fault that could not be set'
  }
}

export async function connect(service: Service, salons: readonly Salon[]): Promise<Integration[]> {
  const integrations: Integration[] = []
  for (const salon of salons) {
    const business = { name: 'Салон', timezone: ZONE, currency: 'RUB' }
    await service.call('PUT', `/v1/businesses/${salon.businessId}`, business)
    const { apiKey, apiSecret, companyId } = salon.sandbox.credentials
    const created = await service.call<{ id: string }>('POST', '/v1/integrations', {
      ...{ businessId: salon.businessId, crmType: 'yclients', apiUrl: salon.url, syncIntervalMinutes: 1 },
      ...{ credentials: { apiKey, apiSecret }, additionalConfig: { companyId } },
    })
    const { id } = created.json
    const enabled = await service.call('PATCH', `/v1/integrations/${id}`, { syncEnabled: true })
    if (enabled.status !== 200) throw new Error(JSON.stringify(enabled.json))
    integrations.push({ id, salon })
  }
  return integrations
}

export async function calm(service: Service, integrations: readonly Integration[]): Promise<void> {
  Object.assign(service.proxy.switches, { latencyMs: 0, failNext: 0, dropBefore: 0, dropAfter: 0 })
  await service.disturb({ skewMs: 0, lose: 0, double: 0, delay: 0 })
  for (const { salon } of integrations) salon.sandbox.faults.plan.next.length = 0
}

/** Syncs each until it succeeds, today and, for the daily wide scan, tomorrow. An operator confirms what is right. */
export async function settle(service: Service, integrations: readonly Integration[]): Promise<number> {
  let confirmed = await untilIdle(service, integrations)
  const tomorrow = localDate(new Date(Date.now() + 24 * HOUR_MS), ZONE)
  await service.disturb({ skewMs: Date.parse(zonedToUtc(`${tomorrow} 12:00:00`, ZONE)) - Date.now() })
  console.log(`calm; the clock is set to ${localDateTime(new Date(`${tomorrow}T09:00:00Z`), ZONE)}`)
  confirmed += await untilIdle(service, integrations)
  return confirmed
}

interface Run {
  readonly id: string
  readonly trigger: string
  readonly status: string
  readonly needsConfirmation: boolean
}

export async function untilIdle(service: Service, integrations: readonly Integration[]): Promise<number> {
  const deadline = Date.now() + QUIET_MS
  const open = new Map(integrations.map(({ id }) => [id, '']))
  let confirmed = 0
  while (open.size > 0) {
    if (Date.now() > deadline) throw new Error(`${open.size} integrations did not come to rest`)
    for (const [id, runId] of open) {
      const path = `/v1/integrations/${id}`
      const run = runId === '' ? null : (await service.call<Run>('GET', `${path}/runs/${runId}`)).json
      if (run !== null && ['queued', 'running', 'waiting'].includes(run.status)) continue
      // One of the schedule may have been at work already, and have made its plan before the clock was set.
      if (run?.status === 'succeeded' && run.trigger !== 'schedule') {
        open.delete(id)
        continue
      }
      const isStopped = run?.needsConfirmation === true
      if (isStopped) confirmed += 1
      const next = await service.call<Run>('POST', isStopped ? `${path}/runs/${runId}/confirm` : `${path}/sync`)
      open.set(id, next.json.id)
    }
    await sleep(500)
  }
  while ((await active(service)) > 0) {
    if (Date.now() > deadline) throw new Error('runs are still active')
    await sleep(500)
  }
  return confirmed
}

async function active(service: Service): Promise<number> {
  const [row] = await service.query<{ n: number }>(
    `select count(*)::int as n from sync_runs where status in ('queued','running','waiting') and trigger <> 'schedule'`,
  )
  return row?.n ?? 0
}
