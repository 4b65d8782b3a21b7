// Reading for a screen: what was read stays while it is read again, which also happens when the tab wakes up, when the
// network is back, and in another language: a form that stands in it keeps what was typed.
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
  /** It is not read again by itself: it costs something, or is looked at. Not in another language either. */
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
  const latestRead = useRef(read)
  latestRead.current = read
  const asked = useRef<Inputs | null>(null)
  useEffect(() => {
    const isSame = asked.current?.every((value, index) => Object.is(value, inputs[index])) === true
    asked.current = inputs
    setState(({ data }) => ({ data: isSame ? data : null, error: null, isLoading: true }))
    const reader = createReader(async (signal) => latestRead.current(signal), setState)
    latest.current = reader.load
    reader.load()
    const stopWaking = isOnce ? undefined : wakeWith(reader)
    const timer =
      everySeconds === null
        ? undefined
        : setInterval(() => document.hidden || reader.isReading() || reader.load(), everySeconds * 1000)
    return () => {
      reader.stop()
      stopWaking?.()
      clearInterval(timer)
    }
    // `read` is a new function at every render; what it depends on stands in `inputs`.
    // A client of another language reads other texts.
  }, [...inputs, isOnce ? null : client, everySeconds])
  const reload = useCallback(() => latest.current(), [])
  return { ...state, reload }
}

interface Reader {
  /** What was begun before is not waited for any more. */
  readonly load: () => void
  readonly isReading: () => boolean
  readonly readAt: () => number
  readonly stop: () => void
}

type Change<Data> = (change: (known: Omit<Load<Data>, 'reload'>) => Omit<Load<Data>, 'reload'>) => void

function createReader<Data>(read: (signal: AbortSignal) => Promise<Data>, change: Change<Data>): Reader {
  let controller = new AbortController()
  let readAt = 0
  let isReading = false
  const load = async () => {
    controller.abort()
    const { signal } = (controller = new AbortController())
    readAt = Date.now()
    isReading = true
    change((known) => ({ ...known, isLoading: true }))
    try {
      const data = await read(signal)
      if (!signal.aborted) change(() => ({ data, error: null, isLoading: false }))
    } catch (error) {
      if (!signal.aborted) change((known) => ({ ...known, error, isLoading: false }))
    }
    if (!signal.aborted) isReading = false
  }
  return {
    load: () => void load(),
    isReading: () => isReading,
    readAt: () => readAt,
    stop: () => controller.abort(),
  }
}

/** When the tab wakes up, and when the network is back. Returns what ends it. */
function wakeWith({ load, readAt }: Reader): () => void {
  const wake = () => {
    if (document.visibilityState === 'visible' && Date.now() - readAt() > FRESH_MS) load()
  }
  document.addEventListener('visibilitychange', wake)
  const stopListening = isOnline.subscribe((isBack) => isBack && load())
  return () => {
    document.removeEventListener('visibilitychange', wake)
    stopListening()
  }
}
