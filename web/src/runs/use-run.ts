import { useEffect, useState } from 'preact/hooks'
import { type Client, type Run, watchRun } from '#client/index.ts'

interface WatchedRun {
  /** As it was seen last, also when another or none is asked for meanwhile. */
  readonly run: Run | null
  readonly error: unknown
  /** Begins again, also after the run had ended: a person let it go on. */
  readonly watchAgain: () => void
}

/** A run as it is now, until it is over. A lost network and a sleeping tab are taken up again. Null: none is watched. */
export function useRun(client: Client, asked: Readonly<Record<'integrationId' | 'runId', string>> | null): WatchedRun {
  const { integrationId, runId } = asked ?? {}
  const [state, setState] = useState<Omit<WatchedRun, 'watchAgain'>>({ run: null, error: null })
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    if (integrationId === undefined || runId === undefined) return undefined
    const left = new AbortController()
    const watch = async () => {
      for await (const run of watchRun(client, { integrationId, runId, signal: left.signal })) {
        setState({ run, error: null })
      }
    }
    watch().catch((error: unknown) => {
      if (!left.signal.aborted) setState((known) => ({ ...known, error }))
    })
    return () => left.abort()
  }, [client, integrationId, runId, turn])
  return { ...state, watchAgain: () => setTurn(turn + 1) }
}
