// How much each bench does: in full, and in the smoke form, which only shows that each runs from its beginning to its
// end and measures something. Sizes of the smoke form are the smallest with which every part of a bench has something
// to do.
function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step)
}

export const FULL = {
  bundle: { starts: 5 },
  page: { loads: 7 },
  pages: { rounds: 30, few: 1000, many: 100_000 },
  claim: { rounds: 9, due: 1000, few: 10_000, many: 1_000_000 },
  read: { rounds: 9, seconds: 3, connections: 16 },
  webhooks: { rounds: 9, seconds: 3, connections: 16 },
  csv: { megabytes: [10, 100], stored: 100_000, parsedMb: 10, parseRounds: 7, besideMb: 10, besideRounds: 3 },
  xlsx: { rows: 930_000 },
  check: { sales: 1_000_000, days: 365 },
  scale: { integrations: [10_000, 100_000], hours: 7, groups: range(100, 260, 20) },
  costs: {},
  write: { rounds: 12, pageRows: 1000, stored: 100_000 },
  events: { rounds: 40, stored: 100_000, pageRows: [1, 20, 1000], endpoints: 100, events: 1000 },
  unit: {
    ...{ rounds: 40, stored: 100_000, pageRows: [0, 1, 20, 1000], integrations: 10_000, due: 1000 },
    syncs: { rounds: 7, sales: 20 },
  },
}

export const SMOKE: typeof FULL = {
  bundle: { starts: 1 },
  page: { loads: 1 },
  pages: { rounds: 1, few: 1000, many: 2000 },
  claim: { rounds: 1, due: 5, few: 10, many: 20 },
  read: { rounds: 1, seconds: 1, connections: 2 },
  webhooks: { rounds: 1, seconds: 0.1, connections: 2 },
  csv: { megabytes: [0.1], stored: 100, parsedMb: 0.1, parseRounds: 1, besideMb: 0.1, besideRounds: 1 },
  xlsx: { rows: 2000 },
  check: { sales: 200, days: 5 },
  scale: { integrations: [10_000], hours: 0.5, groups: [] },
  costs: {},
  write: { rounds: 1, pageRows: 10, stored: 100 },
  events: { rounds: 1, stored: 100, pageRows: [1, 3], endpoints: 3, events: 20 },
  unit: {
    ...{ rounds: 1, stored: 100, pageRows: [0, 1, 3], integrations: 10, due: 5 },
    syncs: { rounds: 1, sales: 2 },
  },
}
