// Reading for a screen: what was read stays while it is read again, which also happens when the tab wakes up and when
// the network is back.
import { type Inputs, useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { isOnline } from '#web/app/connection.ts'
import { useApp } from '#web/app/context.ts'

export interface Load<Data> {
  readonly data: Data | null
  readonly error: unknown
  readonly isLoading: boolean
  readonly reload: () => void
}

export interface LoadOptions {
  readonly everySeconds?: number | null
  /** It is not read again by itself: it costs something, or is looked at. */
  readonly isOnce?: boolean
}

/** A tab that comes back within this time shows what it has. */
const FRESH_MS = 15_000

export function useLoad<Data>(
  read: (signal: AbortSignal) => Promise<Data>,
  inputs: Inputs,
  { everySeconds = null, isOnce = false }: LoadOptions = {},
): Load<Data> {
  const { client } = useApp()
  const [state, setState] = useState<Omit<Load<Data>, 'reload'>>({ data: null, error: null, isLoading: true })
  const latest = useRef<() => void>(() => undefined)
  useEffect(() => {
    let controller = new AbortController()
    let readAt = 0
    const load = async () => {
      controller.abort()
      const { signal } = (controller = new AbortController())
      readAt = Date.now()
      setState((known) => ({ ...known, isLoading: true }))
      try {
        const data = await read(signal)
        if (!signal.aborted) setState({ data, error: null, isLoading: false })
      } catch (error) {
        if (!signal.aborted) setState((known) => ({ ...known, error, isLoading: false }))
      }
    }
    const wake = () => {
      if (!isOnce && document.visibilityState === 'visible' && Date.now() - readAt > FRESH_MS) void load()
    }
    latest.current = () => void load()
    setState({ data: null, error: null, isLoading: true })
    void load()
    document.addEventListener('visibilitychange', wake)
    const stopListening = isOnline.subscribe((isBack) => isBack && !isOnce && void load())
    const timer =
      everySeconds === null ? undefined : setInterval(() => document.hidden || void load(), everySeconds * 1000)
    return () => {
      controller.abort()
      document.removeEventListener('visibilitychange', wake)
      stopListening()
      clearInterval(timer)
    }
    // `read` is a new function at every render; what it depends on stands in `inputs`.
    // A client of another language reads other texts.
  }, [...inputs, client, everySeconds])
  const reload = useCallback(() => latest.current(), [])
  return { ...state, reload }
}
