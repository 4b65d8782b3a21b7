// Neon's HTTP endpoint (`POST /sql`) in front of a local PostgreSQL, as far as the serverless driver uses it: one
// stateless request for a statement or a batch, a batch is one transaction, values travel as Postgres' text.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import pg from 'pg'
import * as z from 'zod'

const BYTES_MAX = 10 * 1024 * 1024
const POOL_MAX = 20

/** What tests and chaos runs turn to make the endpoint misbehave. Counted ones apply to the next that many requests. */
interface ProxySwitches {
  latencyMs: number
  /** Answers 500 instead of executing. */
  failNext: number
  /** Closes the connection before executing. */
  dropBefore: number
  /** Executes, then closes the connection without an answer. */
  dropAfter: number
  /** Called with every request's body before it is executed; a returned promise holds the request up. */
  onRequest: ((body: string) => Promise<void> | void) | null
  /** Called with a request's body when it was executed and is not answered yet. */
  onExecuted: ((body: string) => Promise<void> | void) | null
  /** Called within a batch's transaction, after each statement: a returned promise holds the transaction open. */
  onStatement: (() => Promise<void> | void) | null
}

export interface NeonProxy {
  /** The `/sql` URL for `neonConfig.fetchEndpoint`. */
  readonly endpoint: string
  readonly switches: ProxySwitches
  /** Requests answered or dropped so far. */
  readonly requests: () => number
  /** Of bodies, so far. */
  readonly bytes: () => { readonly received: number; readonly sent: number }
  readonly close: () => Promise<void>
}

const Query = z.object({ query: z.string(), params: z.array(z.unknown()).default([]) })
const Body = z.union([z.object({ queries: z.array(Query).min(1) }), Query])
type Query = z.infer<typeof Query>

const ISOLATION: Readonly<Record<string, string>> = {
  ReadUncommitted: 'read uncommitted',
  ReadCommitted: 'read committed',
  RepeatableRead: 'repeatable read',
  Serializable: 'serializable',
}
const ERROR_FIELDS = [
  ...['code', 'detail', 'hint', 'position', 'internalPosition', 'internalQuery', 'severity', 'where'],
  ...['table', 'column', 'schema', 'dataType', 'constraint', 'file', 'line', 'routine'],
] as const

export async function startNeonProxy(databaseUrl: string, port = 0): Promise<NeonProxy> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: POOL_MAX, idleTimeoutMillis: 300_000 })
  // A restart of PostgreSQL ends idle connections; the pool opens new ones.
  pool.on('error', () => undefined)
  // A client at work tells its query; without a listener of its own the same news would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const switches: ProxySwitches = {
    latencyMs: 0,
    failNext: 0,
    dropBefore: 0,
    dropAfter: 0,
    onRequest: null,
    onExecuted: null,
    onStatement: null,
  }
  let requests = 0
  const bytes = { received: 0, sent: 0 }
  const server = createServer((request, response) => {
    requests += 1
    request.on('data', (chunk: Buffer) => (bytes.received += chunk.length))
    response.once('finish', () => (bytes.sent += Number(response.getHeader('content-length') ?? 0)))
    answer({ pool, switches, databaseUrl }, request, response).catch((error: unknown) => {
      if (!response.headersSent) sendJson(response, 500, { message: String(error), code: null })
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((settle, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', settle)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  const close = async () => {
    server.closeAllConnections()
    await new Promise((settle) => {
      server.close(settle)
    })
    await pool.end()
  }
  const endpoint = `http://127.0.0.1:${address.port}/sql`
  return { endpoint, switches, requests: () => requests, bytes: () => ({ ...bytes }), close }
}

interface Upstream {
  readonly pool: pg.Pool
  readonly switches: ProxySwitches
  readonly databaseUrl: string
}

async function answer(upstream: Upstream, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { switches } = upstream
  if (request.method === 'OPTIONS') {
    response.writeHead(200, { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }).end()
    return
  }
  if (request.method !== 'POST' || request.url !== '/sql') {
    sendJson(response, 400, { message: 'query is not supported', code: null })
    return
  }
  const body = await readBody(request)
  if (body === null) return sendJson(response, 413, { message: 'request is too large', code: null })
  if (switches.latencyMs > 0) await new Promise((settle) => setTimeout(settle, switches.latencyMs))
  await switches.onRequest?.(body)
  if (take(switches, 'failNext')) return sendJson(response, 500, { message: 'compute is not available', code: null })
  if (take(switches, 'dropBefore')) return void request.socket.destroy()
  const drop = take(switches, 'dropAfter')
  const { status, json } = await execute(upstream, request, body)
  await switches.onExecuted?.(body)
  if (drop) return void request.socket.destroy()
  sendJson(response, status, json)
}

function take(switches: ProxySwitches, name: 'failNext' | 'dropBefore' | 'dropAfter'): boolean {
  if (switches[name] <= 0) return false
  switches[name] -= 1
  return true
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue
    bytes += chunk.length
    if (bytes <= BYTES_MAX) chunks.push(chunk)
  }
  return bytes > BYTES_MAX ? null : Buffer.concat(chunks).toString('utf8')
}

interface Answer {
  readonly status: number
  readonly json: unknown
}

async function execute(upstream: Upstream, request: IncomingMessage, text: string): Promise<Answer> {
  const parsed = parseBody(text)
  if (!parsed) return { status: 400, json: { message: 'the body is not a query', code: null } }
  if (!isSameLogin(String(request.headers['neon-connection-string'] ?? ''), upstream.databaseUrl)) {
    return { status: 400, json: { message: 'password authentication failed', code: '28P01', severity: 'FATAL' } }
  }
  let client: pg.PoolClient
  try {
    client = await upstream.pool.connect()
  } catch {
    return { status: 500, json: { message: 'could not connect to compute', code: null } }
  }
  let broken = false
  try {
    if ('queries' in parsed)
      return {
        status: 200,
        json: {
          results: await runBatch(client, parsed.queries, { request, onStatement: upstream.switches.onStatement }),
        },
      }
    return { status: 200, json: await runQuery(client, parsed) }
  } catch (error) {
    if (error instanceof pg.DatabaseError) return { status: 400, json: errorFields(error) }
    broken = true
    return { status: 500, json: { message: 'the connection to compute was lost', code: null } }
  } finally {
    await reset(client, broken)
  }
}

function parseBody(text: string): z.infer<typeof Body> | null {
  try {
    return Body.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

function isSameLogin(given: string, expected: string): boolean {
  if (!URL.canParse(given)) return false
  const [a, b] = [new URL(given), new URL(expected)]
  return a.username === b.username && a.password === b.password && a.pathname === b.pathname
}

async function runBatch(
  client: pg.PoolClient,
  queries: readonly Query[],
  { request, onStatement }: Pick<ProxySwitches, 'onStatement'> & { readonly request: IncomingMessage },
): Promise<unknown[]> {
  const level = ISOLATION[String(request.headers['neon-batch-isolation-level'] ?? '')]
  const modes = [
    ...(level ? [`isolation level ${level}`] : []),
    ...(request.headers['neon-batch-read-only'] === 'true' ? ['read only'] : []),
    ...(request.headers['neon-batch-deferrable'] === 'true' ? ['deferrable'] : []),
  ]
  await client.query(`begin ${modes.join(', ')}`)
  const results: unknown[] = []
  for (const query of queries) {
    results.push(await runQuery(client, query))
    await onStatement?.()
  }
  await client.query('commit')
  return results
}

/** The extended protocol takes one statement and text parameters without types, as Neon sends them. */
async function runQuery(client: pg.PoolClient, { query, params }: Query): Promise<unknown> {
  const config = {
    text: query,
    values: params.map(toText),
    rowMode: 'array',
    queryMode: 'extended',
    types: TEXT_ONLY,
  } as const
  const result = await client.query(config)
  return {
    fields: result.fields,
    rows: result.rows,
    command: result.command,
    rowCount: result.rowCount,
    rowAsArray: true,
  }
}

const TEXT_ONLY = { getTypeParser: () => (value: string) => value }

function toText(param: unknown): string | null {
  if (param === null || param === undefined) return null
  return typeof param === 'string' ? param : JSON.stringify(param)
}

function errorFields(error: pg.DatabaseError): Record<string, unknown> {
  const fields = ERROR_FIELDS.map((field): [string, unknown] => [field, error[field] ?? null])
  return { message: error.message, ...Object.fromEntries(fields) }
}

/**
 * What Neon's own proxy sends after each request, in one message (its tokio-postgres2, `reset_session_background`): all
 * of DISCARD ALL but DISCARD PLANS, so what a request has set does not reach the next one, and a function's plans stay.
 */
const RESET = `rollback; close all; set session authorization default; reset all; deallocate all; unlisten *;
  select pg_advisory_unlock_all(); discard temp; discard sequences`

async function reset(client: pg.PoolClient, broken: boolean): Promise<void> {
  if (broken) return client.release(true)
  try {
    await client.query(RESET)
    client.release()
  } catch {
    client.release(true)
  }
}

function sendJson(response: ServerResponse, status: number, json: unknown): void {
  const text = JSON.stringify(json)
  const isTooLarge = text.length > BYTES_MAX
  const body = isTooLarge ? '{"message":"response is too large","code":null}' : text
  response.statusCode = isTooLarge ? 507 : status
  response.setHeader('content-type', 'application/json')
  response.setHeader('content-length', Buffer.byteLength(body))
  response.end(body)
}
