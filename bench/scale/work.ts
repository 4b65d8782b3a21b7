// What one piece of work takes of all that is paid for. Measured figures are those of `npm run bench -- --only unit`,
// weighted by the shares of the simulation's CRMs; docs/costs.md says where each comes from.

export interface Work {
  /** Of the Worker; five runs share one. */
  readonly invocations: number
  readonly workerMs: number
  readonly messages: number
  /** Requests of a Durable Object. */
  readonly leases: number
  /** Log lines, invocation logs and spans. */
  readonly events: number
  /** That Neon answers. */
  readonly neonKb: number
  readonly databaseMs: number
  readonly walKb: number
}

export interface Engine {
  readonly integrationsADatabase: number
  readonly sync: Work
  readonly hook: Work
  readonly request: Work
}

const REQUEST: Work = {
  invocations: 1,
  workerMs: 2,
  messages: 0,
  leases: 0,
  events: 2.2,
  neonKb: 4,
  databaseMs: 0.6,
  walKb: 0,
}

/** Commit a35a4a6. */
export const FORMER: Engine = {
  integrationsADatabase: 100_000,
  sync: { invocations: 0.2, workerMs: 15, messages: 1, leases: 0, events: 2.9, neonKb: 9, databaseMs: 36.6, walKb: 6 },
  hook: { invocations: 2, workerMs: 15, messages: 1, leases: 0, events: 4, neonKb: 6, databaseMs: 15, walKb: 6 },
  request: REQUEST,
}

export const PRESENT: Engine = {
  integrationsADatabase: 30_000,
  sync: {
    invocations: 0.2,
    workerMs: 14,
    messages: 0.2,
    leases: 0.85,
    events: 1.6,
    neonKb: 5.1,
    databaseMs: 5.7,
    walKb: 5,
  },
  hook: { invocations: 1.2, workerMs: 13, messages: 1, leases: 1.5, events: 2, neonKb: 4.7, databaseMs: 6.8, walKb: 8 },
  request: REQUEST,
}

/** How integrations are used, and what is chosen beside the measured figures. */
export const USE = {
  hooksADay: 38,
  requestsADay: 30,
  /** A year of sales, a month of runs and of deliveries, with all indexes. */
  storedMb: 12,
  eventKb: 1,
  /** The part of a compute that is used on average: the rest is for peaks, memory and autovacuum. Chosen. */
  coreUse: 0.25,
  computeMin: 0.25,
  /** Integrations for which Neon's Launch plan will do; beyond, its Scale plan with a promise of service. */
  launchMax: 10_000,
} as const
