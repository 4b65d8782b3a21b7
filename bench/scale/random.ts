// Randomness from a seed, and the hash by which two simulations are the same: whole numbers only, so that every machine
// gets the same.

export interface Random {
  state: number
}

/** A whole number from 0 to 2^32 - 1 (mulberry32). */
export function draw(random: Random): number {
  random.state = (random.state + 0x6d2b79f5) | 0
  let mixed = Math.imul(random.state ^ (random.state >>> 15), 1 | random.state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return (mixed ^ (mixed >>> 14)) >>> 0
}

/** From 0, below `bound`. */
export function drawBelow(random: Random, bound: number): number {
  return Math.floor((draw(random) / 4_294_967_296) * bound)
}

/** From a table of equally likely values. */
export function drawOf(random: Random, values: Int32Array): number {
  return values[drawBelow(random, values.length)] ?? 0
}

/** A thousand equally likely values of an exponential distribution with the mean of 1,000. */
export const EXPONENTIAL = Int32Array.from({ length: 1000 }, (_, index) =>
  Math.round(-1000 * Math.log(1 - (index + 0.5) / 1000)),
)

/** FNV-1a over whole numbers, in two halves of 32 bits. */
export interface LogHash {
  low: number
  high: number
  events: number
}

export const createLogHash = (): LogHash => ({ low: 0x811c9dc5, high: 0x5bd1e995, events: 0 })

export function logEvent(hash: LogHash, tick: number, entity: number, what: number): void {
  hash.low = Math.imul(Math.imul(hash.low ^ tick, 0x01000193) ^ entity, 0x01000193)
  hash.high = Math.imul(Math.imul(hash.high ^ (entity + what), 0x01000193) ^ hash.low, 0x85ebca6b)
  hash.events += 1
}

const hex = (value: number) => (value >>> 0).toString(16).padStart(8, '0')

export const textOf = ({ high, low }: LogHash): string => hex(high) + hex(low)
