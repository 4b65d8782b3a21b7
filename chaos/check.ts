// Checks while people sell and one in five answers of each CRM fails: what was changed in the database behind the
// service's back is found exactly, whatever else happens, and a repair makes the days equal. Among the stores are
// branches in two zones, one of which the vendor freezes, and customers that were erased.
import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenDatabase } from '#bench/database.ts'
import { addDays, localDate } from '#lib/time.ts'
import { seeded } from '#sandbox/faults.ts'
import { type Counts, createCounts, judge, judgeRepair, type Scene, type Tampering } from './check-judge.ts'
import { CHECKED_DAYS, openStores, type Store } from './check-stores.ts'
import { tamper } from './check-tamper.ts'
import { type Service, startService } from './service.ts'

const ZONE = 'Europe/Moscow'
const QUIET_MS = 15 * 60_000
const SELL_MS = 300
/** Of the answers of each CRM. */
const FAULT_RATE = 0.2
/** A check that a CRM has failed is started again. */
const TRIES_MAX = 20

interface CheckSize {
  readonly seeds: number
  readonly types: readonly string[]
}

/** Must be 0. */
type Wrong = 'missed' | 'false' | 'notRepaired' | 'frozenTouched'

interface CheckReport extends Omit<Counts, Wrong> {
  readonly seeds: number
  readonly seconds: number
  readonly faults: Readonly<Record<string, number>>
  readonly wrong: Pick<Counts, Wrong> & { readonly stagedLeft: number }
  readonly examples: readonly unknown[]
}

export async function proveCheck(
  open: OpenDatabase,
  size: CheckSize & { readonly seed: number },
): Promise<CheckReport> {
  const startedAt = Date.now()
  const counts = createCounts()
  const faults: Record<string, number> = {}
  const examples: unknown[] = []
  const stores = await openStores(size.types)
  const service = await startService(open, { origins: stores.map(({ url }) => url), tickSeconds: 1 })
  const scene = { service, counts, examples }
  try {
    // Each seed is that of one store, and they go on side by side.
    let done = 0
    await Promise.all(
      stores.map(async (store, index) => {
        for (let round = index; round < size.seeds; round += stores.length) {
          store.fill(size.seed + round)
          await proveStore(scene, store, seeded(size.seed * 1000 + round))
          for (const [kind, times] of store.sandbox.faults.played) faults[kind] = (faults[kind] ?? 0) + times
          done += 1
          const seconds = Math.round((Date.now() - startedAt) / 1000)
          const { found, missed, false: untrue, notRepaired } = counts
          const seen = JSON.stringify({ found, missed, untrue, notRepaired })
          console.log(`${store.type}: ${done} of ${size.seeds} seeds, ${seconds} s, ${seen}`)
        }
      }),
    )
    const staged = await service.query(`select from check_records where outcome is null`)
    const { missed, false: untrue, notRepaired, frozenTouched, ...seen } = counts
    const seconds = Math.round((Date.now() - startedAt) / 1000)
    const wrong = { missed, false: untrue, notRepaired, frozenTouched, stagedLeft: staged.length }
    return { seeds: size.seeds, seconds, ...seen, faults, wrong, examples: examples.slice(0, 5) }
  } finally {
    await service.close()
    await Promise.all(stores.map(async ({ close }) => close()))
  }
}

async function proveStore(scene: Scene, store: Store, random: () => number): Promise<void> {
  const { service, counts } = scene
  const id = await store.connect(service)
  const path = `/v1/integrations/${id}`
  const today = localDate(new Date(), ZONE)
  const [from, to] = [addDays(today, -CHECKED_DAYS), addDays(today, -1)]
  store.freeze?.()
  const erased = await eraseSome(service, store, id)
  const where = { from, to, frozen: store.frozenId, erased, hasOneTotal: store.removesSales, random }
  const tampered = await tamper(service, id, where)
  if (tampered.size === 0) throw new Error(`${store.type} has nothing to change`)
  const tampering: Tampering = { id, store, tampered, from, to }
  store.sandbox.faults.plan.rate = FAULT_RATE
  const closing = new AbortController()
  const selling = (async () => {
    for (; !closing.signal.aborted; counts.sold += 1) {
      store.sell()
      await sleep(SELL_MS)
    }
  })()
  try {
    await untilRun(scene, store, path, 'checks', { from, to })
    await judge(scene, tampering)
    await untilRun(scene, store, path, 'repairs', { from, to })
  } finally {
    closing.abort()
    await selling
    store.sandbox.faults.plan.rate = 0
  }
  await judgeRepair(scene, tampering)
  await service.call('PATCH', path, { syncEnabled: false })
}

/** Two customers whose sales are stored; the ids of these. */
async function eraseSome(service: Service, store: Store, id: string): Promise<ReadonlySet<string>> {
  const rows = await service.query<{ phone: string; ids: string[] }>(`
    select customer_phone as phone, array_agg(external_id) as ids from crm_transactions
    where integration_id = '${id}' and customer_phone is not null group by 1 order by 1 limit 2`)
  if (rows.length === 0) throw new Error(`${store.type} has nobody to erase`)
  for (const { phone } of rows) {
    const erased = await service.call('POST', `/v1/businesses/${store.businessId()}/erasures`, { phone })
    if (erased.status !== 200) throw new Error(JSON.stringify(erased.json))
  }
  return new Set(rows.flatMap(({ ids }) => ids))
}

interface Run {
  readonly id: string
  readonly status: string
}

/** Until such a run, and the check behind a repair, has ended well. */
async function untilRun(
  { service, counts }: Scene,
  store: Store,
  path: string,
  what: 'checks' | 'repairs',
  period: Pick<Tampering, 'from' | 'to'>,
) {
  const deadline = Date.now() + QUIET_MS
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const started = await service.call<Run>('POST', `${path}/${what}`, period)
    if (started.status !== 202) throw new Error(JSON.stringify(started.json))
    const since = started.json.id
    for (;;) {
      if (Date.now() > deadline) throw new Error(`${path}/${what} did not end`)
      await sleep(500)
      const open = await startedAmong(service, since)
      if (open === 'succeeded') return
      if (open === 'failed') break
    }
    counts.again += 1
    console.log(`${what} of ${store.type} are started again`)
  }
  throw new Error(`${path}/${what} failed again and again`)
}

/** How a run, and a check that was put in line with it, have ended. */
async function startedAmong(service: Service, runId: string): Promise<'open' | 'succeeded' | 'failed'> {
  const rows = await service.query<{ status: string }>(`
    select r.status from sync_runs f join sync_runs r on r.integration_id = f.integration_id
      and (r.id = f.id or r.task = 'check' and r.created_at >= f.created_at)
    where f.id = '${runId}'`)
  if (rows.some(({ status }) => ['queued', 'running', 'waiting'].includes(status))) return 'open'
  return rows.every(({ status }) => status === 'succeeded') ? 'succeeded' : 'failed'
}
