import { type RunOf, runAsOf } from '#api/shared-run.ts'
import type { Context } from '#context.ts'
import type { RunRow } from '#runs/schema.ts'

/** The longest wait. Proxies and browsers cut off at 30 s and more. */
export const WAIT_SECONDS_MAX = 25
/** An idle sync takes a second: asking more seldom would add as much. */
const POLL_MS = 500

interface Wait {
  readonly seconds: number
  /** Aborted when the caller goes. */
  readonly signal: AbortSignal
  readonly onPoll: () => void
}

/** The run as it has ended, or as it is after so many seconds. Null: it was deleted meanwhile. */
export async function awaitRun(
  context: Context,
  runOf: RunOf,
  run: RunRow,
  { seconds, signal, onPoll }: Wait,
): Promise<RunRow | null> {
  const now = () => context.clock.now().getTime()
  const until = now() + seconds * 1000
  let known: Awaited<ReturnType<typeof runAsOf>> = { run, readAt: now() }
  while (known && known.run.finished_at === null && !signal.aborted) {
    const leftMs = until - now()
    if (leftMs <= 0) break
    await context.clock.sleep(Math.min(POLL_MS, leftMs))
    onPoll()
    known = await runAsOf(context, runOf, known, POLL_MS)
  }
  return known && known.run
}
