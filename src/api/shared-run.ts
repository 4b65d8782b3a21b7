// What is known of a run in this isolate, for all streams that watch it: one of them reads it, and the others take what
// it has read. They share values and never wait for each other, so a stream that is slow or has gone holds up none.
import type { Context } from '#context.ts'
import { createBoundedCache } from '#lib/bounded-cache.ts'
import { getRun } from '#runs/list.ts'
import type { RunRow } from '#runs/schema.ts'

export type RunOf = Parameters<typeof getRun>[1]

interface Reading {
  /** Undefined: nobody has read it yet. Null: the run was deleted. */
  readonly run: RunRow | null | undefined
  /** When that read began. */
  readonly readAt: number
  /** When a read that is under way began. Null: there is none. */
  readonly startedAt: number | null
}

/** A read takes milliseconds. One that takes longer may be of a stream that has gone. */
const READ_MS = 2000
const RUNS_MAX = 1000

const readingsCache = createBoundedCache<string, Reading>(RUNS_MAX)

export interface Known {
  readonly run: RunRow
  /** When it was read. */
  readonly readAt: number
}

/**
 * The run as it was at most `ageMs` ago, or as the caller knows it while another stream reads it. Null: it was deleted.
 * Only for callers that were allowed to read the run. Rejects when the database does not answer.
 */
export async function runAsOf(context: Context, runOf: RunOf, known: Known, ageMs: number): Promise<Known | null> {
  const now = context.clock.now().getTime()
  const { run, readAt, startedAt }: Reading = readingsCache.get(runOf.runId) ?? NOTHING
  const isFresh = run !== undefined && now - readAt < ageMs
  if (isFresh || (startedAt !== null && now - startedAt < READ_MS)) {
    if (run === null) return null
    return run && readAt > known.readAt ? { run, readAt } : known
  }
  readingsCache.set(runOf.runId, { run, readAt, startedAt: now })
  try {
    const read = await getRun(context, runOf)
    readingsCache.set(runOf.runId, { run: read, readAt: now, startedAt: null })
    return read && { run: read, readAt: now }
  } catch (error) {
    readingsCache.set(runOf.runId, { run, readAt, startedAt: null })
    throw error
  }
}

const NOTHING: Reading = { run: undefined, readAt: 0, startedAt: null }
