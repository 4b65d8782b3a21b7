// Strangers and tenants who mean harm, while others work: no answer may be slow, nothing may fill up, nobody else may
// notice. Times are taken beside what the service waited for a vendor, and beside a bare server's on the same machine.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenDatabase } from '#bench/database.ts'
import { spreadOf } from '#bench/measure.ts'
import { tokenFor } from '#bench/serve.ts'
import { watchMemory } from '#bench/watch-memory.ts'
import { freePort } from '#dev/free-port.ts'
import { seeded } from '#sandbox/faults.ts'
import { type Bystander, compareBooks, connectBystanders, openBystanders, sell } from './bystanders.ts'
import { watchHeap } from './heap.ts'
import { ATTACKS, one, type Stage } from './hostile-attacks.ts'
import { connectHostile, openTenant } from './hostile-tenants.ts'
import { openTraffic, type TrafficReport } from './hostile-traffic.ts'
import { openHostileVendor, TURNS } from './hostile-vendors.ts'
import { type Sample, startProbe } from './probe.ts'
import { type CpuTime, cpuTimeOf } from './processes.ts'
import { startService } from './service.ts'

const PROBE_MS = 250
const MEMORY_MS = 1000
const HEAP_MS = 5000
/** Streams look each second and connectors keep to their vendor's pace: both ten times as often here. */
const PAUSE_SCALE = 0.1
const PAUSE_MS = 150
const SALE_MS = 2000

interface HostileSize {
  readonly seconds: number
  readonly bystanders: number
  readonly types: readonly string[]
  /** Clients that attack, and tenants with hostile vendors, at a time. */
  readonly attackers: number
  readonly vendors: number
  /** A hostile vendor is pulled from for so long, then its run is cancelled. */
  readonly pullMs: number
  /** Within this everything is answered, waits for a vendor aside. */
  readonly answerMsMax: number
  /** How much more the heap may hold in the last fifth of the time than in the second. */
  readonly growthMibMax: number
}

interface HostileReport extends Omit<TrafficReport, 'serverErrors'> {
  readonly seconds: number
  readonly attacks: Readonly<Record<string, number>>
  readonly vendors: Readonly<Record<string, number>>
  readonly healthMs: Readonly<Record<'median' | 'p99' | 'max' | 'controlMax', number>>
  /** How long the process that sends, and serves the vendors, was itself away. */
  readonly driverAwayMs: number
  /** workerd's. Where it waited long for a processor, the machine was too busy for the times to say anything. */
  readonly cpu: CpuTime
  /** What the isolate's heap holds after a collection, at the least in each fifth of the time. */
  readonly heapMib: { readonly ofFifths: readonly number[]; readonly max: number }
  /** Resident memory of its workerd, of which the stand-ins for queue, files and limits have a part. */
  readonly mib: { readonly ofFifths: readonly number[]; readonly max: number }
  readonly transactions: number
  readonly wrong: Readonly<
    Record<'serverErrors' | 'unanswered' | 'slowAnswers' | 'slowHealth' | 'memoryGrows' | 'mismatches', number>
  >
  readonly examples: readonly unknown[]
}

export async function proveHostile(
  open: OpenDatabase,
  { seed, ...size }: HostileSize & { readonly seed: number },
): Promise<HostileReport> {
  const random = seeded(seed)
  const bystanders = await openBystanders(size.types, size.bystanders)
  const vendors = await Promise.all(
    Array.from({ length: size.vendors }, async () => openHostileVendor(await freePort())),
  )
  const calm = await openHostileVendor(await freePort())
  const origins = [...bystanders, ...vendors, calm].map(({ url }) => url)
  const service = await startService(open, { origins, tickSeconds: 5 })
  try {
    await service.disturb({ pauseScale: PAUSE_SCALE })
    await connectBystanders(service, bystanders)
    await compareBooks(service, bystanders)
    const traffic = openTraffic(service.url)
    const tenant = await openTenant(service, calm)
    const stage = { ...traffic, random, tenant, bystanders, adminToken: await tokenFor(null, 'admin') }
    const [attacks, turned] = [new Map<string, number>(), new Map<string, number>()]
    const until = Date.now() + size.seconds * 1000
    const watched = watch(service)
    const connecting = {
      traffic,
      random,
      types: size.types,
      turns: Object.keys(TURNS),
      until,
      turned,
      pullMs: size.pullMs,
    }
    await Promise.all([
      ...Array.from({ length: size.attackers }, async () => attack(stage, until, attacks)),
      ...vendors.map(async (vendor) => connectHostile(service, vendor, connecting)),
      sellUntil(bystanders, random, until),
      tell(until),
    ])
    const seen = await watched.stop()
    console.log('the attack is over; comparing the books')
    const books = await compareBooks(service, bystanders)
    const tables = { attacks: Object.fromEntries(attacks), vendors: Object.fromEntries(turned) }
    return reportOf(size, { ...tables, traffic: traffic.report(), books, ...seen })
  } finally {
    await service.close()
    await Promise.all([...bystanders, ...vendors, calm].map(async ({ close }) => close()))
  }
}

/** Each attack in turn, so that all of them come. */
async function attack(stage: Stage, until: number, counts: Map<string, number>): Promise<void> {
  const names = Object.keys(ATTACKS)
  for (let turn = Math.floor(stage.random() * names.length); Date.now() < until; turn += 1) {
    const name = names[turn % names.length] ?? ''
    await ATTACKS[name]?.(stage)
    counts.set(name, (counts.get(name) ?? 0) + 1)
    await sleep(PAUSE_MS)
  }
}

async function sellUntil(bystanders: readonly Bystander[], random: () => number, until: number): Promise<void> {
  for (let sales = 1; Date.now() < until; sales += 1) {
    await sell(one(bystanders, random), 100 + (sales % 900))
    await sleep(SALE_MS)
  }
}

async function tell(until: number): Promise<void> {
  const startedAt = Date.now()
  while (Date.now() < until) {
    await sleep(Math.min(60_000, Math.max(until - Date.now(), 0)))
    console.log(`${Math.round((Date.now() - startedAt) / 1000)} s of hostile traffic`)
  }
}

function watch({ url, workerPid, inspectorUrl }: Awaited<ReturnType<typeof startService>>) {
  const probe = startProbe(url, PROBE_MS)
  const pid = workerPid()
  const memory = watchMemory(pid, MEMORY_MS)
  const heap = watchHeap(inspectorUrl(), HEAP_MS)
  const before = cpuTimeOf(pid)
  const away = monitorEventLoopDelay({ resolution: 10 })
  away.enable()
  return {
    stop: async () => {
      away.disable()
      memory.stop()
      await heap.stop()
      const after = cpuTimeOf(pid)
      const cpu = { ranMs: after.ranMs - before.ranMs, waitedMs: after.waitedMs - before.waitedMs }
      const driverAwayMs = Math.round(away.max / 1e6)
      return { health: await probe.stop(), mib: memory.samples, heapMib: heap.samples, driverAwayMs, cpu }
    },
  }
}

interface Seen {
  readonly attacks: Readonly<Record<string, number>>
  readonly vendors: Readonly<Record<string, number>>
  readonly traffic: TrafficReport
  readonly books: Awaited<ReturnType<typeof compareBooks>>
  readonly health: readonly Sample[]
  readonly mib: readonly number[]
  readonly heapMib: readonly number[]
  readonly driverAwayMs: number
  readonly cpu: CpuTime
}

function reportOf({ seconds, answerMsMax, growthMibMax }: HostileSize, seen: Seen): HostileReport {
  const { attacks, vendors, traffic, books, health, mib, heapMib, driverAwayMs, cpu } = seen
  const { requests, statuses, slowestMs, serverErrors } = traffic
  const sorted = health.map(({ ms }) => ms).toSorted((a, b) => a - b)
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN)
  // Between them the heap holds what a request is about; what is never given back is in the lowest too.
  const [heap, resident] = [overTime(heapMib, (of) => spreadOf(of).min), overTime(mib, mean)]
  const [, second = 0, , , last = 0] = heap.ofFifths
  return {
    ...{ seconds, requests, statuses, attacks, vendors, slowestMs },
    healthMs: {
      ...{ median: at(0.5), p99: at(0.99), max: at(1) },
      controlMax: Math.round(spreadOf(health.map(({ controlMs }) => controlMs)).max),
    },
    ...{ driverAwayMs, cpu },
    ...{ heapMib: heap, mib: resident },
    transactions: books.transactions,
    wrong: {
      serverErrors: serverErrors.length,
      unanswered: statuses['no answer'] ?? 0,
      slowAnswers: Object.values(slowestMs).filter((ms) => ms >= answerMsMax).length,
      slowHealth: health.filter(({ ms, controlMs }) => ms - controlMs >= answerMsMax).length,
      memoryGrows: last > second + growthMibMax ? 1 : 0,
      mismatches: books.mismatches,
    },
    examples: [...serverErrors.slice(0, 5), ...books.examples],
  }
}

function overTime(mib: readonly number[], of: (fifth: readonly number[]) => number) {
  const fifth = (n: number) => mib.slice((mib.length * n) / 5, (mib.length * (n + 1)) / 5)
  return { ofFifths: [0, 1, 2, 3, 4].map((n) => Math.round(of(fifth(n)))), max: Math.round(spreadOf(mib).max) }
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
