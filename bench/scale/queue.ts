// A queue and its consumer: up to 250 invocations, each with a batch of messages whose runs work side by side. An
// invocation is over when the last of its runs is.

import { WAY } from './units.ts'
import { pushLine, setEvent, shiftLine, ticksOf } from './wheel.ts'
import { LANE, type Queue, type World } from './world.ts'
import { STAGE } from './stages.ts'

function queueOf({ databases, plan, runs }: World, run: number): Queue | undefined {
  const database = databases[Math.floor((runs.owner[run] ?? 0) / plan.integrationsADatabase)]
  return database?.queues[Math.min(runs.lane[run] ?? LANE.live, LANE.hooks)]
}

/** Sends a message of one run, or of a chain of them; it may be delivered after `delay` ticks. */
export function send(world: World, leader: number, delay: number): void {
  const queue = queueOf(world, leader)
  if (!queue) return
  const { counts } = world.seen
  counts.messages += 1
  queue.backlog += 1
  counts.backlogMax = Math.max(counts.backlogMax, queue.backlog)
  world.runs.stage[leader] = STAGE.sent
  setEvent(world.wheel, world.now + delay + ticksOf(WAY.queue), leader)
}

/** The message may be delivered. */
export function arrive(world: World, leader: number): void {
  const queue = queueOf(world, leader)
  if (!queue) return
  pushLine(queue.waiting, leader)
  deliver(world, queue)
}

function deliver(world: World, queue: Queue): void {
  const { runs } = world
  while (queue.waiting.length > 0 && queue.freeCount > 0) {
    queue.freeCount -= 1
    const invocation = queue.free[queue.freeCount] ?? 0
    for (let message = 0; message < queue.batch && queue.waiting.length > 0; message += 1) {
      const leader = shiftLine(queue.waiting)
      const size = sizeOf(runs.together, leader)
      for (let run = leader; run >= 0;) {
        const together = runs.together[run] ?? -1
        queue.active[invocation] = (queue.active[invocation] ?? 0) + 1
        runs.invocation[run] = invocation
        runs.together[run] = -1
        runs.takenWith[run] = size
        runs.stage[run] = STAGE.begin
        setEvent(world.wheel, world.now, run)
        run = together
      }
      queue.backlog -= 1
    }
  }
}

function sizeOf(together: Int32Array, leader: number): number {
  let size = 0
  for (let run = leader; run >= 0; run = together[run] ?? -1) size += 1
  return size
}

/** The slice of a run is over. */
export function leave(world: World, run: number): void {
  const queue = queueOf(world, run)
  const invocation = world.runs.invocation[run] ?? 0
  if (!queue) return
  const left = (queue.active[invocation] ?? 0) - 1
  queue.active[invocation] = left
  if (left > 0) return
  queue.free[queue.freeCount] = invocation
  queue.freeCount += 1
  deliver(world, queue)
}
