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

export interface TrafficReport {
  readonly requests: number
  readonly statuses: Readonly<Record<string, number>>
  /** The slowest answer of each attack, beside its waits for a vendor; the worst first. */
  readonly slowestMs: Readonly<Record<string, number>>
  readonly serverErrors: readonly unknown[]
}

export function openTraffic(url: string): Traffic {
  const log = createLog()
  return {
    send: async (attack, path, sent = {}) => {
      const startedAt = performance.now()
      const ownMs = () => performance.now() - startedAt - (sent.waitedMs?.(startedAt, performance.now()) ?? 0)
      try {
        const answer = await fetch(`${url}${path}`, { ...initOf(sent), signal: AbortSignal.timeout(TIMEOUT_MS) })
        const json = parsed(await answer.text())
        log.answered(attack, path, { status: answer.status, ms: ownMs(), json })
        return { status: answer.status, json }
      } catch (error) {
        log.unanswered(attack, ownMs(), error)
        return { status: 0, json: {} }
      }
    },
    listen: async (attack, path, { forMs, ...sent }) => {
      const gone = new AbortController()
      const startedAt = performance.now()
      try {
        const answer = await fetch(`${url}${path}`, { ...initOf(sent), signal: gone.signal })
        log.answered(attack, path, { status: answer.status, ms: performance.now() - startedAt, json: {} })
        await sleep(forMs)
        gone.abort()
        await answer.text()
      } catch {
        // This client has gone away.
      }
    },
    report: log.report,
  }
}

function createLog() {
  const statuses = new Map<string, number>()
  const slowest = new Map<string, number>()
  const serverErrors: unknown[] = []
  const count = (attack: string, status: string, ms: number) => {
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    slowest.set(attack, Math.max(slowest.get(attack) ?? 0, Math.round(ms)))
  }
  return {
    answered: (attack: string, path: string, { status, ms, json }: Answer & { readonly ms: number }) => {
      count(attack, String(status), ms)
      if (status >= 500) serverErrors.push({ attack, path, ...json, status })
    },
    unanswered: (attack: string, ms: number, error: unknown) => {
      // A server that has refused a body need not read it to its end.
      if (!(error instanceof Error && error.name === 'TimeoutError')) count(attack, 'connection closed', 0)
      else count(attack, ms < TIMEOUT_MS / 2 ? 'a vendor kept it' : 'no answer', ms)
    },
    report: (): TrafficReport => ({
      requests: [...statuses.values()].reduce((sum, times) => sum + times, 0),
      statuses: Object.fromEntries([...statuses].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      slowestMs: Object.fromEntries([...slowest].toSorted(([, a], [, b]) => b - a)),
      serverErrors,
    }),
  }
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
