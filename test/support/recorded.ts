// What a test has called, by operation and status of the answer.
import type { TestContext } from '#test/context.ts'
import { routeOf } from '#test/documented.ts'

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
