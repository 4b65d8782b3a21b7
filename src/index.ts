// The Worker: fetch, scheduled, queue. Wiring only.
import { createApp } from '#api/app.ts'
import { ROUTES } from '#api/routes.ts'
import { type Context, createContext } from '#context.ts'
import { NIGHTLY } from '#jobs/clean-up.ts'
import { consume } from '#jobs/consume.ts'
import { runNightly } from '#jobs/nightly.ts'
import { runCron } from '#jobs/cron.ts'

export { VendorBudget } from '#connections/vendor-budget.ts'

/** Created once per isolate: bindings do not change during its life. */
let isolateContext: Context | undefined

function contextOf(env: Env): Context {
  return (isolateContext ??= createContext(env))
}

const app = createApp(ROUTES, contextOf)

export default {
  fetch: app.fetch,
  async scheduled({ cron }, env) {
    await (cron === NIGHTLY ? runNightly(contextOf(env)) : runCron(contextOf(env)))
  },
  async queue(batch, env) {
    await consume(batch, contextOf(env))
  },
} satisfies ExportedHandler<Env>
