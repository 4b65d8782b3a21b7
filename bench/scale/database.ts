// PostgreSQL behind Neon: a bucket of requests, then cores that share what they are asked.
import { NEON_BURST_SECONDS, WAY } from './units.ts'
import { TICK_MS } from './wheel.ts'
import type { Database, World } from './world.ts'

export const REFUSED = -1

/**
 * When so many requests, one after the other, are answered that take so much of a core. REFUSED: the bucket is full, as
 * Neon's 500 says.
 */
export function askDatabase(world: World, database: Database, requests: number, cpuMs: number): number {
  const { now, seen } = world
  const level = database.bucketLevel - ((now - database.bucketAt) * TICK_MS * world.plan.neonPerSecond) / 1000
  database.bucketLevel = Math.max(0, level)
  database.bucketAt = now
  if (database.bucketLevel + requests > NEON_BURST_SECONDS * world.plan.neonPerSecond) {
    seen.counts.neonRefused += 1
    return REFUSED
  }
  database.bucketLevel += requests
  seen.counts.neonRequests += requests
  seen.counts.databaseMs += cpuMs
  // What is asked is worked on by all cores in turn: it begins when they are through with the rest.
  const begins = Math.max(now, database.busyUntil)
  database.busyUntil = begins + cpuMs / TICK_MS / world.plan.cores
  return Math.ceil(begins + (cpuMs + Math.ceil(requests) * WAY.neon) / TICK_MS)
}
