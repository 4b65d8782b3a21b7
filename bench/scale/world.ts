// All that the simulation remembers: whole numbers in typed arrays, by entity. Entities are, in this order: the
// integrations, each with its one live run; the places for what hooks and people ask for; and of each database its cron
// and the source of its hooks.
import type { Fleet } from './fleet.ts'
import type { Policies } from './policies.ts'
import type { LogHash, Random } from './random.ts'
import type { Line, Wheel } from './wheel.ts'

export interface Plan {
  readonly seed: number
  readonly integrations: number
  readonly hours: number
  /** Of the first tick; a whole minute. */
  readonly startMs: number
  readonly intervalSeconds: number
  readonly integrationsADatabase: number
  /** Of a database's compute. */
  readonly cores: number
  readonly invocations: number
  readonly neonPerSecond: number
  /** Integrations that share a limit which counts by egress address, of one group after the other, round and round. */
  readonly groupSizes: readonly number[]
  /** With more members a group has more demand than its vendor allows. */
  readonly membersMax: number
  readonly policies: Policies
}

/** Numbers of the lanes. The first three have a queue each; people use that of the hooks. */
export const LANE = { live: 0, bulk: 1, hooks: 2, people: 3 } as const

/** A queue of one database with its consumer. */
export interface Queue {
  readonly waiting: Line
  /** Messages that an invocation takes. */
  readonly batch: number
  /** Runs at work, by invocation. */
  readonly active: Int32Array
  readonly free: Int32Array
  freeCount: number
  /** Messages sent and not yet settled, those that are not due included. */
  backlog: number
}

export interface Database {
  readonly index: number
  readonly first: number
  readonly count: number
  readonly queues: readonly Queue[]
  /** Integrations by the second of their next slot. */
  readonly due: Wheel
  dueFrom: number
  /** When its cores are through with what they were asked, in ticks. */
  busyUntil: number
  bucketLevel: number
  bucketAt: number
  tickStartedAt: number
  tickLeft: number
}

interface Runs {
  readonly stage: Uint8Array
  readonly lane: Uint8Array
  /** The tick at which it should begin. */
  readonly due: Int32Array
  /** The integration that it belongs to. */
  readonly owner: Int32Array
  readonly isWide: Uint8Array
  readonly callsLeft: Int16Array
  readonly permits: Int16Array
  /** Permits that it asks for next. */
  readonly chunk: Uint8Array
  readonly gap: Int16Array
  readonly sliceUntil: Int32Array
  readonly invocation: Int32Array
  /** How many runs its message named. */
  readonly takenWith: Uint8Array
  /** The permits it has are void after this tick. */
  readonly validUntil: Int32Array
  /** The session of its slice, and when it last asked for permits. */
  readonly session: Int32Array
  readonly askedAt: Int32Array
  /** The ticks of the calls that it made since, at most CHUNK_MAX of a run. */
  readonly usedAt: Int32Array
  readonly usedCount: Uint8Array
  /** The next run of the same message, or -1. */
  readonly together: Int32Array
  /** Places in line: of a queue, or among the free. */
  readonly next: Int32Array
}

/** Ten minutes in ticks. */
export const WAITS = 60_000

export interface Seen {
  readonly lateness: Int32Array
  readonly hookWaits: Int32Array
  readonly peopleWaits: Int32Array
  /** By integration, in ticks, from the slot to the end of its run. */
  readonly worstWait: Int32Array
  readonly waited: Float64Array
  readonly syncs: Int32Array
  readonly counts: Counts
}

export interface Counts {
  claims: number
  claimMs: number
  databaseMs: number
  neonRequests: number
  neonRefused: number
  messages: number
  leases: number
  calls: number
  overdrawn: number
  wideDue: number
  wideDone: number
  hooks: number
  hooksLost: number
  backlogMax: number
}

export interface World {
  readonly plan: Plan
  readonly wheel: Wheel
  readonly random: Random
  readonly hash: LogHash
  readonly seen: Seen
  readonly databases: readonly Database[]
  readonly fleet: Fleet
  readonly runs: Runs
  readonly places: Line
  readonly firstPlace: number
  readonly firstCron: number
  readonly firstSource: number
  sessions: number
  now: number
}
