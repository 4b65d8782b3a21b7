// The only file that knows how the database is reached: Neon over HTTP. Stateless, one round trip for a statement or a
// batch, a batch is one transaction (READ COMMITTED). Whatever must be atomic is one statement or one `db.batch`.
import type { NeonHttpDatabase } from 'drizzle-orm/neon-http'
import { NeonHttpSession } from 'drizzle-orm/neon-http/session'
import { PgDatabase, PgDialect } from 'drizzle-orm/pg-core'
import { createNeonHttp, type NeonHttp, type NeonHttpOptions } from '#db/neon-http.ts'
import type { Fetch } from '#lib/fetch.ts'

/** Statements are drizzle's builders or `sql`; there are no relational queries. */
export type Db = Pick<NeonHttpDatabase, 'batch' | 'delete' | 'execute' | 'insert' | 'select' | 'update'> & {
  /** The driver itself, by drizzle's name for it: for the one statement that is worth it. */
  readonly $client: NeonHttp
}

const QUERY_TIMEOUT_MS = 20_000
const READ_TIMEOUT_MS = 10_000

export function createDb(options: NeonHttpOptions): Db {
  const client = createNeonHttp({ ...options, fetch: async (url, init) => sendQuery(options.fetch, url, init) })
  const dialect = new PgDialect({ casing: 'snake_case' })
  // What drizzle's own `neon-http` does, but for importing Neon's driver.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of a client as its session calls
  const session = new NeonHttpSession(client as never, dialect, undefined)
  const db = new PgDatabase(dialect, session, undefined)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- with `batch` it is one
  return Object.assign(db, { batch: session.batch.bind(session), $client: client }) as unknown as Db
}

/** A single SELECT is tried once more when the connection or the compute failed: a database that sleeps wakes up so. */
async function sendQuery(fetch: Fetch, url: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const isRead = typeof init.body === 'string' && /^\{"query":"(?:\s|\\n)*select\b/i.test(init.body)
  const timeoutMs = isRead ? READ_TIMEOUT_MS : QUERY_TIMEOUT_MS
  const send = async () => fetch(url, { ...init, signal: init.signal ?? AbortSignal.timeout(timeoutMs) })
  if (!isRead) return send()
  try {
    const response = await send()
    if (response.status < 500) return response
    await response.body?.cancel()
  } catch {
    // Fall through to the second and last try, whose failure the caller sees.
  }
  return send()
}
