import { useEffect } from 'preact/hooks'
import type { Run } from '#client/watch-run.ts'
import { useApp } from '#web/app/context.ts'
import { useRun } from '#web/runs/use-run.ts'

/**
 * A run that a screen has begun or found, as it is now. `onEnd` is called once for each that ends while it is watched.
 * What ends a session is found by what the screen loads beside, so a watch that fails says nothing.
 */
export function useWatchedRun(first: Run | null, onEnd: (run: Run) => void): Run | null {
  const { client } = useApp()
  const isUnderWay = first !== null && first.finishedAt === null
  const { run } = useRun(client, isUnderWay ? { integrationId: first.integrationId, runId: first.id } : null)
  useEffect(() => {
    if (run !== null && run.finishedAt !== null) onEnd(run)
  }, [run])
  return run !== null && run.id === first?.id ? run : first
}
