// The Worker: fetch, scheduled, queue. Wiring only.
import { createApp } from '#api/app.ts'
import { ROUTES } from '#api/routes.ts'
import { type Context, createContext } from '#context.ts'
import { NIGHTLY } from '#jobs/clean-up.ts'
import { consume } from '#jobs/consume.ts'
import { runNightly } from '#jobs/nightly.ts'
import { pumpEvents } from '#jobs/pump-events.ts'
import { runCron } from '#jobs/cron.ts'

export { VendorBudget } from '#connections/vendor-budget.ts'

/** Created once per isolate: bindings do not change during its life. */
let isolateContext: Context | undefined

function contextOf(env: Env): Context {
  return (isolateContext ??= createContext(env))
}

/** Of this isolate: locally, ticks may come faster than once a minute. */
let ticks = 0

const app = createApp(ROUTES, contextOf)

export default {
  fetch: app.fetch,
  async scheduled({ cron, scheduledTime }, env) {
    const context = contextOf(env)
    if (cron === NIGHTLY) return runNightly(context)
    const tick = (ticks += 1)
    await Promise.all([runCron(context), pumpEvents(context, scheduledTime, () => tick === ticks)])
  },
  async queue(batch, env, execution) {
    await consume(batch, contextOf(env), (work) => execution.waitUntil(work))
  },
} satisfies ExportedHandler<Env>
