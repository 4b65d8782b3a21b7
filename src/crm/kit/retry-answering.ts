import { CrmError } from '#lib/crm-error.ts'
import type { Clock } from '#lib/clock.ts'

const TRIES_MAX = 3
const PAUSE_MS = 2000

/**
 * Repeats a call that fails for a moment, while the CRM answers the calls before it: most pages need several calls, and
 * one failure must not cost the others again. The first call is not repeated, nor the next one after three failures in
 * a row, so an outage costs two calls more. `isHeavy`: the call may have asked for too much. Throws what `call` throws.
 */
export function retryAnswering(clock: Pick<Clock, 'sleep'>) {
  let isAnswering = false
  return async <T>(call: () => Promise<T>, isHeavy: (error: CrmError) => boolean = () => false): Promise<T> => {
    for (let tries = 1; ; tries += 1) {
      try {
        const answer = await call()
        isAnswering = true
        return answer
      } catch (error) {
        if (!isPassing(error) || isHeavy(error)) throw error
        if (!isAnswering || tries === TRIES_MAX) {
          isAnswering = false
          throw error
        }
        await clock.sleep(PAUSE_MS)
      }
    }
  }
}

/** Not where the CRM asks for time, or takes all of it. */
function isPassing(error: unknown): error is CrmError {
  if (!(error instanceof CrmError) || error.kind !== 'unavailable') return false
  return error.retryAfterMs === null && error.reason !== 'timeout'
}
