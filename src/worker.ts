// What the platform calls, each with the work that it starts. An isolate whose database is another deployment's, or
// whose keys do not open what is stored, starts none.
import { createApp } from '#api/app.ts'
import { ROUTES } from '#api/routes.ts'
import type { Context } from '#context.ts'
import { NIGHTLY } from '#jobs/clean-up.ts'
import { consume } from '#jobs/consume.ts'
import { raiseAlarms } from '#health/raise-alarms.ts'
import { runCron } from '#jobs/cron.ts'
import { runNightly } from '#jobs/nightly.ts'
import { pumpEvents } from '#jobs/pump-events.ts'
import { once } from '#lib/once.ts'
import { startProblem } from '#keys/start-check.ts'

/** The rows say what is due, so a message that is given up meanwhile costs nothing once the keys are right. */
const RETRY = { delaySeconds: 300 }
/** Thrown, it would be tried again at once: the tries of an acknowledged webhook would be over within minutes. */
const RETRY_UNKNOWN = { delaySeconds: 60 }

export function createWorker(contextOf: (env: Env) => Context) {
  // Isolates of the cron and of queues need none.
  const app = once(() => createApp(ROUTES, contextOf, startProblem))
  /** Of this isolate: locally, ticks may come faster than once a minute. */
  let ticks = 0
  return {
    fetch: async (request: Request, env: Env, execution?: ExecutionContext) => app().fetch(request, env, execution),
    async scheduled({ cron, scheduledTime }, env) {
      const context = contextOf(env)
      const problem = await startProblem(context)
      // Alarms need no key, and somebody has to be told.
      if (problem === 'wrong_keys') await raiseAlarms(context)
      if (problem !== null) return
      if (cron === NIGHTLY) {
        await runNightly(context)
        return
      }
      const tick = (ticks += 1)
      await Promise.all([runCron(context), pumpEvents(context, scheduledTime, () => tick === ticks)])
    },
    async queue(batch, env, execution) {
      const context = contextOf(env)
      const problem = await startProblem(context).catch((error: unknown) => {
        context.log.error('start_unknown', { error, queue: batch.queue })
        return 'unknown' as const
      })
      if (problem !== null) batch.retryAll(problem === 'unknown' ? RETRY_UNKNOWN : RETRY)
      else await consume(batch, context, (work) => execution.waitUntil(work))
    },
  } satisfies ExportedHandler<Env>
}
