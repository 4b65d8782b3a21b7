// What comes from outside the schedule: hooks, and people who press "sync now" or test a connection. Each reads one
// object of the vendor.
import { send } from './queue.ts'
import { draw, drawBelow, drawOf, EXPONENTIAL } from './random.ts'
import { HOOK_CALLS, PEOPLE_ONE_IN } from './units.ts'
import { VENDORS } from './vendors.ts'
import { setEvent, shiftLine, TICK_MS } from './wheel.ts'
import { type Database, LANE, type World } from './world.ts'

/** More than any CRM sends: of those drawn, each CRM's own share is kept. */
const DRAWN_A_DAY = 100

export function tickSource(world: World, database: Database): void {
  const { fleet, random, now, runs, places, seen } = world
  const meanTicks = 86_400_000 / TICK_MS / (DRAWN_A_DAY * database.count)
  setEvent(
    world.wheel,
    now + Math.round((drawOf(random, EXPONENTIAL) * meanTicks) / 1000),
    world.firstSource + database.index,
  )
  const owner = database.first + drawBelow(random, database.count)
  const vendor = VENDORS[fleet.vendor[owner] ?? 0]
  if (!vendor || drawBelow(random, DRAWN_A_DAY) >= vendor.hooksADay) return
  const place = shiftLine(places)
  if (place < 0) {
    seen.counts.hooksLost += 1
    return
  }
  seen.counts.hooks += 1
  const isPerson = draw(random) % PEOPLE_ONE_IN === 0
  runs.owner[place] = owner
  runs.due[place] = now
  runs.callsLeft[place] = HOOK_CALLS
  runs.lane[place] = isPerson ? LANE.people : LANE.hooks
  send(world, place, 0)
}
