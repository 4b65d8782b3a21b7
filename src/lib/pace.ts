import type { Clock } from '#lib/clock.ts'

interface PaceOptions {
  readonly clock: Clock
  readonly requestsPerSecond: number
  /** Requests that may exceed the pace after a pause; 0 when left out. */
  readonly burst?: number
  readonly concurrency: number
}

/** Resolves when the next request may be made. */
export function createPace({ clock, requestsPerSecond, burst = 0, concurrency }: PaceOptions): () => Promise<void> {
  const gapMs = 1000 / requestsPerSecond
  let freeAt = 0
  return async () => {
    const now = clock.now().getTime()
    // When the clock is set back, the next request must not wait for that long.
    const dueAt = Math.min(Math.max(now, freeAt), now + gapMs * (concurrency + burst))
    freeAt = dueAt + gapMs
    const waitMs = dueAt - gapMs * burst - now
    if (waitMs > 0) await clock.sleep(waitMs)
  }
}
