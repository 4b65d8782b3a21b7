// What one unit of work costs, as measured (bench/README.md), and how the platform behaves. The simulation and the
// costs of docs/costs.md are reckoned from these.

/** PostgreSQL's CPU in ms, from `npm run bench -- --only unit`. A sync's own stands with its CRM in vendors.ts. */
export const CPU = {
  take: 1.2,
  /** More for a sync that brings some changed sales. */
  changes: 4,
  hook: 6.8,
  claimBatch: 2,
  claimRow: 0.05,
} as const

/** Requests to Neon, and calls of the vendor. */
export const REQUESTS = { hook: 5 } as const
export const HOOK_CALLS = 3

/** Time on the way, in ms. */
export const WAY = {
  /** Cron and consumer are not placed near the database. */
  neon: 25,
  budget: 25,
  /** From the time a message may be delivered until a consumer has it. */
  queue: 200,
  sendBatch: 50,
} as const

/** Neon's bucket of an endpoint holds 600 requests a second, and as many more at once as come in these seconds. */
export const NEON_BURST_SECONDS = 2.5

export const PLATFORM = {
  /** A cron tick starts late by up to so many ms, and one in so many does not come. */
  cronLateMs: 3000,
  cronMissedOneIn: 1000,
  /** The connections on which a Worker sends at the same time. */
  connections: 6,
  batchMessages: 100,
} as const

/** Messages of a batch: live (a message names several runs), bulk, hooks. */
export const QUEUES = [1, 1, 5] as const

/** A slice's time, and how long it waits before it asks a refused database again. */
export const SLICE_MS = 20_000
export const RETRY_MS = 500

export const CLAIM = { rows: 1000, sideBySide: 4, tickSeconds: 20 } as const

/** Of so many reads beside the schedule one is a person's. */
export const PEOPLE_ONE_IN = 50

/** Permits that a session leases at once: few at first, twice as many each time. */
export const CHUNK_MAX = 10
