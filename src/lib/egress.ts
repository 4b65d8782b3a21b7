// The only way out for connectors. It applies the address policy at every hop, the vendor's pace, and limits of time
// and size, and turns failures into a CrmError. It never retries: that is decided in sync/retry-policy.ts.
import type { Clock } from '#lib/clock.ts'
import { createLimit } from '#lib/concurrency-limit.ts'
import { CrmError, type CrmErrorKind } from '#lib/crm-error.ts'
import { type EgressPolicy, refuseAddress } from '#lib/egress-policy.ts'
import { readText, type TextLimit } from '#lib/read-body.ts'
import { retryAfterMs } from '#lib/retry-after.ts'
import { Secret } from '#lib/secret.ts'
import type { Fetch } from '#lib/fetch.ts'
import { hasMoreMembers } from '#lib/json.ts'
import { createPace } from '#lib/pace.ts'

/** The reasons of its errors; crm/messages.ts has a sentence for each. */
export type EgressReason =
  | 'address_refused'
  | 'redirect_refused'
  | 'connection'
  | 'timeout'
  | 'server_error'
  | 'not_json'
  | 'truncated'
  | 'too_large'
  | 'throttled'

/** Admits requests where others share the vendor's limit. */
export interface Admission {
  /** Resolves when the next request may be made. Throws CrmError `rate_limited` when that is too far away. */
  next(): Promise<void>
  /** What became of a request; null: it was answered. */
  ended(error: CrmError | null): Promise<void>
}

export interface HttpOptions extends EgressPolicy {
  readonly fetch: Fetch
  readonly clock: Clock
  readonly requestsPerSecond: number
  /** Requests that may exceed the pace after a pause; 0 when left out. */
  readonly burst?: number
  /** Requests at the same time. */
  readonly concurrency: number
  readonly timeoutMs: number
  /** The vendor's documented wait after a 429, in milliseconds. */
  readonly throttleMinimumMs: number
  /** Multiplies waits after a 429; 1 in production. */
  readonly throttleWaitScale: number
  /** When left out, by whose hosts these are. */
  readonly answerMax?: TextLimit
  /** After so many answers that were too large, nothing more is requested. Infinity when left out. */
  readonly tooLargeMax?: number
  /** In place of the pace. */
  readonly admission?: Admission | null
}

/** An answer exceeds the limit: fewer records at a time may not. */
export function isTooLarge(error: unknown): error is CrmError {
  return error instanceof CrmError && error.reason === 'too_large'
}

type Value = string | Secret
interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly url: string
  /** A Secret, or a function of several, is revealed only when the request is made. */
  readonly headers?: Readonly<Record<string, Value | (() => string)>>
  readonly body?: Value | (() => string)
  /** Statuses of 400 and above that do not throw. */
  readonly expect?: readonly number[]
}

export interface HttpResponse {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Throws CrmError `unavailable`: HTML or half a document is an outage, not a format. */
  json(): unknown
}

/** An answer whose body the caller reads, counts and cancels. */
export interface HttpStream {
  readonly status: number
  readonly headers: Headers
  readonly body: ReadableStream<Uint8Array> | null
}

export interface Http {
  request(request: HttpRequest): Promise<HttpResponse>
  /**
   * A GET without secrets: redirects to other origins are followed, each checked like the first. `timeoutMs` limits the
   * time until the body begins; the caller handles errors of the body.
   */
  open(
    request: Pick<HttpRequest, 'url' | 'expect'> & { readonly headers?: Readonly<Record<string, string>> },
  ): Promise<HttpStream>
}

/**
 * Of the vendor's own hosts: several times the largest page of a connector. 250 deals with a hundred fields
 * each have some 300,000 parts.
 */
const VENDOR_ANSWER_MAX: TextLimit = { bytesMax: 10 * 1024 * 1024, partsMax: 1_000_000 }
/**
 * Of hosts that the tenant chose. Parsed, JSON takes up to 28 bytes of heap a character (`[[[[`), of which 10 MB are
 * more than an isolate has, and up to 104 bytes a part (`{"99":0},`), measured in Node 24. So this is 21 MB of values
 * beside 10 MB of text: three such answers at once fit into 128 MB. A hundred documents of fifty lines have some 50,000
 * parts. Connectors request fewer records where an answer has more (`isTooLarge`).
 */
const TENANT_ANSWER_MAX: TextLimit = { bytesMax: 5_000_000, partsMax: 200_000 }
/** Within one origin: http to https, a trailing slash, a new path. */
const REDIRECTS_MAX = 3
/** Share links of drives go through several hosts. */
const OPEN_REDIRECTS_MAX = 5
/** For a file of a gigabyte; within the 15 minutes of a queue's consumer. */
const OPEN_BODY_MS = 10 * 60_000
const KINDS: Readonly<Record<number, CrmErrorKind>> = {
  401: 'auth',
  403: 'forbidden',
  404: 'not_found',
  429: 'rate_limited',
}

export function createHttp(options: HttpOptions): Http {
  const pace = createPace(options)
  const { admission = null } = options
  /** Makes a request in its turn, and refuses an answer that the caller does not expect. */
  const inTurn = async <T extends Answered>(request: HttpRequest, act: () => Promise<T>): Promise<T> => {
    await (admission ? admission.next() : pace())
    try {
      const response = await act()
      if (isUnexpected(request, response)) throw await refusalOf(options, response)
      await admission?.ended(null)
      return response
    } catch (error) {
      if (error instanceof CrmError) await admission?.ended(error)
      throw error
    }
  }
  const limit = createLimit(options.concurrency)
  const { tooLargeMax = Infinity } = options
  let tooLarge = 0
  const countTooLarge = (error: unknown) => {
    if (isTooLarge(error)) tooLarge += 1
  }
  return {
    request: async (request) =>
      limit(async () => {
        if (tooLarge >= tooLargeMax) throw new CrmError('rejected', { reason: 'too_large' })
        return inTurn(request, async () => exchange(options, request, countTooLarge))
      }),
    open: async (request) => limit(async () => inTurn(request, async () => open(options, request))),
  }
}

type Answered = HttpResponse | HttpStream

function isUnexpected({ expect }: HttpRequest, { status }: Answered): boolean {
  return status >= 400 && !expect?.includes(status)
}

async function refusalOf(options: HttpOptions, response: Answered): Promise<CrmError> {
  if ('body' in response) await response.body?.cancel()
  return statusError(options, response)
}

async function open(options: HttpOptions, request: HttpRequest): Promise<HttpStream> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), options.timeoutMs)
  try {
    const signal = AbortSignal.any([late.signal, AbortSignal.timeout(OPEN_BODY_MS)])
    const { status, headers, body } = await follow(options, request, { signal, isOpen: true })
    return { status, headers, body }
  } catch (error) {
    if (error instanceof CrmError) throw error
    throw new CrmError('unavailable', { reason: late.signal.aborted ? 'timeout' : 'connection' })
  } finally {
    clearTimeout(timer)
  }
}

async function exchange(
  options: HttpOptions,
  request: HttpRequest,
  failed: (error: unknown) => void,
): Promise<HttpResponse> {
  const signal = AbortSignal.timeout(options.timeoutMs)
  try {
    const response = await follow(options, request, { signal, isOpen: false })
    const limit = options.answerMax ?? (options.hosts === null ? TENANT_ANSWER_MAX : VENDOR_ANSWER_MAX)
    const text = await Promise.race([readText(response.body, limit), rejectOnAbort(signal)])
    if (text === null) throw new CrmError('rejected', { reason: 'too_large' })
    const json = () => {
      try {
        return parseJson(text, response.status)
      } catch (error) {
        failed(error)
        throw error
      }
    }
    return { status: response.status, headers: response.headers, text, json }
  } catch (error) {
    failed(error)
    if (error instanceof CrmError) throw error
    // Errors of the platform may quote the URL, so only their kind is kept.
    throw new CrmError('unavailable', { reason: signal.aborted ? 'timeout' : 'connection' })
  }
}

/** The fetch's own signal ends a body in production; a server in this process may not know that signal. */
async function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true })
  })
}

interface Following {
  readonly signal: AbortSignal
  /** Nothing secret is sent. */
  readonly isOpen: boolean
}

/** Redirects within the same origin are followed; across origins they would carry the credentials along. */
async function follow(options: HttpOptions, request: HttpRequest, { signal, isOpen }: Following): Promise<Response> {
  let url = request.url
  for (let hop = 0; ; hop += 1) {
    const refusal = refuseAddress(url, options)
    if (refusal) throw new CrmError('rejected', { reason: 'address_refused', params: { refusal } })
    const init = {
      method: request.method ?? 'GET',
      headers: reveal(request.headers),
      redirect: 'manual',
      signal,
    } as const
    const body = request.body === undefined ? null : revealValue(request.body)
    const response = await options.fetch(url, body === null ? init : { ...init, body })
    const location = response.headers.get('location')
    if (response.status < 300 || response.status >= 400 || response.status === 304 || location === null) return response
    await response.body?.cancel()
    const target = URL.canParse(location, url) ? new URL(location, url) : null
    const isSafe =
      isOpen || (target?.origin === new URL(url).origin && (init.method === 'GET' || response.status >= 307))
    if (!target || !isSafe || hop === (isOpen ? OPEN_REDIRECTS_MAX : REDIRECTS_MAX))
      throw new CrmError('rejected', { reason: 'redirect_refused' })
    url = target.href
  }
}

function reveal(headers: HttpRequest['headers'] = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, revealValue(value)]))
}

function revealValue(value: Value | (() => string)): string {
  if (typeof value === 'function') return value()
  return value instanceof Secret ? value.reveal() : value
}

/**
 * Several times the longest list that a connector requests. A record of nothing, `{}`, costs 33 µs to read and refuse
 * (measured in workerd), so a longer list would hold up all other requests of the isolate for a second.
 */
const MEMBERS_MAX = 10_000

function parseJson(text: string, status: number): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const isDocument = /^\s*[[{]/.test(text)
    throw new CrmError('unavailable', { reason: isDocument ? 'truncated' : 'not_json', status })
  }
  if (hasMoreMembers(value, MEMBERS_MAX)) throw new CrmError('rejected', { reason: 'too_large' })
  return value
}

type Refused = Pick<HttpResponse, 'status' | 'headers'> & { readonly text?: string }

/**
 * The error for a status that the connector did not expect. Without the vendor's words: they may quote what we sent.
 */
function statusError(options: HttpOptions, response: Refused): CrmError {
  const { status } = response
  if (status === 429) return throttled(options, response)
  if (status >= 500) {
    const wait = retryAfterMs(response.headers.get('retry-after'), options.clock.now())
    return new CrmError('unavailable', { reason: 'server_error', status, ...(wait !== null && { retryAfterMs: wait }) })
  }
  return new CrmError(KINDS[status] ?? 'rejected', { status })
}

function throttled(options: HttpOptions, { headers, text = '' }: Refused): CrmError {
  const asked = retryAfterMs(headers.get('retry-after'), options.clock.now()) ?? 0
  // Some vendors name the pause in the body: `{"retry_after": 300}`.
  const inBody = Number(/"retry_after"\s{0,9}:\s{0,9}"?(\d{1,6})\b/.exec(text)?.[1] ?? 0) * 1000
  const wait = Math.max(asked, inBody, options.throttleMinimumMs) * options.throttleWaitScale
  return new CrmError('rate_limited', { reason: 'throttled', status: 429, retryAfterMs: wait })
}
