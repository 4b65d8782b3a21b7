// Whether the service can be reached. Nothing is sent again by hand: what was read comes anew once it is back, and
// while it is away that is asked for quietly.
import { createStore } from '#web/lib/store.ts'

const PROBE_MS = 3000

export const isOnline = createStore(true)

let timer: ReturnType<typeof setTimeout> | undefined

function noteReached(): void {
  clearTimeout(timer)
  timer = undefined
  isOnline.set(true)
}

function noteLost(): void {
  isOnline.set(false)
  timer ??= setTimeout(() => void probe(), PROBE_MS)
}

async function probe(): Promise<void> {
  timer = undefined
  try {
    const answer = await globalThis.fetch('/healthz', { cache: 'no-store' })
    if (answer.ok) noteReached()
    else noteLost()
  } catch {
    noteLost()
  }
}

export function watchConnection(): void {
  window.addEventListener('offline', noteLost)
  window.addEventListener('online', () => void probe())
}

/** fetch that notices whether the service was reached, and a session that is over. */
export function watchedFetch(onOver: () => void): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      const response = await globalThis.fetch(request)
      noteReached()
      if (response.status === 401) onOver()
      return response
    } catch (error) {
      if (!request.signal.aborted) noteLost()
      throw error
    }
  }
}
