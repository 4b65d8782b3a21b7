// The service's own slice in a Worker that does nothing else: `?run=` works on that run for one slice and `?inbox=` on
// that integration's inbox; the answer says how long it took. Pauses between requests are shortened, since the vendor
// is on the same machine.
import { type Context, createContext, type LaneQueue } from '#context.ts'
import { systemClock } from '#lib/clock.ts'
import { runSlice } from '#sync/run-slice.ts'
import { workInbox } from '#webhooks/work-inbox.ts'

export { VendorBudget } from '#connections/vendor-budget.ts'

const SHORT_PAUSE_MS = 5000

const clock = {
  now: () => systemClock.now(),
  sleep: async (ms: number) => systemClock.sleep(ms < SHORT_PAUSE_MS ? 0 : ms),
}

/** The caller requests slice after slice; no message is needed. */
const done = async () => ({
  metadata: { metrics: { backlogCount: 0, backlogBytes: 0, oldestMessageTimestamp: new Date() } },
})
const queue: LaneQueue = { sendBatch: done, metrics: async () => (await done()).metadata.metrics }

const queues = { live: queue, bulk: queue, hooks: queue, events: queue }

let isolateContext: Context | undefined

// oxlint-disable-next-line import/no-default-export -- what the platform asks for
export default {
  async fetch(request, env) {
    const { searchParams } = new URL(request.url)
    const [runId, inboxOf] = [searchParams.get('run'), searchParams.get('inbox')]
    const context = (isolateContext ??= createContext(env, { clock, queues }))
    const startedAt = Date.now()
    if (runId !== null) await runSlice(context, runId)
    else if (inboxOf !== null) await workInbox(context, inboxOf)
    else return new Response(null, { status: 204 })
    return Response.json({ ms: Date.now() - startedAt })
  },
} satisfies ExportedHandler<Env>
