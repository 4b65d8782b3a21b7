// Requests of strangers and tenants who mean harm, each timed and counted.
import { setTimeout as sleep } from 'node:timers/promises'

const TIMEOUT_MS = 60_000

export interface Sent {
  readonly method?: string
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
  /** What is no text and no bytes is sent as JSON. */
  readonly body?: unknown
  /** Of the time of the answer: what the service waited for somebody else. */
  readonly waitedMs?: (from: number, to: number) => number
}

interface Answer {
  /** 0: none. */
  readonly status: number
  readonly json: Readonly<Record<string, unknown>>
}

export interface Traffic {
  readonly send: (attack: string, path: string, sent?: Sent) => Promise<Answer>
  /** Opens a stream and goes away after so many milliseconds. */
  readonly listen: (attack: string, path: string, sent: Sent & { readonly forMs: number }) => Promise<void>
  readonly report: () => TrafficReport
}

interface Slow {
  readonly attack: string
  readonly ms: number
}

export interface TrafficReport {
  readonly requests: number
  readonly statuses: Readonly<Record<string, number>>
  /** The slowest answer of each attack, beside its waits for a vendor; the worst first. */
  readonly slowest: readonly Slow[]
  readonly serverErrors: readonly unknown[]
}

export function openTraffic(url: string): Traffic {
  const statuses = new Map<string, number>()
  const slowest = new Map<string, number>()
  const serverErrors: unknown[] = []
  let requests = 0
  const count = (attack: string, status: string, ms: number) => {
    requests += 1
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    slowest.set(attack, Math.max(slowest.get(attack) ?? 0, ms))
  }
  const send: Traffic['send'] = async (attack, path, sent = {}) => {
    const startedAt = performance.now()
    const ownMs = () => Math.round(performance.now() - startedAt - (sent.waitedMs?.(startedAt, performance.now()) ?? 0))
    try {
      const answer = await fetch(`${url}${path}`, { ...initOf(sent), signal: AbortSignal.timeout(TIMEOUT_MS) })
      const json = parsed(await answer.text())
      count(attack, String(answer.status), ownMs())
      if (answer.status >= 500) serverErrors.push({ attack, path, status: answer.status, ...json })
      return { status: answer.status, json }
    } catch (error) {
      // A server that has refused a body need not read it to its end.
      const isTimeout = error instanceof Error && error.name === 'TimeoutError'
      count(attack, isTimeout ? 'no answer' : 'connection closed', isTimeout ? TIMEOUT_MS : 0)
      return { status: 0, json: {} }
    }
  }
  const listen: Traffic['listen'] = async (attack, path, { forMs, ...sent }) => {
    const gone = new AbortController()
    const startedAt = performance.now()
    try {
      const answer = await fetch(`${url}${path}`, { ...initOf(sent), signal: gone.signal })
      count(attack, String(answer.status), performance.now() - startedAt)
      if (answer.status >= 500) serverErrors.push({ attack, path, status: answer.status })
      await sleep(forMs)
      gone.abort()
      await answer.text()
    } catch {
      // This client has gone away.
    }
  }
  const report = () => {
    const sorted = [...slowest].toSorted(([, a], [, b]) => b - a)
    return {
      requests,
      statuses: Object.fromEntries([...statuses].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      slowest: sorted.map(([attack, ms]) => ({ attack, ms: Math.round(ms) })),
      serverErrors,
    }
  }
  return { send, listen, report }
}

function initOf({ method, token, headers = {}, body }: Sent): RequestInit {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array
  return {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    redirect: 'manual',
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && !isRaw && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: isRaw ? bodyOf(body) : JSON.stringify(body) }),
  }
}

const bodyOf = (body: string | Uint8Array) => (typeof body === 'string' ? body : Uint8Array.from(body))

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- members are looked at one by one
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
