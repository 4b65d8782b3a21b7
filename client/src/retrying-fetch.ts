// fetch with an access token and with repeats. What may be repeated is safe to repeat: reads, writes that say what
// should be, and POSTs with an Idempotency-Key, which the API does once. A refusal with 429 has done nothing.

/** An access token, or what gives one. A function is asked before each attempt, so that it can renew the token. */
export type Token = string | (() => string | Promise<string>)

export interface RetryOptions {
  /** In all; 1 repeats nothing. 4 when left out. */
  readonly attempts?: number
  /** An answer that asks for a longer wait is returned instead. 60 when left out. */
  readonly waitSecondsMax?: number
}

export interface FetchOptions {
  readonly token: Token
  readonly fetch: (request: Request) => Promise<Response>
  readonly retry: RetryOptions
}

const REPEATABLE = new Set(['GET', 'HEAD', 'PUT', 'DELETE'])
const PASSING = new Set([429, 502, 503, 504])
/** Doubled with each attempt. */
const WAIT_MS = 500

export function retryingFetch({ token, fetch, retry }: FetchOptions): (request: Request) => Promise<Response> {
  const { attempts = 4, waitSecondsMax = 60 } = retry
  return async (request) => {
    if (request.method === 'POST' && !request.headers.has('idempotency-key'))
      request.headers.set('idempotency-key', crypto.randomUUID())
    const isRepeatable = REPEATABLE.has(request.method) || request.method === 'POST'
    for (let attempt = 1; ; attempt += 1) {
      const isLast = attempt >= attempts
      const sent = isLast ? request : request.clone()
      sent.headers.set('authorization', `Bearer ${typeof token === 'string' ? token : await token()}`)
      const answer = await tryOnce(fetch, sent)
      const waitMs = isLast || request.signal.aborted ? null : waitAfter(answer, { attempt, isRepeatable })
      if (waitMs === null || waitMs > waitSecondsMax * 1000) {
        if (answer instanceof Response) return answer
        throw answer.error
      }
      // A body that was cut off cannot be cancelled, and has nothing to cancel.
      if (answer instanceof Response) await answer.body?.cancel().catch(() => undefined)
      await sleep(waitMs, request.signal)
    }
  }
}

interface Failed {
  readonly error: unknown
}

async function tryOnce(fetch: FetchOptions['fetch'], request: Request): Promise<Response | Failed> {
  try {
    return await fetch(request)
  } catch (error) {
    return { error }
  }
}

interface Attempted {
  readonly attempt: number
  readonly isRepeatable: boolean
}

/** Milliseconds to wait before the next attempt; null: the answer stands. */
function waitAfter(answer: Response | Failed, { attempt, isRepeatable }: Attempted): number | null {
  const ownMs = WAIT_MS * 2 ** (attempt - 1) * (0.5 + Math.random())
  if (!(answer instanceof Response)) return isRepeatable ? ownMs : null
  // An attempt before this one is still at work on the same key.
  const isUnderWay = attempt > 1 && answer.status === 409 && answer.headers.has('retry-after')
  if (!isUnderWay && (!PASSING.has(answer.status) || (answer.status !== 429 && !isRepeatable))) return null
  return millisecondsOf(answer.headers.get('retry-after')) ?? ownMs
}

/** Both forms of Retry-After, in milliseconds. */
function millisecondsOf(header: string | null): number | null {
  if (header === null) return null
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return Math.max(seconds, 0) * 1000
  const at = Date.parse(header)
  return Number.isNaN(at) ? null : Math.max(at - Date.now(), 0)
}

/** Rejects with the signal's reason when it aborts. */
export async function sleep(ms: number, signal: AbortSignal | null | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason)
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
