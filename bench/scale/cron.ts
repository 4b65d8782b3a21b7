// The cron of one database: each minute it claims what is due within the next, in batches, oldest first, and sends the
// runs in messages with their own delay.
import { send } from './queue.ts'
import { drawBelow } from './random.ts'
import { STAGE } from './stages.ts'
import { CLAIM, CPU, PLATFORM, WAY } from './units.ts'
import { VENDORS } from './vendors.ts'
import { setEvent, takeEvent, TICK_MS, ticksOf } from './wheel.ts'
import { type Database, LANE, type World } from './world.ts'

const SECOND = 1000 / TICK_MS
const MINUTE = 60 * SECOND

/** A part of a tick: a few batches side by side, as long as there is more to claim. */
export function tickCron(world: World, database: Database): void {
  const { now, plan, wheel, random } = world
  if (database.tickLeft === 0) {
    database.tickStartedAt = now
    const live = database.queues[LANE.live]
    database.tickLeft = plan.policies.claimable(live?.backlog ?? 0)
  }
  const batches = database.tickStartedAt === now ? 1 : CLAIM.sideBySide
  const claimed = claim(world, database, Math.min(database.tickLeft, batches * CLAIM.rows))
  const took = claimTicks(world, database, claimed, batches)
  database.tickLeft -= claimed
  const isMore = claimed === batches * CLAIM.rows && database.tickLeft > 0
  if (isMore && now + took - database.tickStartedAt < CLAIM.tickSeconds * SECOND) {
    setEvent(wheel, now + took, world.firstCron + database.index)
    return
  }
  database.tickLeft = 0
  const minutes = drawBelow(random, PLATFORM.cronMissedOneIn) === 0 ? 2 : 1
  const next = (Math.floor(database.tickStartedAt / MINUTE) + minutes) * MINUTE
  setEvent(wheel, next + drawBelow(random, ticksOf(PLATFORM.cronLateMs)), world.firstCron + database.index)
}

/** Claims at most so many integrations and sends their runs. Returns how many were due. */
function claim(world: World, database: Database, most: number): number {
  const { now, plan } = world
  const until = Math.floor(now / SECOND) + plan.policies.claimAheadSeconds
  const message: Message = { leader: -1, last: -1, size: 0, delay: 0 }
  let claimed = 0
  while (claimed < most && database.dueFrom <= until) {
    const integration = takeEvent(database.due, database.dueFrom)
    if (integration < 0) {
      if (database.dueFrom === until) break
      database.dueFrom += 1
    } else {
      claimed += 1
      openRun(world, database, integration, message)
    }
  }
  flush(world, message)
  return claimed
}

interface Message {
  leader: number
  last: number
  size: number
  delay: number
}

function flush(world: World, message: Message): void {
  if (message.size > 0) send(world, message.leader, message.delay)
  message.size = 0
}

/** Moves the slot on, and opens a run unless one is still active. */
function openRun(world: World, database: Database, integration: number, message: Message): void {
  const { fleet, plan, runs, now, seen } = world
  const { slotAfter } = plan.policies
  const startSeconds = plan.startMs / 1000
  const slot = fleet.slot[integration] ?? 0
  // After an outage the slots that have passed are left out.
  const after = Math.max(slot, startSeconds + Math.floor(now / SECOND))
  const following = slotAfter(fleet.phase[integration] ?? 0, plan.intervalSeconds, after)
  fleet.slot[integration] = following
  setEvent(database.due, following - startSeconds, integration)
  if (runs.stage[integration] !== STAGE.idle) return
  seen.counts.claims += 1
  startRun(world, integration, slot)
  runs.due[integration] = (slot - startSeconds) * SECOND
  const delay = Math.max(0, Math.ceil(((runs.due[integration] ?? 0) - now) / SECOND)) * SECOND
  if (message.size > 0 && (message.delay !== delay || message.size === plan.policies.runsAMessage))
    flush(world, message)
  if (message.size === 0) message.leader = integration
  else runs.together[message.last] = integration
  message.last = integration
  message.delay = delay
  message.size += 1
}

function startRun({ fleet, plan, runs, seen }: World, integration: number, slot: number): void {
  const vendor = VENDORS[fleet.vendor[integration] ?? 0]
  const local = slot + (fleet.zone[integration] ?? 0) * 3600
  const isWide = plan.policies.isNightSlot(fleet.night[integration] ?? 0, local - plan.intervalSeconds, local)
  runs.stage[integration] = STAGE.sent
  runs.lane[integration] = LANE.live
  runs.isWide[integration] = Number(isWide)
  runs.callsLeft[integration] = (vendor?.idleCalls ?? 0) + (isWide ? (vendor?.wideCalls ?? 0) : 0)
  runs.sliceUntil[integration] = 0
  if (isWide) seen.counts.wideDue += 1
}

/** How long the batches take, and what they cost the database. */
function claimTicks(world: World, database: Database, claimed: number, batches: number): number {
  const cpuMs = batches * CPU.claimBatch + claimed * CPU.claimRow
  const { counts } = world.seen
  counts.claimMs += cpuMs
  counts.databaseMs += cpuMs
  counts.neonRequests += batches
  database.busyUntil = Math.max(world.now, database.busyUntil) + cpuMs / TICK_MS / world.plan.cores
  const messages = claimed / world.plan.policies.runsAMessage
  const rounds = Math.ceil(messages / PLATFORM.batchMessages / PLATFORM.connections)
  return Math.ceil((cpuMs / batches + WAY.neon + rounds * WAY.sendBatch) / TICK_MS)
}
