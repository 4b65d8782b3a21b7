// The world before its first tick.
import { createFleet } from './fleet.ts'
import { createLogHash, drawBelow } from './random.ts'
import { CHUNK_MAX, PLATFORM, QUEUES } from './units.ts'
import { createLine, createWheel, pushLine, setEvent, TICK_MS } from './wheel.ts'
import { type Database, type Plan, type Queue, type Seen, WAITS, type World } from './world.ts'

/** What hooks and people ask for at the same time, at most. */
const PLACES = 50_000

export function createWorld(plan: Plan): World {
  const { integrations } = plan
  const random = { state: plan.seed }
  const databaseCount = Math.ceil(integrations / plan.integrationsADatabase)
  const firstPlace = integrations
  const firstCron = firstPlace + PLACES
  const entities = firstCron + 2 * databaseCount
  const runs = createRuns(firstCron)
  const fleet = createFleet(integrations, plan.groupSizes, plan.policies, random)
  const places = createLine(runs.next)
  for (let place = firstPlace; place < firstCron; place += 1) pushLine(places, place)
  const world: World = {
    ...{ plan, random, fleet, runs, places, firstPlace, firstCron, sessions: 0, now: 0 },
    firstSource: firstCron + databaseCount,
    wheel: createWheel((plan.hours * 3_600_000) / TICK_MS, new Int32Array(entities)),
    hash: createLogHash(),
    seen: createSeen(integrations),
    databases: Array.from({ length: databaseCount }, (_, index) => {
      const first = index * plan.integrationsADatabase
      const count = Math.min(plan.integrationsADatabase, integrations - first)
      return createDatabase(plan, { index, first, count }, runs.next, fleet.nextDue)
    }),
  }
  world.databases.forEach((database) => begin(world, database))
  return world
}

function createRuns(count: number): World['runs'] {
  const owner = Int32Array.from({ length: count }, (_, index) => index)
  return {
    owner,
    stage: new Uint8Array(count),
    lane: new Uint8Array(count),
    due: new Int32Array(count),
    isWide: new Uint8Array(count),
    callsLeft: new Int16Array(count),
    permits: new Int16Array(count),
    chunk: new Uint8Array(count),
    gap: new Int16Array(count),
    sliceUntil: new Int32Array(count),
    invocation: new Int32Array(count),
    takenWith: new Uint8Array(count),
    validUntil: new Int32Array(count),
    session: new Int32Array(count),
    askedAt: new Int32Array(count),
    usedAt: new Int32Array(count * CHUNK_MAX),
    usedCount: new Uint8Array(count),
    together: new Int32Array(count).fill(-1),
    next: new Int32Array(count).fill(-1),
  }
}

function createSeen(integrations: number): Seen {
  const counts = {
    ...{ claims: 0, claimMs: 0, databaseMs: 0, neonRequests: 0, neonRefused: 0, messages: 0, leases: 0, calls: 0 },
    ...{ overdrawn: 0, wideDue: 0, wideDone: 0, hooks: 0, hooksLost: 0, backlogMax: 0 },
  }
  return {
    lateness: new Int32Array(WAITS + 1),
    hookWaits: new Int32Array(WAITS + 1),
    peopleWaits: new Int32Array(WAITS + 1),
    worstWait: new Int32Array(integrations),
    waited: new Float64Array(integrations),
    syncs: new Int32Array(integrations),
    counts,
  }
}

type Share = Pick<Database, 'index' | 'first' | 'count'>

function createDatabase(plan: Plan, share: Share, next: Int32Array, nextDue: Int32Array): Database {
  return {
    ...share,
    queues: QUEUES.map((batch) => createQueue(plan.invocations, batch, next)),
    due: createWheel(plan.hours * 3600, nextDue),
    ...{ dueFrom: 0, busyUntil: 0, bucketLevel: 0, bucketAt: 0, tickStartedAt: 0, tickLeft: 0 },
  }
}

function createQueue(invocations: number, batch: number, next: Int32Array): Queue {
  return {
    batch,
    waiting: createLine(next),
    active: new Int32Array(invocations),
    free: Int32Array.from({ length: invocations }, (_, index) => index),
    freeCount: invocations,
    backlog: 0,
  }
}

/** Sets the first slots, the first tick of the cron and the first hook. */
function begin(world: World, { index, first, count, due }: Database): void {
  const { fleet, plan, wheel } = world
  const startSeconds = plan.startMs / 1000
  for (let integration = first; integration < first + count; integration += 1) {
    const slot = plan.policies.slotAfter(fleet.phase[integration] ?? 0, plan.intervalSeconds, startSeconds)
    fleet.slot[integration] = slot
    setEvent(due, slot - startSeconds, integration)
  }
  setEvent(wheel, drawBelow(world.random, PLATFORM.cronLateMs / TICK_MS), world.firstCron + index)
  setEvent(wheel, 1, world.firstSource + index)
}
