// The loop of the simulation: each event of each tick, in order.
import { createWorld } from './create-world.ts'
import { tickCron } from './cron.ts'
import { arrive } from './queue.ts'
import { logEvent } from './random.ts'
import { beginSlice, call, end, finished, lease, take } from './slice.ts'
import { tickSource } from './source.ts'
import { STAGE } from './stages.ts'
import { takeEvent } from './wheel.ts'
import type { Plan, World } from './world.ts'

export function simulate(plan: Plan): World {
  const world = createWorld(plan)
  for (let tick = 0; tick < world.wheel.ticks; tick += 1) {
    world.now = tick
    for (let entity = takeEvent(world.wheel, tick); entity >= 0; entity = takeEvent(world.wheel, tick)) {
      happen(world, entity)
    }
  }
  return world
}

function happen(world: World, entity: number): void {
  if (entity < world.firstCron) {
    const stage = world.runs.stage[entity] ?? STAGE.idle
    logEvent(world.hash, world.now, entity, stage)
    runStage(world, entity, stage)
    return
  }
  logEvent(world.hash, world.now, entity, -1)
  const ofCron = world.databases[entity - world.firstCron]
  if (ofCron) tickCron(world, ofCron)
  const ofSource = world.databases[entity - world.firstSource]
  if (ofSource) tickSource(world, ofSource)
}

function runStage(world: World, run: number, stage: number): void {
  switch (stage) {
    case STAGE.sent:
      arrive(world, run)
      break
    case STAGE.begin:
      beginSlice(world, run)
      break
    case STAGE.take:
      take(world, run)
      break
    case STAGE.lease:
      lease(world, run)
      break
    case STAGE.call:
      call(world, run)
      break
    case STAGE.end:
      end(world, run)
      break
    case STAGE.finished:
      finished(world, run)
      break
    default:
      throw new Error(`no event at stage ${stage}`)
  }
}
