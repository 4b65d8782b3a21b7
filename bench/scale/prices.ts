// Prices in dollars, as published on 2026-11-30; docs/costs.md names the pages. What a plan includes is taken off
// first.
export const PRICES = {
  plan: 5,
  workers: { requestsM: 0.3, requestsIncludedM: 10, cpuMsM: 0.02, cpuMsIncludedM: 30 },
  /** An operation is the writing, reading or deleting of 64 KB: three for each message. */
  queues: { operationsM: 0.4, includedM: 1, aMessage: 3 },
  objects: { requestsM: 0.15, includedM: 1, gbSecondsM: 12.5, gbSecondsIncluded: 400_000, rowsM: 1, rowsIncludedM: 50 },
  /** Of today, by event. */
  logEvents: { eventsM: 0.6, includedM: 20 },
  /** From 2026-12-01, by size; kept for seven days. */
  logBytes: { gb: 0.25, includedGb: 50, keptGb: 0.1, keptIncludedGb: 12, keptDays: 7 },
  neon: {
    computeHourLaunch: 0.106,
    computeHourScale: 0.222,
    storedGb: 0.35,
    historyGb: 0.2,
    sentGb: 0.1,
    sentIncludedGb: 100,
  },
} as const
