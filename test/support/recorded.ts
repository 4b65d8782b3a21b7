// What a test has called, by operation and status of the answer.
import { createApp } from '#api/app.ts'
import { ROUTES } from '#api/routes.ts'
import type { TestContext } from '#test/context.ts'
import { routeOf } from '#test/documented.ts'
import { env } from '#test/env.ts'

export interface Recorded {
  /** `listRuns 200` */
  readonly seen: ReadonlySet<string>
  /** By operation, the ids of the requests that succeeded. */
  readonly succeeded: ReadonlyMap<string, readonly string[]>
  /** The same context, whose calls are noted. */
  readonly record: <C extends TestContext>(context: C) => C
}

export function createRecorder(): Recorded {
  const seen = new Set<string>()
  const succeeded = new Map<string, string[]>()
  return {
    seen,
    succeeded,
    record: (context) => ({
      ...context,
      app: {
        fetch: async (request) => {
          const response = await context.app.fetch(request)
          const route = routeOf(request)
          if (!route) return response
          const { operationId } = route
          seen.add(`${operationId} ${response.status}`)
          if (response.ok) {
            const requestId = response.headers.get('x-request-id') ?? ''
            succeeded.set(operationId, [...(succeeded.get(operationId) ?? []), requestId])
          }
          return response
        },
      },
    }),
  }
}

/** A context in which runs end while a request waits. */
export function endingRuns(context: TestContext): TestContext {
  const sleep = async (ms: number) => {
    context.clock.advance(ms)
    await context.drain()
  }
  const app = createApp(ROUTES, () => ({ ...context, clock: { ...context.clock, sleep } }))
  return { ...context, app: { fetch: async (request) => app.fetch(request, env) } }
}
