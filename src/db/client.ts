// The only file that knows the way to the database: Neon over HTTP. There is no session. A statement or a batch is one
// round trip, and a batch is one transaction (READ COMMITTED), so atomic work is one statement or one `db.batch`.
import { NeonDbError, neon, neonConfig, types } from '@neondatabase/serverless'
import { drizzle, type NeonHttpDatabase } from 'drizzle-orm/neon-http'
import { OverloadedError, type Patience, refuseOverload, type Send, type SendInit, withPatience } from '#db/overload.ts'
import type { Fetch } from '#lib/fetch.ts'

/** With a `code` (SQLSTATE): Postgres refused. Without one: it is unknown whether the statement reached Postgres. */
export { NeonDbError as DatabaseError } from '@neondatabase/serverless'

/** Statements use drizzle's builders or `sql`, but no relational queries. */
export type Db = Pick<NeonHttpDatabase, 'batch' | 'delete' | 'execute' | 'insert' | 'select' | 'update'> & {
  /** Sends one statement unchanged. Rows are arrays in the order of the columns. Rejects with DatabaseError. */
  readonly call: (text: string, params: readonly unknown[], timeoutMs?: number) => Promise<readonly unknown[][]>
  /** Sends several as one transaction. Answers the rows of each. */
  readonly callAll: (calls: readonly Call[]) => Promise<readonly (readonly unknown[][])[]>
}

export interface Call {
  readonly text: string
  readonly params: readonly unknown[]
}

interface DbOptions extends Patience {
  readonly databaseUrl: string
  /** The `/sql` URL of a Neon-compatible endpoint; null: Neon's own URL for the database's host. */
  readonly endpoint: string | null
  readonly fetch: Fetch
}

/**
 * Slow pages take about a second, and a database that sleeps takes some to wake. Much less would abandon writes that
 * still succeed; a slice holds a lease of 60 s, and much more would outlast it.
 */
const QUERY_TIMEOUT_MS = 20_000
/** Reads are tried twice, so both tries together take as long as one write may. */
const READ_TIMEOUT_MS = 10_000
/** A statement that begins with SELECT only reads: what writes begins with its verb, WITH or CALL. */
const READ = /^\s*select\b/i

// The driver's settings are global. This one is set once, and each client passes its own `send` in its `fetchOptions`.
neonConfig.fetchFunction = async (url: string, { send, ...init }: SendInit & { readonly send: Send }) => send(url, init)

export function createDb(options: DbOptions): Db {
  const client = createClient(options)
  const call: Db['call'] = async (text, params, timeoutMs = QUERY_TIMEOUT_MS) =>
    withTypedError(
      client.query(text, [...params], {
        arrayMode: true,
        fetchOptions: { signal: AbortSignal.timeout(timeoutMs), waitMsMax: timeoutMs },
      }),
    )
  const callAll: Db['callAll'] = async (calls) =>
    client.transaction(
      calls.map(({ text, params }) => client.query(text, [...params])),
      { arrayMode: true },
    )
  return Object.assign(drizzle({ client, casing: 'snake_case' }), { call, callAll })
}

function createClient({ databaseUrl, endpoint, fetch, ...patience }: DbOptions) {
  const sendWithin = (timeoutMs: number): Send =>
    refuseOverload(async (url, init) =>
      fetch(endpoint ?? url, { ...init, signal: init.signal ?? AbortSignal.timeout(timeoutMs) }),
    )
  const sendRead = byProtocol(withPatience(withOneRetry(sendWithin(READ_TIMEOUT_MS)), patience))
  const send = byProtocol(withPatience(sendWithin(QUERY_TIMEOUT_MS), patience))
  const client = neon(databaseUrl, { fetchOptions: { send } })
  // oxlint-disable-next-line typescript/unbound-method -- two closures that do not use `this`
  const { query, transaction } = client
  client.query = (text, params = [], options = {}) => {
    refuseAmbiguous(params)
    const fetchOptions = { ...options.fetchOptions, ...(READ.test(text) && { send: sendRead }) }
    return query(text, params, { ...options, types: TYPES, fetchOptions })
  }
  client.transaction = async (statements, options) => withTypedError(transaction(statements, options))
  return client
}

/** The protocol has only these two statuses. The body of any other answer is not shown, since it may be anything. */
function byProtocol(send: Send): Send {
  return async (url, init) => {
    const response = await send(url, init)
    if (response.status === 200 || response.status === 400) return response
    await response.body?.cancel()
    throw new Error(`the endpoint of the database answered ${response.status}`)
  }
}

/** Sends once more when the connection or the compute failed: the first request wakes a database that sleeps. */
function withOneRetry(send: Send): Send {
  return async (url, init) => {
    try {
      const response = await send(url, init)
      if (response.status < 500) return response
      await response.body?.cancel()
    } catch (error) {
      if (error instanceof OverloadedError) throw error
      // The answer to the second try is final.
    }
    return send(url, init)
  }
}

/** The driver leaves one failure untyped: an interrupted answer throws what its stream or JSON.parse throws. */
async function withTypedError<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (cause) {
    if (cause instanceof NeonDbError) throw cause
    throw Object.assign(new NeonDbError('the database did not answer to the end'), { cause })
  }
}

/** The driver would send an ArrayBuffer as `{}`, a Date in the machine's zone, and an array in a guessed type. */
function refuseAmbiguous(params: readonly unknown[]): void {
  for (const value of params) {
    if (typeof value === 'function' || (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)))
      throw new TypeError(`a parameter of type ${typeof value} has no form for Postgres`)
  }
}

/** The driver's own parsers except for bytes, where it would return Node's Buffer. */
const TYPES = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): unknown =>
    oid === types.builtins['BYTEA'] ? bytesOf : types.getTypeParser(oid, format),
}

const bytesOf = (hex: string): Uint8Array => Uint8Array.fromHex(hex.slice(2))
