import type { PageSize } from './page.ts'
import type { StartSize } from './start.ts'

// How much each proof does: in full, and in the smoke form, which only shows that each runs from its beginning to its
// end and finds nothing wrong. A message that a fault takes away is sent again after half a minute at the soonest, so
// the smoke form has no such fault.
const WHOLE_START: StartSize = { moments: null }

const WHOLE_PAGE: PageSize = {
  ways: [
    ['yclients', 'ru'],
    ['amo_crm', 'en'],
    ['1c', 'ru'],
    ['iiko', 'en'],
    ['renovatio', 'ru'],
    ['csv', 'en'],
  ],
  troubles: ['wrongPassword', 'missingRight', 'vendorDown', 'expiredSession', 'reconnect', 'tabsAndNetwork'],
}

export const FULL = {
  start: WHOLE_START,
  page: WHOLE_PAGE,
  gap: { changes: 10_000, writers: 4 },
  memory: { records: 1_000_000, days: 3000 },
  refresh: { rounds: 200, connections: 10, workers: 50, delaysMs: [100, 5000, 25_000], kills: 24 },
  csv: { rows: 1_000_000, lifeMs: 4000, deathsMax: Infinity },
  webhooks: {
    ...{ salons: 18, kills: 72, refused: { deliveries: 200, overMs: 0 } },
    ...{ outage: { deliveries: 1000, overMs: 60_000 }, disturbed: { deliveries: 200, overMs: 10_000 } },
  },
  keys: { integrations: 10_000, salons: 4, deployMs: 15_000, hooks: 1000 },
  storm: { rounds: 300, integrations: 20 },
  events: { rounds: 120, salons: 5 },
  restore: { integrations: 5, edits: 60 },
  marketplace: { rounds: 2, steps: Infinity },
  check: { seeds: 50, types: ['yclients', 'iiko', '1c', 'amo_crm', 'renovatio'] },
  hostile: {
    ...{ seconds: 600, bystanders: 20, types: ['yclients', 'amo_crm', '1c', 'iiko', 'renovatio', 'csv'] },
    ...{ attackers: 3, vendors: 2, pullMs: 15_000, answerMsMax: 1000, growthMibMax: 16 },
  },
}

export const SMOKE: typeof FULL = {
  // While PostgreSQL is made, while the Worker is built, and while it starts.
  start: {
    moments: [
      { sign: 'Database', afterMs: 300 },
      { sign: 'Worker', afterMs: 200 },
      { sign: 'Worker', afterMs: 2000 },
    ],
  },
  page: { ways: [['renovatio', 'ru']], troubles: ['expiredSession'] },
  gap: { changes: 100, writers: 2 },
  memory: { records: 200, days: 20 },
  refresh: { rounds: 1, connections: 1, workers: 3, delaysMs: [50], kills: 1 },
  csv: { rows: 2000, lifeMs: 100, deathsMax: 1 },
  webhooks: {
    ...{ salons: 1, kills: 1, refused: { deliveries: 0, overMs: 0 } },
    ...{ outage: { deliveries: 0, overMs: 0 }, disturbed: { deliveries: 0, overMs: 0 } },
  },
  keys: { integrations: 30, salons: 1, deployMs: 300, hooks: 5 },
  storm: { rounds: 1, integrations: 1 },
  events: { rounds: 1, salons: 1 },
  restore: { integrations: 1, edits: 3 },
  marketplace: { rounds: 1, steps: 1 },
  check: { seeds: 1, types: ['amo_crm'] },
  // So few seconds say nothing of memory, and a busy machine nothing of times.
  hostile: {
    seconds: 3,
    bystanders: 1,
    types: ['yclients'],
    attackers: 1,
    vendors: 1,
    pullMs: 1000,
    answerMsMax: Infinity,
    growthMibMax: Infinity,
  },
}
