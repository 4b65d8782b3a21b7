// The only file that knows the driver: Neon over HTTP. Stateless, one round trip for a statement or a batch, a batch is
// one transaction (READ COMMITTED). Whatever must be atomic is one statement or one `db.batch`.
import { neon, neonConfig } from '@neondatabase/serverless'
import { drizzle, type NeonHttpDatabase } from 'drizzle-orm/neon-http'
import * as schema from '#db/schema/index.ts'
import type { Fetch } from '#lib/fetch.ts'

export type Db = NeonHttpDatabase<typeof schema>

export interface DbOptions {
  readonly databaseUrl: string
  /** Where a Neon-compatible endpoint listens instead of Neon's own; local environments only. */
  readonly endpoint: string | null
  readonly fetch: Fetch
}

const QUERY_TIMEOUT_MS = 20_000
const READ_TIMEOUT_MS = 10_000

export function createDb({ databaseUrl, endpoint, fetch }: DbOptions): Db {
  // Global in the driver; every isolate has one database, so setting it twice sets the same.
  if (endpoint) neonConfig.fetchEndpoint = endpoint
  neonConfig.fetchFunction = async (url: string, init: RequestInit) => sendQuery(fetch, url, init)
  return drizzle(neon(databaseUrl), { schema, casing: 'snake_case' })
}

/** A single SELECT is tried once more when the connection or the compute failed: a database that sleeps wakes up so. */
async function sendQuery(fetch: DbOptions['fetch'], url: string, init: RequestInit): Promise<Response> {
  const isRead = typeof init.body === 'string' && /^\{"query":"(?:\s|\\n)*select\b/i.test(init.body)
  const send = async () =>
    fetch(url, { ...init, signal: AbortSignal.timeout(isRead ? READ_TIMEOUT_MS : QUERY_TIMEOUT_MS) })
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
