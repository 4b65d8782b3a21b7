// What a test has called, by operation and status of the answer.
import type { TestContext } from '#test/context.ts'
import { routeOf } from '#test/documented.ts'

export interface Recorded {
  /** `listRuns 200` */
  readonly seen: ReadonlySet<string>
  /** The same context, whose calls are noted. */
  readonly record: <C extends TestContext>(context: C) => C
}

export function createRecorder(): Recorded {
  const seen = new Set<string>()
  return {
    seen,
    record: (context) => ({
      ...context,
      app: {
        fetch: async (request) => {
          const response = await context.app.fetch(request)
          const route = routeOf(request)
          if (route) seen.add(`${route.operationId} ${response.status}`)
          return response
        },
      },
    }),
  }
}
