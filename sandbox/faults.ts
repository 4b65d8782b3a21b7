// How a vendor's server fails, for any sandbox: scripted one by one, or one in so many answers, from a seed.

export const FAULTS = ['429', '429-silent', '500', '503', 'html', 'truncated', 'reset', 'timeout', 'slow'] as const

const FOREIGN_BODIES = ['html', 'proxy', 'json', 'empty'] as const
const FOREIGN_STATUSES = [401, 402, 403, 404, 409, 500, 200] as const
type ForeignFault = `${(typeof FOREIGN_BODIES)[number]}-${(typeof FOREIGN_STATUSES)[number]}`

/**
 * What somebody between us and the vendor answers: refusals by their status, and pages and errors that claim to be
 * fine, in not one word of the vendor's. Any seven in a row that begin at a multiple of seven have all statuses.
 */
export const FOREIGN_FAULTS: readonly ForeignFault[] = FOREIGN_BODIES.flatMap((_, turn) =>
  FOREIGN_STATUSES.map(
    (status, n) => `${FOREIGN_BODIES[(n + turn) % FOREIGN_BODIES.length] ?? 'html'}-${status}` as const,
  ),
)
const FOREIGN: ReadonlySet<string> = new Set(FOREIGN_FAULTS)

type Fault = (typeof FAULTS)[number] | ForeignFault

interface FaultPlan {
  /** For the next answers, in this order. */
  next: Fault[]
  /** The first calls of each kind fail: so many, by the next so many of the faults. */
  perCall: { readonly times: number; readonly faults: readonly Fault[] }
  /** Every answer fails with this probability, by one of `kinds`. 0: none. */
  rate: number
  /** Every so manyth answer fails, by each of `kinds` in turn. 0: none. */
  every: number
  kinds: readonly Fault[]
  /** Only paths that contain this. */
  path: string
  retryAfterSeconds: number
}

export interface Faults {
  readonly plan: FaultPlan
  /** How often each was played. */
  readonly played: Map<Fault, number>
  /** How often each kind of call was made while `perCall` had faults. */
  readonly met: Map<string, number>
  /** Puts the faults in front of a server. `reset` breaks the connection in whatever way the transport can. */
  wrap(serve: Serve, reset: (request: Request) => Response): Serve
}

type Serve = (request: Request) => Promise<Response>

const SLOW_MS = 300

export function createFaults(seed = 1): Faults {
  const plan: FaultPlan = {
    next: [],
    perCall: { times: 0, faults: [] },
    rate: 0,
    every: 0,
    kinds: ['500', '503', 'html', 'truncated', 'reset'],
    path: '',
    retryAfterSeconds: 1,
  }
  const played = new Map<Fault, number>()
  const met = new Map<string, number>()
  const random = seeded(seed)
  let answered = 0
  const pick = (request: Request): Fault | null => {
    const { pathname } = new URL(request.url)
    if (pathname.startsWith('/_sandbox') || !pathname.includes(plan.path)) return null
    const scripted = plan.next.shift()
    if (scripted) return scripted
    const ofCall = nextOfCall(plan.perCall, met, request)
    if (ofCall) return ofCall
    answered += 1
    if (plan.every > 0 && answered % plan.every === 0)
      return plan.kinds[(answered / plan.every - 1) % plan.kinds.length] ?? null
    return random() < plan.rate ? (plan.kinds[Math.floor(random() * plan.kinds.length)] ?? null) : null
  }
  return {
    plan,
    played,
    met,
    wrap: (serve, reset) => async (request) => {
      const fault = pick(request)
      if (!fault) return serve(request)
      played.set(fault, (played.get(fault) ?? 0) + 1)
      return play(fault, request, { serve, reset, retryAfterSeconds: plan.retryAfterSeconds })
    },
  }
}

function nextOfCall({ times, faults }: FaultPlan['perCall'], met: Map<string, number>, request: Request): Fault | null {
  if (times === 0) return null
  const kind = kindOfCall(request)
  const calls = met.get(kind) ?? 0
  met.set(kind, calls + 1)
  if (calls >= times) return null
  return faults[([...met.keys()].indexOf(kind) * times + calls) % faults.length] ?? null
}

/** The method and the path, without what names one object. */
function kindOfCall({ method, url }: Request): string {
  const path = decodeURIComponent(new URL(url).pathname)
  return `${method} ${path.replaceAll(/\([^)]*\)/g, '(…)').replaceAll(/(?<=\/)[\da-f-]*\d[\da-f-]*(?=\/|$)/g, '…')}`
}

interface Stage {
  readonly serve: Serve
  readonly reset: (request: Request) => Response
  readonly retryAfterSeconds: number
}

async function play(fault: Fault, request: Request, { serve, reset, retryAfterSeconds }: Stage): Promise<Response> {
  if (isForeign(fault)) return foreignAnswer(fault)
  const failure = { success: false, data: null, meta: { message: 'Произошла ошибка' } }
  switch (fault) {
    case '429':
      return Response.json(failure, { status: 429, headers: { 'retry-after': String(retryAfterSeconds) } })
    case '429-silent':
      return Response.json(failure, { status: 429 })
    case '500':
      return Response.json(failure, { status: 500 })
    case '503':
      return new Response('Service Unavailable', { status: 503 })
    case 'html':
      return new Response('<!doctype html><title>Технические работы</title>', {
        headers: { 'content-type': 'text/html' },
      })
    case 'truncated': {
      const whole = await serve(request)
      const text = await whole.text()
      // A server that tells the length tells that of the whole.
      const length = whole.headers.get('content-length')
      return new Response(text.slice(0, Math.max(1, Math.floor(text.length / 2))), {
        headers: { 'content-type': 'application/json', ...(length !== null && { 'content-length': length }) },
      })
    }
    case 'reset':
      return reset(request)
    case 'timeout':
      await new Promise((settle) => {
        request.signal.addEventListener('abort', settle, { once: true })
      })
      return reset(request)
    case 'slow':
      await new Promise((settle) => {
        setTimeout(settle, SLOW_MS)
      })
      return serve(request)
    default:
      throw new Error(`unknown fault ${String(fault satisfies never)}`)
  }
}

function isForeign(fault: Fault): fault is ForeignFault {
  return FOREIGN.has(fault)
}

function foreignAnswer(fault: ForeignFault): Response {
  const [body = '', status = ''] = fault.split('-')
  // A proxy asks for a password of its own.
  const challenge = status === '401' && body === 'proxy' ? { 'www-authenticate': 'Basic realm="proxy"' } : undefined
  const answer = (text: string, type: string) =>
    new Response(text, { status: Number(status), headers: { 'content-type': type, ...challenge } })
  switch (body) {
    case 'html':
      return answer('<!doctype html><title>Технические работы</title><p>Скоро вернёмся</p>', 'text/html; charset=utf-8')
    case 'proxy':
      return answer(
        `<html><head><title>${status}</title></head><body><center>nginx</center></body></html>`,
        'text/html',
      )
    case 'json':
      return answer('{"message":"Forbidden","request_id":"7f3a-91"}', 'application/json')
    default:
      return new Response(null, { status: Number(status) })
  }
}

/** The same numbers from the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
