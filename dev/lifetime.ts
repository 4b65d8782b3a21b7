// What a start has begun is stopped in the opposite order, at whatever moment its end comes.
const PARENT_CHECK_MS = 250

type Undo = () => Promise<unknown> | void

/** The start goes no further, since it is being stopped. */
class StoppedError extends Error {
  override readonly name = 'StoppedError'
}

export interface Lifetime {
  readonly onStop: (step: Undo) => void
  readonly isStopping: () => boolean
  /** Throws when the stop has begun: to be called before anything else is started. */
  readonly goOn: () => void
  /** Safe to call at any moment and again. */
  readonly stop: () => Promise<void>
}

export function createLifetime(): Lifetime {
  const undo: Undo[] = []
  let stopping: Promise<void> | undefined
  const runAll = async () => {
    for (let step = undo.pop(); step; step = undo.pop()) {
      try {
        await step()
      } catch (error) {
        console.error(error instanceof Error ? error.message : error)
      }
    }
  }
  const isStopping = () => stopping !== undefined
  return {
    onStop: (step) => void undo.push(step),
    isStopping,
    goOn: () => {
      if (isStopping()) throw new StoppedError('stopped')
    },
    stop: async () => (stopping ??= runAll()),
  }
}

/** Ends the process in order at a signal, and when npm is gone: SIGKILLed, it sends none. */
export function stopWithSignals(lifetime: Lifetime): void {
  const end = () => {
    if (!lifetime.isStopping()) console.log('Stopping …')
    void lifetime.stop().then(() => process.exit(0))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
  // package.json says who started us: npm may be gone before this line.
  const parent = Number(process.env['NPM_PID'])
  if (!parent) return
  setInterval(() => {
    if (process.ppid !== parent) end()
  }, PARENT_CHECK_MS).unref()
}
