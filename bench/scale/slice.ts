// A slice of a run, or the read of a hook or a person: it takes the run, leases permits of the vendor's budget, makes
// its calls, writes and ends.
import { askDatabase, REFUSED } from './database.ts'
import { LANES } from './policies.ts'
import { leave, send } from './queue.ts'
import { draw, drawBelow } from './random.ts'
import { STAGE } from './stages.ts'
import { CHUNK_MAX, CPU, REQUESTS, RETRY_MS, SLICE_MS, WAY } from './units.ts'
import { LATENCY_PERCENT, VENDORS } from './vendors.ts'
import { pushLine, setEvent, TICK_MS, ticksOf } from './wheel.ts'
import { LANE, WAITS, type World } from './world.ts'

const databaseOf = ({ databases, plan, runs }: World, run: number) =>
  databases[Math.floor((runs.owner[run] ?? 0) / plan.integrationsADatabase)]

const isLive = (world: World, run: number) => run < world.firstPlace

function goOn(world: World, run: number, stage: number, tick: number): void {
  world.runs.stage[run] = stage
  setEvent(world.wheel, tick, run)
}

/** Requests to the database as one; a refusal is waited for with jitter, then the same stage comes again. */
function ask(world: World, run: number, stage: number, work: { readonly requests: number; readonly cpuMs: number }) {
  const database = databaseOf(world, run)
  if (!database) return
  const tick = askDatabase(world, database, work.requests, work.cpuMs)
  if (tick === REFUSED) goOn(world, run, stage, world.now + ticksOf(RETRY_MS + drawBelow(world.random, RETRY_MS)))
  else if (stage === STAGE.take) goOn(world, run, STAGE.lease, tick + ticksOf(WAY.budget))
  else goOn(world, run, STAGE.finished, tick)
}

/** The runs of one message are taken in one request: by their number, the part of each. */
const TAKES = Array.from({ length: 6 }, (_, runs) => ({ requests: 1 / Math.max(1, runs), cpuMs: CPU.take }))
const HOOK = { requests: REQUESTS.hook - 1, cpuMs: CPU.hook - CPU.take }
/** By CRM: what its sync asks the database for after its calls. One in fourteen brings changed sales. */
const ENDS = VENDORS.map(({ requests, databaseMs }) => ({ requests: requests - 1, cpuMs: databaseMs - CPU.take }))
const CHANGED_ONE_IN = 14

export function beginSlice(world: World, run: number): void {
  const { runs, seen, now } = world
  const late = Math.min(WAITS, now - (runs.due[run] ?? 0))
  // A run that comes again has begun before.
  if (isLive(world, run) && runs.sliceUntil[run] === 0) seen.lateness[late] = (seen.lateness[late] ?? 0) + 1
  runs.sliceUntil[run] = now + ticksOf(SLICE_MS)
  world.sessions += 1
  runs.session[run] = world.sessions
  runs.usedCount[run] = 0
  runs.chunk[run] = idleCallsOf(world, run)
  take(world, run)
}

/** What a session asks for first. */
function idleCallsOf({ fleet, runs }: World, run: number): number {
  const vendor = VENDORS[fleet.vendor[runs.owner[run] ?? 0] ?? 0]
  return (runs.lane[run] === LANE.hooks ? vendor?.hookCalls : vendor?.limits?.idleCalls) ?? 1
}

export function take(world: World, run: number): void {
  const taking = TAKES[world.runs.takenWith[run] ?? 1]
  if (taking) ask(world, run, STAGE.take, taking)
}

/** A wide scan is only known when it is taken, and works alone: the live lane sends it on. */
export function lease(world: World, run: number): void {
  const { fleet, runs, now, seen } = world
  if (runs.isWide[run] === 1 && runs.lane[run] === LANE.live && world.plan.policies.wideLane === 'bulk') {
    leave(world, run)
    runs.lane[run] = LANE.bulk
    send(world, run, 0)
    return
  }
  const owner = runs.owner[run] ?? 0
  const budget = fleet.budgets[fleet.budget[owner] ?? 0]
  if (!budget) {
    keepOwnPace(world, run, VENDORS[fleet.vendor[owner] ?? 0]?.gapMs ?? 0)
    return
  }
  seen.counts.leases += 1
  const count = runs.chunk[run] ?? 1
  const lane = LANES[runs.lane[run] ?? LANE.live] ?? 'live'
  const ask = { session: String(runs.session[run]), holder: String(owner), lane, count, used: usedSince(world, run) }
  const answer = budget.lease(now * TICK_MS, ask)
  runs.askedAt[run] = now
  runs.usedCount[run] = 0
  runs.chunk[run] = Math.min(CHUNK_MAX, count * 2)
  runs.permits[run] = answer.permits
  if (answer.permits === 0) {
    leave(world, run)
    send(world, run, Math.ceil(answer.waitMs / 1000) * (1000 / TICK_MS))
    return
  }
  runs.gap[run] = ticksOf(answer.gapMs ?? 0)
  runs.validUntil[run] = Math.min(world.wheel.ticks, now + Math.floor((answer.validMs ?? 0) / TICK_MS))
  goOn(world, run, STAGE.call, now + Math.max(1, ticksOf(answer.waitMs)))
}

function keepOwnPace(world: World, run: number, gapMs: number): void {
  const { runs, wheel, now } = world
  runs.permits[run] = CHUNK_MAX
  runs.usedCount[run] = 0
  runs.gap[run] = ticksOf(gapMs)
  runs.validUntil[run] = wheel.ticks
  goOn(world, run, STAGE.call, now + 1)
}

/** When, after its last ask, a session made its calls, in ms. */
function usedSince({ runs }: World, run: number): number[] {
  const used: number[] = []
  for (let index = 0; index < (runs.usedCount[run] ?? 0); index += 1) {
    used.push(((runs.usedAt[run * CHUNK_MAX + index] ?? 0) - (runs.askedAt[run] ?? 0)) * TICK_MS)
  }
  return used
}

export function call(world: World, run: number): void {
  const { fleet, runs, now, random } = world
  const owner = runs.owner[run] ?? 0
  const vendor = VENDORS[fleet.vendor[owner] ?? 0]
  if (!vendor) return
  if (now > (runs.validUntil[run] ?? 0)) {
    lease(world, run)
    return
  }
  runs.usedAt[run * CHUNK_MAX + (runs.usedCount[run] ?? 0)] = now
  runs.usedCount[run] = (runs.usedCount[run] ?? 0) + 1
  if (fleet.budgets[fleet.budget[owner] ?? 0]) noteCall(world, fleet.budget[owner] ?? 0, vendor.limits)
  const left = (runs.callsLeft[run] ?? 0) - 1
  const permits = (runs.permits[run] ?? 0) - 1
  runs.callsLeft[run] = left
  runs.permits[run] = permits
  const percent = LATENCY_PERCENT[drawBelow(random, LATENCY_PERCENT.length)] ?? 100
  const answered = now + Math.ceil((vendor.latencyMs * percent) / 100 / TICK_MS)
  if (left === 0 || answered > (runs.sliceUntil[run] ?? 0)) goOn(world, run, STAGE.end, answered)
  else if (permits > 0) goOn(world, run, STAGE.call, Math.max(answered, now + (runs.gap[run] ?? 0)))
  else goOn(world, run, STAGE.lease, answered + ticksOf(WAY.budget))
}

/** The vendor counts: has it had more calls within a window than it allows? */
function noteCall({ fleet, now, seen }: World, budget: number, limits: (typeof VENDORS)[number]['limits']): void {
  let at = fleet.callsAt[budget] ?? 0
  const count = fleet.callCount[budget] ?? 0
  let isOver = false
  for (const { requests, perMs } of limits?.limits ?? []) {
    const place = at + (count % requests)
    // A tick of rounding at each end.
    if (now - (fleet.calls[place] ?? 0) < perMs / TICK_MS - 1) isOver = true
    fleet.calls[place] = now
    at += requests
  }
  fleet.callCount[budget] = count + 1
  seen.counts.calls += 1
  if (isOver) seen.counts.overdrawn += 1
}

export function end(world: World, run: number): void {
  const { fleet, runs, random } = world
  const usual = isLive(world, run) ? ENDS[fleet.vendor[runs.owner[run] ?? 0] ?? 0] : HOOK
  if (!usual) return
  const isChanged = draw(random) % CHANGED_ONE_IN === 0
  ask(world, run, STAGE.end, isChanged ? { ...usual, cpuMs: usual.cpuMs + CPU.changes } : usual)
}

export function finished(world: World, run: number): void {
  const { runs, seen, now, places } = world
  leave(world, run)
  if ((runs.callsLeft[run] ?? 0) > 0) {
    send(world, run, 0)
    return
  }
  const wait = now - (runs.due[run] ?? 0)
  runs.stage[run] = STAGE.idle
  if (!isLive(world, run)) {
    noteAnswer(world, run, wait)
    pushLine(places, run)
    return
  }
  seen.worstWait[run] = Math.max(seen.worstWait[run] ?? 0, wait)
  if (runs.isWide[run] === 1) {
    seen.counts.wideDone += 1
    return
  }
  seen.waited[run] = (seen.waited[run] ?? 0) + wait
  seen.syncs[run] = (seen.syncs[run] ?? 0) + 1
}

/** How long a hook or a person waited; of hooks only those whose vendor allows the demand. */
function noteAnswer({ fleet, plan, runs, seen }: World, run: number, wait: number): void {
  const isPerson = runs.lane[run] === LANE.people
  const isCrowded = (fleet.members[fleet.budget[runs.owner[run] ?? 0] ?? 0] ?? 0) > plan.membersMax
  if (isCrowded && !isPerson) return
  const waits = isPerson ? seen.peopleWaits : seen.hookWaits
  const at = Math.min(WAITS, wait)
  waits[at] = (waits[at] ?? 0) + 1
}
