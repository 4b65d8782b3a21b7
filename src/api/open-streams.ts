// How many streams of one subject are open in this isolate.
import { createBoundedCache } from '#lib/bounded-cache.ts'

/** A page shows one or two runs, and a person has a few pages open. */
const STREAMS_MAX = 10
/** A stream that shows no life for so long has gone without a word, or waits for a reader that takes nothing. */
const SILENT_MS = 15_000
const SUBJECTS_MAX = 10_000

const streamsCache = createBoundedCache<string, Map<symbol, number>>(SUBJECTS_MAX)

export interface OpenStream {
  /** To be called while the stream lives. */
  readonly touch: (now: number) => void
  readonly close: () => void
}

/** Null: the subject has as many as it may. */
export function openStream(subject: string, now: number): OpenStream | null {
  const known = streamsCache.get(subject)
  const alive = new Map([...(known ?? [])].filter(([, seenAt]) => now - seenAt < SILENT_MS))
  if (alive.size >= STREAMS_MAX) return null
  const id = Symbol(subject)
  streamsCache.set(subject, alive.set(id, now))
  return {
    touch: (at) => void streamsCache.get(subject)?.set(id, at),
    close: () => {
      const streams = streamsCache.get(subject)
      streams?.delete(id)
      if (streams?.size === 0) streamsCache.delete(subject)
    },
  }
}
