// Something that a person starts: never twice at a time, and given up when its screen goes.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'

export interface Action<Input extends unknown[]> {
  readonly run: (...input: Input) => void
  readonly isBusy: boolean
  readonly error: unknown
  readonly clear: () => void
}

export function useAction<Input extends unknown[]>(
  act: (signal: AbortSignal, ...input: Input) => Promise<void>,
): Action<Input> {
  const [state, setState] = useState<{ readonly isBusy: boolean; readonly error: unknown }>({
    isBusy: false,
    error: null,
  })
  const latest = useRef(act)
  latest.current = act
  const running = useRef<AbortController | null>(null)
  useEffect(() => () => running.current?.abort(), [])
  const run = useCallback((...input: Input) => {
    // A second click comes before the button is shown as busy.
    if (running.current) return
    const controller = (running.current = new AbortController())
    setState({ isBusy: true, error: null })
    const finish = (error: unknown) => {
      running.current = null
      if (!controller.signal.aborted) setState({ isBusy: false, error })
    }
    latest.current(controller.signal, ...input).then(() => finish(null), finish)
  }, [])
  const clear = useCallback(() => setState((known) => ({ ...known, error: null })), [])
  return { ...state, run, clear }
}
