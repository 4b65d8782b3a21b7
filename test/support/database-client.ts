// Clients of the database in front of whatever answers, and the ways to ask them.
import { sql } from 'drizzle-orm'
import { parseConfig } from '#config.ts'
import { createDb, type Db } from '#db/client.ts'
import { env } from '#test/env.ts'

const { databaseUrl, neonEndpoint } = parseConfig({ ...env })

interface Sent {
  readonly url: string
  readonly body: unknown
  readonly signal: AbortSignal | null | undefined
}

interface Options {
  readonly databaseUrl?: string
  readonly endpoint?: string | null
  readonly random?: () => number
}

/** A client of the real endpoint, or of what answers in its place, what it sent, and how long it paused. */
export function client(answer: typeof fetch = fetch, options: Options = {}) {
  const sent: Sent[] = []
  const pauses: number[] = []
  const db = createDb({
    ...{ databaseUrl, endpoint: neonEndpoint, random: () => 0.5, ...options },
    clock: { sleep: async (ms) => void pauses.push(ms) },
    fetch: async (url, init) => {
      const request = new Request(url, init)
      sent.push({ url: request.url, body: await request.json(), signal: init?.signal })
      return answer(url, init)
    },
  })
  return { db, sent, pauses }
}

export const fail = async (act: PromiseLike<unknown>): Promise<unknown> =>
  act.then(
    () => null,
    (error: unknown) => error,
  )

/** The three ways to ask. */
export const WAYS: readonly [name: string, ask: (db: Db, text: string) => Promise<unknown>][] = [
  ['alone', async (db, text) => db.execute(sql.raw(text))],
  ['in a batch', async (db, text) => db.batch([db.execute(sql`select 1`), db.execute(sql.raw(text))])],
  ['as a call', async (db, text) => db.call(text, [])],
]
