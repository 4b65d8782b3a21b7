// What a month costs by item: prices × what one sync, one webhook and one request of the API take. docs/costs.md
// explains each figure; `npm run bench -- --only costs` prints its tables.
import { type Line, valueOf } from './measure.ts'
import { PRICES } from './scale/prices.ts'
import { type Engine, FORMER, PRESENT, USE, type Work } from './scale/work.ts'

const MILLION = 1e6
const DAYS = 30
const HOURS = DAYS * 24

interface Month {
  readonly integrations: number
  readonly intervalMinutes: number
  readonly engine: Engine
  readonly logs: 'by event' | 'by size'
}

type Items = Readonly<Record<string, number>>

const beyond = (used: number, included: number): number => Math.max(0, used - included)

/** How much of everything a month takes. */
function usageOf({ integrations, intervalMinutes, engine }: Month): Work {
  const syncs = (integrations * DAYS * 24 * 60) / intervalMinutes
  const hooks = integrations * USE.hooksADay * DAYS
  const reads = integrations * USE.requestsADay * DAYS
  const sum = (what: keyof Work) => syncs * engine.sync[what] + hooks * engine.hook[what] + reads * engine.request[what]
  return {
    ...{ invocations: sum('invocations'), workerMs: sum('workerMs'), messages: sum('messages') },
    ...{ leases: sum('leases'), events: sum('events'), neonKb: sum('neonKb') },
    ...{ databaseMs: sum('databaseMs'), walKb: sum('walKb') },
  }
}

/** Dollars by item. */
export function costsOf(month: Month): Items {
  const { integrations, engine } = month
  const usage = usageOf(month)
  const { workers, queues, objects, neon } = PRICES
  const databases = Math.ceil(integrations / engine.integrationsADatabase)
  const busyHours = usage.databaseMs / 3_600_000 / USE.coreUse
  const hourPrice = integrations > USE.launchMax ? neon.computeHourScale : neon.computeHourLaunch
  const storedGb = (integrations * USE.storedMb) / 1000
  return {
    'Workers, requests':
      PRICES.plan + beyond(usage.invocations / MILLION, workers.requestsIncludedM) * workers.requestsM,
    'Workers, CPU': beyond(usage.workerMs / MILLION, workers.cpuMsIncludedM) * workers.cpuMsM,
    Queues: beyond((usage.messages * queues.aMessage) / MILLION, queues.includedM) * queues.operationsM,
    'Durable Objects': beyond(usage.leases / MILLION, objects.includedM) * objects.requestsM,
    'Logs and traces': logsOf(usage.events, month.logs),
    'Neon, compute': Math.max(busyHours, databases * USE.computeMin * HOURS) * hourPrice,
    'Neon, stored': storedGb * neon.storedGb,
    'Neon, history of a day': (usage.walKb / MILLION / DAYS) * neon.historyGb,
    'Neon, sent': beyond(usage.neonKb / MILLION, neon.sentIncludedGb) * neon.sentGb,
  }
}

function logsOf(events: number, by: Month['logs']): number {
  const { logEvents, logBytes } = PRICES
  if (by === 'by event') return beyond(events / MILLION, logEvents.includedM) * logEvents.eventsM
  const gb = (events * USE.eventKb) / MILLION
  const kept = (gb * logBytes.keptDays) / DAYS
  return beyond(gb, logBytes.includedGb) * logBytes.gb + beyond(kept, logBytes.keptIncludedGb) * logBytes.keptGb
}

const totalOf = (items: Items): number => Object.values(items).reduce((sum, item) => sum + item, 0)

/** Dollars a month that a hundred thousand integrations may cost. */
const MOST = 5000

const COLUMNS: readonly (readonly [string, Month])[] = [
  ['100,000 before', { integrations: 100_000, intervalMinutes: 5, engine: FORMER, logs: 'by event' }],
  ['1,000', { integrations: 1000, intervalMinutes: 5, engine: PRESENT, logs: 'by size' }],
  ['100,000', { integrations: 100_000, intervalMinutes: 5, engine: PRESENT, logs: 'by size' }],
  ['100,000, logs by event', { integrations: 100_000, intervalMinutes: 5, engine: PRESENT, logs: 'by event' }],
  ['1,000,000', { integrations: 1_000_000, intervalMinutes: 5, engine: PRESENT, logs: 'by size' }],
  ['1,000,000 at 30 minutes', { integrations: 1_000_000, intervalMinutes: 30, engine: PRESENT, logs: 'by size' }],
]

export function measureCosts(): Line[] {
  const columns = COLUMNS.map(([name, month]) => {
    const items = costsOf(month)
    return [name, { ...items, Total: totalOf(items) }] as const
  })
  console.table(
    Object.fromEntries(
      Object.keys(columns[0]?.[1] ?? {}).map((item) => [
        item,
        Object.fromEntries(
          columns.map(([name, items]: readonly [string, Items]) => [name, Math.round(items[item] ?? 0)]),
        ),
      ]),
    ),
  )
  return columns.map(([name, items]) => ({
    name: `a month of ${name} integrations`,
    value: valueOf(items.Total),
    unit: '$',
    budget: name === '100,000' ? { kind: 'most', value: MOST } : null,
  }))
}
