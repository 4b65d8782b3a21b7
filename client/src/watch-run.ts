import { createParser } from 'eventsource-parser'
import type { Client } from './create-client.ts'
import { mayPass, refusalOf } from './problem.ts'
import { sleep } from './retrying-fetch.ts'
import type { components } from './schema.ts'

export type Run = components['schemas']['Run']

export interface WatchRun {
  readonly integrationId: string
  readonly runId: string
  readonly signal?: AbortSignal
}

/** The API sends something every 15 seconds. A connection that is silent for longer is dead, as after a sleep. */
const SILENT_MS = 45_000
const PAUSE_MS = 2000
const PAUSE_MAX_MS = 30_000

/**
 * A run whenever it has changed, until it is over. Lost connections are taken up again, and nothing comes twice. Throws
 * ProblemError when the API refuses, and the signal's reason when it aborts.
 */
export async function* watchRun(client: Client, { integrationId, runId, signal }: WatchRun): AsyncGenerator<Run> {
  let lastEventId: string | null = null
  let pauseMs = PAUSE_MS
  for (let failures = 0; ; failures += 1) {
    const connection = new AbortController()
    const stop = () => connection.abort(signal?.reason)
    signal?.addEventListener('abort', stop, { once: true })
    try {
      signal?.throwIfAborted()
      const path = `/v1/integrations/${integrationId}/runs/${runId}/events`
      const headers: Record<string, string> = lastEventId === null ? {} : { 'last-event-id': lastEventId }
      const response = await client.send(path, { headers, signal: connection.signal })
      if (response.status === 204) return
      if (!response.ok || !response.body) throw await refusalOf(response)
      const paused = (ms: number) => (pauseMs = ms)
      for await (const { id, run } of eventsOf(response.body, { connection, paused })) {
        failures = 0
        lastEventId = id
        yield run
        if (run.finishedAt !== null) return
      }
    } catch (error) {
      if (!mayPass(error)) throw error
      signal?.throwIfAborted()
    } finally {
      signal?.removeEventListener('abort', stop)
      connection.abort()
    }
    await sleep(Math.min(pauseMs * 2 ** failures, PAUSE_MAX_MS), signal)
  }
}

interface RunEvent {
  readonly id: string
  readonly run: Run
}

interface Reading {
  readonly connection: AbortController
  /** The API says how long to wait before a new connection. */
  readonly paused: (ms: number) => void
}

async function* eventsOf(body: ReadableStream<Uint8Array>, { connection, paused }: Reading): AsyncGenerator<RunEvent> {
  let timer = setTimeout(() => connection.abort(), SILENT_MS)
  const alive = () => {
    clearTimeout(timer)
    timer = setTimeout(() => connection.abort(), SILENT_MS)
  }
  const events: RunEvent[] = []
  const parser = createParser({
    onRetry: paused,
    onEvent: ({ event, id, data }) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the API's own
      if (event === 'run') events.push({ id: id ?? '', run: JSON.parse(data) as Run })
    },
  })
  const decoder = new TextDecoder()
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      alive()
      parser.feed(decoder.decode(value, { stream: true }))
      yield* events.splice(0)
    }
  } finally {
    clearTimeout(timer)
  }
}
