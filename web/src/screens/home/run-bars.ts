// The last runs as bars: a bar's height says how long a run took, its look how it ended.
import type { components } from '#client/schema.ts'

type Run = components['schemas']['Run']

export type Outcome = 'changed' | 'nothingNew' | 'failed' | 'cancelled' | 'active'

export interface RunBar {
  readonly run: Run
  readonly outcome: Outcome
  /** Null before it began. */
  readonly seconds: number | null
  /** Of the longest, 0 to 1. */
  readonly height: number
}

/** Oldest first, as a time axis is read. `runs` are newest first, as the API lists them. */
export function runBars(runs: readonly Run[], now: Date): readonly RunBar[] {
  const bars = runs.toReversed().map((run) => ({ run, outcome: outcomeOf(run), seconds: secondsOf(run, now) }))
  const longest = Math.max(1, ...bars.map(({ seconds }) => seconds ?? 0))
  // A first sync takes minutes and the others a second: by the root all can be seen.
  return bars.map((bar) => ({ ...bar, height: Math.sqrt((bar.seconds ?? 0) / longest) }))
}

function outcomeOf({ status, counters }: Run): Outcome {
  if (status === 'failed' || status === 'cancelled') return status
  if (status !== 'succeeded') return 'active'
  return counters.inserted + counters.updated > 0 ? 'changed' : 'nothingNew'
}

function secondsOf({ startedAt, finishedAt }: Run, now: Date): number | null {
  if (startedAt === null) return null
  const end = finishedAt === null ? now.getTime() : Date.parse(finishedAt)
  return Math.max(0, (end - Date.parse(startedAt)) / 1000)
}
