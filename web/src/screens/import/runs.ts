// What a run of an import says in a word, and what may be done with it.
import type { Run } from '#client/index.ts'

type Headline =
  | 'queued'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'undoing'
  | 'undone'
  | 'undoFailed'
  | 'needsWord'

/** The name of its text. */
export function headlineOf({ status, task, needsConfirmation }: Run): Headline {
  const isUndo = task === 'undo'
  switch (status) {
    case 'queued':
      return isUndo ? 'undoing' : 'queued'
    case 'running':
    case 'waiting':
      return isUndo ? 'undoing' : 'running'
    case 'succeeded':
      return isUndo ? 'undone' : 'succeeded'
    case 'failed':
      return needsConfirmation ? 'needsWord' : isUndo ? 'undoFailed' : 'failed'
    case 'cancelled':
      return isUndo ? 'undoFailed' : 'cancelled'
    default:
      throw new Error(`unknown status ${String(status satisfies never)}`)
  }
}

/** Whether there is anything to take back, as far as the run itself shows. */
export function isUndoable({ task, finishedAt, counters }: Run): boolean {
  return task === 'pull' && finishedAt !== null && counters.inserted + counters.updated > 0
}
