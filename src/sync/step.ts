import type { Position } from '#sync/write-page.ts'

export interface Committed {
  readonly position: Position
  /** It was the last one. */
  readonly isLast: boolean
  /** The run waits so long before it goes on. */
  readonly waitSeconds?: number
}

/** Commits the next page or step of a run. `done`: there is none. `fenced`: nothing may be written any more. */
export type Step = (from: Position) => Promise<Committed | 'done' | 'fenced'>
