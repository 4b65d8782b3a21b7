// Checks while people sell and one in five answers of each CRM fails: what was changed in the database behind the
// service's back is found exactly, whatever else happens, and a repair makes the days equal. Among the stores are
// branches in two zones, one of which the vendor freezes, and customers that were erased.
import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenDatabase } from '#bench/database.ts'
import { addDays, localDate } from '#lib/time.ts'
import { seeded } from '#sandbox/faults.ts'
import { openStores, type Store } from './check-stores.ts'
import { startedAmong, stillWrong, type Tampered, tamper } from './check-tamper.ts'
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

interface CheckReport {
  readonly seeds: number
  readonly seconds: number
  readonly tampered: number
  readonly found: number
  readonly mendedBySync: number
  /** Extra sales that the CRM may have removed: the day is not equal, and the CRM's own total of it differs. */
  readonly toldByTotal: number
  readonly sold: number
  /** Checks that failed as the CRM did, and were started again. */
  readonly again: number
  readonly faults: Readonly<Record<string, number>>
  readonly wrong: {
    readonly missed: number
    readonly false: number
    readonly notRepaired: number
    readonly frozenTouched: number
    readonly stagedLeft: number
  }
  readonly examples: readonly unknown[]
}

interface Counts {
  tampered: number
  found: number
  mendedBySync: number
  toldByTotal: number
  sold: number
  again: number
  missed: number
  false: number
  notRepaired: number
  frozenTouched: number
}

interface Scene {
  readonly service: Service
  readonly counts: Counts
  readonly examples: unknown[]
}

export async function proveCheck(
  open: OpenDatabase,
  size: CheckSize & { readonly seed: number },
): Promise<CheckReport> {
  const startedAt = Date.now()
  const counts: Counts = {
    ...{ tampered: 0, found: 0, mendedBySync: 0, toldByTotal: 0, sold: 0, again: 0 },
    ...{ missed: 0, false: 0, notRepaired: 0, frozenTouched: 0 },
  }
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
  const [from, to] = [addDays(today, -store.days), addDays(today, -1)]
  store.freeze?.()
  await eraseSome(service, store, id)
  const tampered = await tamper(service, id, { from, to, frozen: store.frozenId, random })
  if (tampered.size === 0) throw new Error(`${store.type} has nothing to change`)
  counts.tampered += tampered.size
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
    await judge(scene, store, id, { tampered, from, to })
    await untilRun(scene, store, path, 'repairs', { from, to })
  } finally {
    closing.abort()
    await selling
    store.sandbox.faults.plan.rate = 0
  }
  await judgeRepair(scene, store, id, { tampered, from, to })
  await service.call('PATCH', path, { syncEnabled: false })
}

/** Two customers whose sales are stored. */
async function eraseSome(service: Service, store: Store, id: string): Promise<void> {
  const rows = await service.query<{ customer_phone: string }>(
    `select distinct customer_phone from crm_transactions where integration_id = '${id}' and customer_phone is not null limit 2`,
  )
  for (const { customer_phone: phone } of rows) {
    const erased = await service.call('POST', `/v1/businesses/${store.businessId()}/erasures`, { phone })
    if (erased.status !== 200) throw new Error(JSON.stringify(erased.json))
  }
}

interface Period {
  readonly from: string
  readonly to: string
}

interface Tampering extends Period {
  readonly tampered: ReadonlyMap<string, Tampered>
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
  period: Period,
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

interface Difference {
  readonly externalId: string
  readonly kind: string
  readonly locationId: string | null
}

async function differencesOf(service: Service, id: string, { from, to }: Period): Promise<Map<string, Difference>> {
  const found = new Map<string, Difference>()
  for (let day = from; day <= to; day = addDays(day, 1)) {
    const { json } = await service.call<{ items: Difference[] }>(
      'GET',
      `/v1/integrations/${id}/days/${day}/differences`,
    )
    for (const one of json.items) found.set(one.externalId, one)
  }
  return found
}

/** A sync may mend what it reads anyway before the check is there: that is neither found nor missed. */
async function judge(scene: Scene, store: Store, id: string, { tampered, ...period }: Tampering): Promise<void> {
  const { service, counts, examples } = scene
  const found = await differencesOf(service, id, period)
  const [wrongNow, days] = [await stillWrong(service, tampered), await daysOf(service, id, period)]
  for (const [externalId, { kind, day }] of tampered) {
    const isRemoved = store.removesSales && kind === 'extra'
    if (found.get(externalId)?.kind === kind) counts.found += 1
    else if (isRemoved && days.some((one) => one.day === day && isToldByTotal(one))) counts.toldByTotal += 1
    else if (wrongNow.has(externalId)) {
      counts.missed += 1
      examples.push({ type: store.type, missed: externalId, kind, found: found.get(externalId) ?? null })
    } else counts.mendedBySync += 1
  }
  for (const [externalId, one] of found) {
    if (store.frozenId !== null && one.locationId === store.frozenId) counts.frozenTouched += 1
    if (tampered.has(externalId)) continue
    counts.false += 1
    examples.push({ type: store.type, untrue: one })
  }
}

interface Day {
  readonly day: string
  readonly locationId: string | null
  readonly state: string
  readonly stored: { readonly amountMinor: number }
  readonly total: { readonly amountMinor: number } | null
}

async function daysOf(service: Service, id: string, { from, to }: Period): Promise<readonly Day[]> {
  const { json } = await service.call<{ items: Day[] }>('GET', `/v1/integrations/${id}/days?from=${from}&to=${to}`)
  return json.items
}

function isToldByTotal({ state, total, stored }: Day): boolean {
  return state !== 'equal' && total !== null && total.amountMinor !== stored.amountMinor
}

/** All days are equal, but for those of the frozen branch, which are unchecked. */
async function judgeRepair({ service, counts, examples }: Scene, store: Store, id: string, of: Tampering) {
  const days = await daysOf(service, id, of)
  if (days.length === 0) counts.notRepaired += 1
  const extraDays = new Set([...of.tampered.values()].flatMap(({ kind, day }) => (kind === 'extra' ? [day] : [])))
  for (const one of days) {
    const isFrozen = store.frozenId !== null && one.locationId === store.frozenId
    if (one.state === (isFrozen ? 'unchecked' : 'equal')) continue
    if (store.removesSales && one.state === 'unchecked' && extraDays.has(one.day) && isToldByTotal(one)) continue
    if (isFrozen) counts.frozenTouched += 1
    else counts.notRepaired += 1
    const differences = await service.call('GET', `/v1/integrations/${id}/days/${one.day}/differences`)
    examples.push({ type: store.type, day: one, differences: differences.json })
  }
}
