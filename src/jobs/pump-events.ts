// Finds the endpoints for which events wait. Events are rows that triggers write, so nothing that causes one has to
// send a message. The cron's tick looks every second until the next tick comes.
import type { Context } from '#context.ts'
import { enqueueEndpoints } from '#queue/enqueue.ts'

const TICK_SECONDS = 60
/** As long as changes of an integration are joined. */
const PAUSE_MS = 1000
/** Without an endpoint there is nothing to find. */
const IDLE_PAUSE_MS = 10_000
/** Endpoints of one look. More are found by the next one. */
const ENDPOINTS_MAX = 1000

/** One look: sends a message for each endpoint that something is due for. Returns how many; null: there is none. */
export async function enqueueDueEndpoints(context: Context): Promise<number | null> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the procedure's own
  const [[due]] = (await context.db.call('call due_endpoints($1, null)', [ENDPOINTS_MAX])) as [
    [readonly string[] | null],
  ]
  if (due) await enqueueEndpoints(context, due)
  return due && due.length
}

/** Ends with the minute of the tick, or when `isNewest` says that another tick has taken over. */
export async function pumpEvents(context: Context, tickAt: number, isNewest: () => boolean): Promise<void> {
  do {
    let found: number | null = 0
    try {
      found = await enqueueDueEndpoints(context)
    } catch (error) {
      context.log.warn('events_not_found', { error })
    }
    await context.clock.sleep(found === null ? IDLE_PAUSE_MS : PAUSE_MS)
  } while (isNewest() && context.clock.now().getTime() < tickAt + TICK_SECONDS * 1000)
}
