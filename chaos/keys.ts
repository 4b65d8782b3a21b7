// A change of the service's keys under load: every step is a deployment in which Workers with the former and the new
// keys work side by side. No sync may fail, nothing may be left under the old key, and every address stays what it was.
import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenDatabase } from '#bench/database.ts'
import { ENCRYPTION_KEYS } from '#bench/serve.ts'
import { seeded } from '#sandbox/faults.ts'
import { connectSalons, type HookSalon, openSalons, resend, sendPending, simulateEdit } from './hook-salons.ts'
import { untilProcessed } from './hooks-inspect.ts'
import { type Member, openAll, storeFleet } from './keys-fleet.ts'
import { type Service, startService } from './service.ts'

const OLD = ENCRYPTION_KEYS
const NEW = `fresh:${Buffer.alloc(32, 3).toString('base64')}`
const CALLS_MAX = 100

interface KeysSize {
  readonly integrations: number
  /** Salons that sync and send hooks all the while. */
  readonly salons: number
  /** How long Workers with two rings work side by side. */
  readonly deployMs: number
  /** Of addresses that were entered before, how many are called afterwards. */
  readonly hooks: number
}

interface KeyUse {
  readonly id: string
  readonly values: number
  readonly isFirst: boolean
}

interface Resealed {
  readonly resealed: number
  readonly keys: readonly KeyUse[]
}

export async function proveKeys(open: OpenDatabase, { seed, ...size }: KeysSize & { readonly seed: number }) {
  const startedAt = Date.now()
  const salons = await openSalons(size.salons)
  const service = await startService(open, { origins: salons.map(({ url }) => url), tickSeconds: 1 })
  try {
    const fleet = await storeFleet(service, size.integrations, OLD)
    await connectSalons(service, salons)
    const load = startLoad(service, { salons, fleet, random: seeded(seed) })
    const deploy = async (from: string, to: string) => {
      await service.disturb({ keys: [from, to] })
      await sleep(size.deployMs)
      await service.disturb({ keys: [to] })
    }
    await deploy(OLD, `${OLD},${NEW}`)
    await deploy(`${OLD},${NEW}`, `${NEW},${OLD}`)
    const resealing = await resealAll(service)
    await deploy(`${NEW},${OLD}`, NEW)
    const { failedCalls, ...done } = await load.stop()
    const unacknowledged = await resend(salons)
    await untilProcessed(service, salons)
    const opened = await openAll(service, NEW)
    const [runs] = await service.query<{ failed: number; succeeded: number }>(`
      select count(*) filter (where status = 'failed')::int as failed,
        count(*) filter (where status = 'succeeded')::int as succeeded from sync_runs`)
    const refusedHooks = await callAddresses(service, fleet.slice(0, size.hooks))
    const wrong = {
      ...{ failedCalls, failedSyncs: runs?.failed ?? Number.NaN, unacknowledged, refusedHooks },
      ...{ leftUnderOld: resealing.left, unopened: opened.unopened },
      nothingResealed: Number(resealing.resealed < size.integrations),
    }
    const seconds = Math.round((Date.now() - startedAt) / 1000)
    return { ...size, seed, seconds, syncs: runs?.succeeded, ...done, resealing, values: opened.values, wrong }
  } finally {
    await service.close()
    await Promise.all(salons.map(async ({ close }) => close()))
  }
}

async function resealAll(service: Service) {
  const startedAt = Date.now()
  let [resealed, calls, left] = [0, 0, Infinity]
  while (left > 0 && calls < CALLS_MAX) {
    const { json } = await service.call<Resealed>('POST', '/v1/admin/reseal')
    calls += 1
    resealed += json.resealed
    left = json.keys.reduce((sum, { isFirst, values }) => sum + (isFirst ? 0 : values), 0)
  }
  return { calls, resealed, left, ms: Date.now() - startedAt }
}

interface Load {
  readonly salons: readonly HookSalon[]
  readonly fleet: readonly Member[]
  readonly random: () => number
}

/** Syncs, hooks and new credentials, as fast as they are answered. */
function startLoad(service: Service, { salons, fleet, random }: Load) {
  const counts = { manualSyncs: 0, edits: 0, newCredentials: 0, failedCalls: 0 }
  const over = new AbortController()
  const repeat = async (act: () => Promise<boolean>) => {
    while (!over.signal.aborted) {
      if (!(await act())) counts.failedCalls += 1
      await sleep(20)
    }
  }
  const sync = async ({ id }: HookSalon) => {
    const { status } = await service.call('POST', `/v1/integrations/${id}/sync?wait=20`)
    counts.manualSyncs += 1
    return status < 300
  }
  const edit = async (salon: HookSalon) => {
    simulateEdit(salon, random)
    counts.edits += 1
    await sendPending(salon)
    return true
  }
  const enter = async () => {
    const member = fleet[Math.floor(random() * fleet.length)]
    if (!member) return false
    const credentials = { apiKey: 'partner', apiSecret: `user ${random()}` }
    const { status } = await service.call('PATCH', `/v1/integrations/${member.id}`, { credentials })
    counts.newCredentials += 1
    return status === 200
  }
  const loops = [
    repeat(enter),
    ...salons.flatMap((salon) => [repeat(async () => sync(salon)), repeat(async () => edit(salon))]),
  ]
  return {
    stop: async () => {
      over.abort()
      await Promise.all(loops)
      return counts
    },
  }
}

/** How many addresses are refused that were entered before the keys were changed. */
async function callAddresses(service: Service, members: readonly Member[]): Promise<number> {
  let refused = 0
  for (const { address } of members) {
    const answer = await fetch(`${service.url}${address}`, { method: 'POST', body: '{}' })
    await answer.body?.cancel()
    if (answer.status !== 200) refused += 1
  }
  return refused
}
