import { useEffect, useState } from 'preact/hooks'
import { type Run, watchRun } from '#client/watch-run.ts'
import { useApp } from '#web/app/context.ts'

/**
 * A run as it is now, while it is under way. The stream is taken up again after a lost network or a sleep. `onEnd` is
 * called once for each run that ends while it is watched.
 */
export function useWatchedRun(first: Run | null, onEnd: (run: Run) => void): Run | null {
  const { client } = useApp()
  const [run, setRun] = useState(first)
  const isOver = first === null || first.finishedAt !== null
  useEffect(() => {
    setRun(first)
    if (isOver) return undefined
    const left = new AbortController()
    const watch = async () => {
      const { id: runId, integrationId } = first
      for await (const seen of watchRun(client, { integrationId, runId, signal: left.signal })) {
        setRun(seen)
        if (seen.finishedAt !== null) onEnd(seen)
      }
    }
    // What ends a session is found by what the screen loads beside.
    watch().catch(() => undefined)
    return () => left.abort()
  }, [client, first?.id, isOver])
  return run
}
