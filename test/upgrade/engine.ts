// The engine in Node, on a database of its own behind the Neon endpoint: what takes a run needs nothing of workerd.
import type { Context, Lane, QueueMessage } from '#context.ts'
import { createContext } from '#context.ts'
import { startNeonProxy } from '#dev/neon-proxy.ts'
import { createLog } from '#lib/log.ts'
import { startRun } from '#runs/start-run.ts'
import type { Sandbox } from '#sandbox/sandbox.ts'
import { runSlice } from '#sync/run-slice.ts'

export const VENDOR_URL = 'http://127.0.0.1:9'
const KEYS = `upgrade:${Buffer.alloc(32, 3).toString('base64')}`

export interface Engine {
  readonly context: Context
  /** Syncs until nothing waits, as a person's run. */
  readonly sync: (integrationId: string) => Promise<void>
  readonly close: () => Promise<void>
}

export async function openEngine(databaseUrl: string, vendor: Pick<Sandbox, 'app'>): Promise<Engine> {
  const proxy = await startNeonProxy(databaseUrl)
  const runIds: string[] = []
  const metrics = async () => ({ backlogCount: 0, backlogBytes: 0, oldestMessageTimestamp: new Date(0) })
  const queueOf = (_lane: Lane) => ({
    sendBatch: async (batch: Iterable<MessageSendRequest<QueueMessage>>) => {
      for (const { body } of batch) if (body.kind === 'runs') runIds.push(...body.runIds)
      return { metadata: { metrics: await metrics() } }
    },
    metrics,
  })
  const bindings = {
    ...{ ENVIRONMENT: 'test', DATABASE_URL: databaseUrl, NEON_FETCH_ENDPOINT: proxy.endpoint },
    ...{ ENCRYPTION_KEYS: KEYS, ADDRESS_KEY: Buffer.alloc(32, 4).toString('base64') },
    ...{ AUTH_JWT_SECRET: 'x'.repeat(32), AUTH_ISSUER: 'tests', AUTH_AUDIENCE: 'tests' },
    ...{ EGRESS_ALLOW_ORIGINS: VENDOR_URL, THROTTLE_WAIT_SCALE: '0.000000001' },
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a sync of one vendor's demo asks for no more
  const context = createContext(bindings as unknown as Env, {
    fetch: async (input, init) => vendor.app.fetch(new Request(input, init)),
    log: createLog({}, { log: () => undefined, warn: () => undefined, error: () => undefined }),
    budgetOf: () => UNLIMITED,
    queues: { live: queueOf('live'), bulk: queueOf('bulk'), hooks: queueOf('hooks'), events: queueOf('events') },
  })
  const sync = async (integrationId: string) => {
    await startRun(context, { integrationId, tenant: null })
    for (let runId = runIds.shift(); runId !== undefined; runId = runIds.shift()) await runSlice(context, runId)
  }
  return { context, sync, close: async () => proxy.close() }
}

const UNLIMITED: ReturnType<Context['budgetOf']> = {
  lease: async () => ({ permits: 100, waitMs: 0, gapMs: 0, validMs: 60_000, isProbe: false }),
  report: async () => undefined,
}
