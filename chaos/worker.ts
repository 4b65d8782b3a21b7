// The service itself under disturbance: queues that lose, double and reorder messages, and a clock that jumps.
// Short pauses are shortened, so that a round takes seconds.
import { createApp } from '#api/app.ts'
import { ROUTES } from '#api/routes.ts'
import { type Context, createContext, type LaneQueue, type QueueMessage } from '#context.ts'
import { findForSession } from '#integrations/queries.ts'
import { importKeyring } from '#crypto/keyring.ts'
import { openSession } from '#connections/session.ts'
import { systemClock } from '#lib/clock.ts'
import { CrmError } from '#lib/crm-error.ts'
import { consume } from '#jobs/consume.ts'
import { runCron } from '#jobs/cron.ts'
import { pumpEvents } from '#jobs/pump-events.ts'
import { CONTROL_PATH, type Disturbance, WORK_PATH, type Worked } from './protocol.ts'

export { VendorBudget } from '#connections/vendor-budget.ts'

/** Those of a vendor's pace add up, since each before was shortened too. A lease is renewed after longer ones. */
const SHORT_PAUSE_MS = 15_000

const disturbance: Disturbance = { skewMs: 0, lose: 0, double: 0, delay: 0, refuse: 0, pauseScale: 0.02, keys: [] }
const counts = { lost: 0, doubled: 0, delayed: 0 }

function disturbed(queue: Queue): LaneQueue {
  const send = async (body: QueueMessage, delaySeconds = 0) => {
    if (Math.random() < disturbance.refuse) throw new Error('the queue refuses')
    // A queue that lost messages for good would lose these. Cloudflare's does not; the others may be lost all the same.
    if (body.kind !== 'delivery' && Math.random() < disturbance.lose) {
      counts.lost += 1
      return
    }
    const isDelayed = Math.random() < disturbance.delay
    if (isDelayed) counts.delayed += 1
    const options = { delaySeconds: delaySeconds + (isDelayed ? Math.floor(Math.random() * 4) : 0) }
    await queue.send(body, options)
    if (Math.random() >= disturbance.double) return
    counts.doubled += 1
    await queue.send(body, options)
  }
  const done = async () => ({ metadata: { metrics: await queue.metrics() } })
  return {
    sendBatch: async (batch, options) => {
      for (const { body, delaySeconds } of batch) await send(body, delaySeconds ?? options?.delaySeconds)
      return done()
    },
    metrics: async () => queue.metrics(),
  }
}

const clock = {
  now: () => new Date(Date.now() + disturbance.skewMs),
  sleep: async (ms: number) => systemClock.sleep(ms < SHORT_PAUSE_MS ? ms * disturbance.pauseScale : ms),
}

/** Each piece of work may be that of another Worker. */
async function ringOf({ ENCRYPTION_KEYS }: Env) {
  const { keys } = disturbance
  return importKeyring(keys[Math.floor(Math.random() * keys.length)] ?? ENCRYPTION_KEYS)
}

let isolateContext: Context | undefined
let ticks = 0

function contextOf(env: Env): Context {
  const { LIVE_QUEUE: live, BULK_QUEUE: bulk, HOOK_QUEUE: hooks, EVENT_QUEUE: events } = env
  const queues = { live: disturbed(live), bulk: disturbed(bulk), hooks: disturbed(hooks), events: disturbed(events) }
  return (isolateContext ??= createContext(env, { clock, queues, keyring: async () => ringOf(env) }))
}

/** One call of the vendor's API, as a slice makes it. */
async function work(context: Context, integrationId: string): Promise<Worked> {
  try {
    const row = await findForSession(context.db, integrationId, null)
    if (!row) throw new Error('no such integration')
    const session = await openSession(context, row)
    await session.authorized(async ({ apiUrl, token }) =>
      session.http.request({
        url: `${apiUrl}/api/v4/account`,
        headers: { authorization: () => `Bearer ${token.reveal()}` },
      }),
    )
    return { ok: true, kind: null, reason: null }
  } catch (error) {
    const known = error instanceof CrmError ? error : null
    return { ok: false, kind: known?.kind ?? 'internal', reason: known?.reason ?? String(error) }
  }
}

const app = createApp(ROUTES, contextOf)

// oxlint-disable-next-line import/no-default-export -- what the platform asks for
export default {
  async fetch(request, env, execution) {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === WORK_PATH) return Response.json(await work(contextOf(env), searchParams.get('integration') ?? ''))
    if (pathname !== CONTROL_PATH) return app.fetch(request, env, execution)
    if (request.method === 'PUT') Object.assign(disturbance, await request.json())
    return Response.json({ disturbance, counts })
  },
  async scheduled({ scheduledTime }, env) {
    const tick = (ticks += 1)
    await Promise.all([
      runCron(contextOf(env)),
      pumpEvents(contextOf(env), scheduledTime + disturbance.skewMs, () => tick === ticks),
    ])
  },
  async queue(batch, env, execution) {
    await consume(batch, contextOf(env), (work) => execution.waitUntil(work))
  },
} satisfies ExportedHandler<Env>
