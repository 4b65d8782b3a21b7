// A Context whose database is the real Postgres, whose queues are a list that `drain` works through, and whose vendors
// are sandboxes in this process. Nothing of ours is replaced.
import { createMessageBatch } from 'cloudflare:test'
import { createApp } from '#api/app.ts'
import { ROUTES } from '#api/routes.ts'
import { type Context, createContext, type Lane, type LaneQueue, type QueueMessage } from '#context.ts'
import { createDb } from '#db/client.ts'
import type { Clock } from '#lib/clock.ts'
import type { Fetch } from '#lib/fetch.ts'
import { createLog } from '#lib/log.ts'
import { type Budget, createBudget, type SharedLimits } from '#lib/permits.ts'
import { parseConfig } from '#config.ts'
import { consume } from '#jobs/consume.ts'
import { env } from '#test/env.ts'
import { expectDocumented } from '#test/documented.ts'

/** The one loopback origin that the tests' configuration lets connectors call. */
export const SANDBOX_URL = 'http://127.0.0.1:9'

export interface VendorServer {
  readonly fetch: (request: Request) => Promise<Response>
}

/** `none`: this one goes through. */
type DatabaseFault = 'unanswered' | 'unsent' | 'overloaded' | 'none'

export interface TestContext extends Context {
  readonly config: Context['config']
  readonly clock: TestClock
  /** Messages sent and not yet taken. */
  readonly messages: { readonly lane: Lane; readonly body: QueueMessage; readonly delaySeconds: number }[]
  /** Everything that was logged, as text. */
  readonly logged: string[]
  /** Requests to the database so far. */
  readonly roundTrips: () => number
  /** What becomes of the next write batches: executed without an answer, never sent, or refused as too many. */
  readonly databaseFaults: DatabaseFault[]
  /** What does not answer for the time being; `database: 'silent'` never does, `'down'` refuses the connection. */
  readonly outage: Outage
  readonly app: { readonly fetch: (request: Request) => Promise<Response> }
  /** Takes messages until none is left, waits included. */
  readonly drain: () => Promise<void>
  /** Takes one message, whatever it waits for; false when there is none. */
  readonly takeOne: () => Promise<boolean>
}

export interface TestClock extends Clock {
  /** Moves the clock of this process; Postgres' own does not follow. */
  readonly advance: (ms: number) => void
}

/** Pauses of up to a few seconds take no time and move the clock; longer ones (lease renewal) are real. */
export function createTestClock(start = Date.now()): TestClock {
  let skippedMs = start - Date.now()
  return {
    now: () => new Date(Date.now() + skippedMs),
    advance: (ms) => void (skippedMs += ms),
    sleep: async (ms) => {
      if (ms < 5000) skippedMs += ms
      await scheduler.wait(ms < 5000 ? 0 : ms)
    },
  }
}

interface Outage {
  database: 'down' | 'silent' | 'overloaded' | null
  isQueueRefusing: boolean
}

const DRAINED_MESSAGES_MAX = 500
/** A retry is due before the next request reaches the database. */
const NO_WAIT = { SYNC_RETRY_BASE_SECONDS: '0.000001', THROTTLE_WAIT_SCALE: '0.000000001' }

export function createTestContext(
  vendor: VendorServer | null = null,
  variables: Readonly<Record<string, string>> = {},
): TestContext {
  const config = parseConfig({ ...NO_WAIT, ...env, ...variables })
  const messages: { lane: Lane; body: QueueMessage; delaySeconds: number }[] = []
  const logged: string[] = []
  const clock = createTestClock()
  const { databaseFaults, outage, roundTrips, fetch: databaseFetch } = faultyDatabase()
  const queueOf = (lane: Lane): LaneQueue => ({
    sendBatch: async (batch) => {
      if (outage.isQueueRefusing) throw new Error('the queue refuses')
      for (const { body, delaySeconds = 0 } of batch) messages.push({ lane, body, delaySeconds })
      return { metadata: { metrics: METRICS } }
    },
    metrics: async () => METRICS,
  })
  const context = createContext(env, {
    config,
    clock,
    random: () => 0.5,
    db: createDb({
      databaseUrl: config.databaseUrl,
      endpoint: config.neonEndpoint,
      fetch: databaseFetch,
      ...{ clock, random: () => 0.5 },
    }),
    fetch: vendorFetch(vendor, config.egressAllowOrigins),
    log: createLog({}, collector(logged)),
    budgetOf: budgetsBy(clock),
    queues: { live: queueOf('live'), bulk: queueOf('bulk'), hooks: queueOf('hooks'), events: queueOf('events') },
  })
  const app = createApp(ROUTES, () => context)
  const takeOne = async () => {
    const [message] = messages.splice(0, 1)
    if (!message) return false
    // Who sends one knows when it fires, and counts on that.
    if (message.body.kind === 'inbox') clock.advance(message.delaySeconds * 1000)
    const id = crypto.randomUUID()
    await consume(
      createMessageBatch(`crm-${message.lane}`, [{ id, timestamp: new Date(), attempts: 1, body: message.body }]),
      context,
    )
    return true
  }
  const drain = async () => {
    for (let taken = 0; messages.length > 0; taken += 1) {
      if (taken > DRAINED_MESSAGES_MAX) throw new Error('the queue never runs dry')
      await takeOne()
    }
  }
  return {
    ...{ ...context, clock, messages, logged, databaseFaults, outage, drain, takeOne, roundTrips },
    app: {
      fetch: async (request) => {
        const response = await app.fetch(request, env)
        await expectDocumented(request, response)
        return response
      },
    },
  }
}

/** The vendors are of this test alone, and so are their limits, by its clock. */
export function budgetsBy(clock: Clock): Context['budgetOf'] {
  const budgets = new Map<string, Budget>()
  return (name) => {
    const use: <T>(limits: SharedLimits, act: (budget: Budget, now: number) => T) => T = (limits, act) => {
      const budget = budgets.get(name) ?? createBudget(limits)
      budgets.set(name, budget)
      return act(budget, clock.now().getTime())
    }
    return {
      lease: async (limits, ask) => use(limits, (budget, now) => budget.lease(now, ask)),
      report: async (limits, event) => use(limits, (budget, now) => budget.report(now, event)),
    }
  }
}

const METRICS = { backlogCount: 0, backlogBytes: 0, oldestMessageTimestamp: new Date(0) }

function collector(logged: string[]) {
  const write = (line: unknown) => void logged.push(JSON.stringify(line))
  return { log: write, warn: write, error: write }
}

/** What faults strike: batches, and the calls of the engine's procedures. */
const WRITE = /^\{"quer(?:ies"|y":"call (?!store_delivery))/

function faultyDatabase() {
  const databaseFaults: DatabaseFault[] = []
  const outage: Outage = { database: null, isQueueRefusing: false }
  let roundTrips = 0
  const faulty: Fetch = async (input, init) => {
    roundTrips += 1
    if (outage.database === 'down') throw new TypeError('connection refused')
    if (outage.database === 'overloaded') return overloaded()
    if (outage.database === 'silent') {
      await new Promise((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new Error('it took too long')))
      })
    }
    const isWrite = typeof init?.body === 'string' && WRITE.test(init.body)
    const fault = isWrite ? databaseFaults.shift() : undefined
    if (fault === 'unsent') throw new TypeError('connection refused')
    if (fault === 'overloaded') return overloaded()
    const response = await fetch(input, init)
    if (!fault || fault === 'none') return response
    await response.text()
    throw new TypeError('connection lost')
  }
  return { databaseFaults, outage, roundTrips: () => roundTrips, fetch: faulty }
}

/** As Neon's proxy answers beyond its bucket of requests. */
function overloaded(): Response {
  const message = 'Too many connections to this endpoint. Please try again later.'
  return Response.json({ message, code: '' }, { status: 500 })
}

function vendorFetch(vendor: VendorServer | null, origins: readonly string[]): Fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    if (!vendor || !origins.includes(new URL(request.url).origin)) throw new TypeError(`no route to ${request.url}`)
    return vendor.fetch(request)
  }
}
