// The virtual clock: one list of entities for each tick. An entity has one event at a time, so an event costs two array
// writes and no object. Events of a tick happen in the order in which they were set.
export const TICK_MS = 10

export const ticksOf = (ms: number): number => Math.ceil(ms / TICK_MS)

export interface Wheel {
  readonly ticks: number
  readonly heads: Int32Array
  readonly tails: Int32Array
  readonly next: Int32Array
}

const NONE = -1

export function createWheel(ticks: number, next: Int32Array): Wheel {
  return { ticks, heads: new Int32Array(ticks).fill(NONE), tails: new Int32Array(ticks).fill(NONE), next }
}

/** What is set for later than the end never happens. */
export function setEvent({ ticks, heads, tails, next }: Wheel, tick: number, entity: number): void {
  if (tick >= ticks) return
  const last = tails[tick] ?? NONE
  if (last === NONE) heads[tick] = entity
  else next[last] = entity
  next[entity] = NONE
  tails[tick] = entity
}

/** The next entity of this tick, or -1. An event may set another one for the same tick. */
export function takeEvent({ heads, tails, next }: Wheel, tick: number): number {
  const entity = heads[tick] ?? NONE
  if (entity === NONE) return NONE
  const following = next[entity] ?? NONE
  heads[tick] = following
  if (following === NONE) tails[tick] = NONE
  return entity
}

/** A first-in, first-out line of entities, which may stand in one line at a time. */
export interface Line {
  readonly next: Int32Array
  head: number
  tail: number
  length: number
}

export function createLine(next: Int32Array): Line {
  return { next, head: NONE, tail: NONE, length: 0 }
}

export function pushLine(line: Line, entity: number): void {
  if (line.tail === NONE) line.head = entity
  else line.next[line.tail] = entity
  line.next[entity] = NONE
  line.tail = entity
  line.length += 1
}

/** The first in line, or -1. */
export function shiftLine(line: Line): number {
  const entity = line.head
  if (entity === NONE) return NONE
  line.head = line.next[entity] ?? NONE
  if (line.head === NONE) line.tail = NONE
  line.length -= 1
  return entity
}
