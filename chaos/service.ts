// The whole service as a set of processes that can be killed one by one: PostgreSQL, the Neon endpoint, the Worker.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { stopGroup } from '#dev/children.ts'
import { freePort } from '#dev/free-port.ts'
import { LOCAL_AUDIENCE, LOCAL_ISSUER } from '#dev/local-secrets.ts'
import { applyMigrations } from '#dev/migrate.ts'
import { type NeonProxy, startNeonProxy } from '#dev/neon-proxy.ts'
import { type Postgres, type PostgresOptions, startPostgres } from '#dev/postgres.ts'
import { mintToken } from '#dev/token.ts'
import { startTicker, startWorker, type Worker, type WorkerOptions } from '#dev/worker.ts'
import { CONTROL_PATH, type Disturbance } from './protocol.ts'
import { watch } from '#bench/children.ts'

const JWT_SECRET = 'a secret of the chaos run, as long as it has to be'
const TOKEN_SECONDS = 6 * 3600
const RESTARTS_MAX = 20

export interface Service {
  readonly url: string
  readonly proxy: NeonProxy
  /** `Json` is what the caller knows this path to answer. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller's own knowledge
  readonly call: <Json>(
    method: string,
    path: string,
    body?: unknown,
  ) => Promise<{ readonly status: number; readonly json: Json }>
  readonly query: <Row extends pg.QueryResultRow>(text: string) => Promise<Row[]>
  readonly disturb: (change: Partial<Disturbance>) => Promise<void>
  readonly killWorker: () => Promise<void>
  /** Leaves it dead for as long as `during` takes. */
  readonly killPostgres: (during?: () => Promise<void>) => Promise<void>
  readonly workerPid: () => number
  readonly close: () => Promise<void>
}

interface Options {
  readonly origins: readonly string[]
  readonly tickSeconds: number
  readonly vars?: Readonly<Record<string, string>>
}

export async function startService({ origins, tickSeconds, vars = {} }: Options): Promise<Service> {
  const directory = mkdtempSync(join(tmpdir(), 'crm-integrations-chaos-'))
  const [port, databasePort] = [await freePort(), await freePort()]
  const place = { directory: join(directory, 'postgres'), durable: true, port: databasePort }
  let postgres: Postgres = await startDatabase(place)
  await applyMigrations(postgres.url)
  const proxy = await startNeonProxy(postgres.url)
  const options = {
    ...{ port, directory, config: writeConfig(directory) },
    ...bindingsOf(postgres.url, proxy.endpoint, { EGRESS_ALLOW_ORIGINS: origins.join(','), ...vars }),
  }
  let worker: Worker = await startApi(options)
  const ticker = startTicker(worker.url, tickSeconds)
  const call = callerOf(
    worker.url,
    await mintToken(JWT_SECRET, { businessId: null, scope: 'admin', ttlSeconds: TOKEN_SECONDS }),
  )
  let state: Partial<Disturbance> = {}
  const disturb = async (change: Partial<Disturbance>) => {
    state = { ...state, ...change }
    await call('PUT', CONTROL_PATH, state)
  }
  return {
    ...{ url: worker.url, proxy, call, disturb: disturb },
    query: async (text) => queryOnce(postgres.url, text),
    workerPid: () => worker.process.pid ?? 0,
    killWorker: async () => {
      process.kill(-(worker.process.pid ?? 0), 'SIGKILL')
      await once(worker.process, 'exit')
      worker = await startApi(options)
      await disturb({})
    },
    killPostgres: async (during) => {
      await postgres.kill()
      await during?.()
      postgres = await again(async () => startDatabase(place))
    },
    close: async () => {
      ticker.stop()
      await stopGroup(worker.process)
      await proxy.close()
      await postgres.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function startDatabase(options: PostgresOptions): Promise<Postgres> {
  const postgres = await startPostgres(options)
  watch(postgres.pid, postgres.exited)
  return postgres
}

async function startApi(options: WorkerOptions): Promise<Worker> {
  const worker = await startWorker(options)
  watch(worker.process.pid, once(worker.process, 'exit'))
  return worker
}

function bindingsOf(databaseUrl: string, endpoint: string, vars: Readonly<Record<string, string>>) {
  return {
    secrets: { DATABASE_URL: databaseUrl, ENCRYPTION_KEYS: `chaos:${Buffer.alloc(32, 1).toString('base64')}` },
    vars: {
      ...{ ENVIRONMENT: 'development', NEON_FETCH_ENDPOINT: endpoint, AUTH_JWT_SECRET: JWT_SECRET },
      ...{ AUTH_ISSUER: LOCAL_ISSUER, AUTH_AUDIENCE: LOCAL_AUDIENCE },
      ...{ SYNC_RETRY_BASE_SECONDS: '0.5', THROTTLE_WAIT_SCALE: '0.01', ...vars },
    },
  }
}

function callerOf(url: string, token: string): Service['call'] {
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as above
  return async <Json>(method: string, path: string, body?: unknown) => {
    const headers = {
      ...{ accept: 'application/json', authorization: `Bearer ${token}` },
      ...(body !== undefined && { 'content-type': 'application/json' }),
    }
    const answer = await fetch(`${url}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
    return { status: answer.status, json: (await answer.json()) as Json }
  }
}

async function queryOnce<Row extends pg.QueryResultRow>(connectionString: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

/** The processes of a server that was killed take a moment to notice, and hold the folder until then. */
async function again<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start()
    } catch (error) {
      if (attempt === RESTARTS_MAX) throw error
      await sleep(200)
    }
  }
}

/** The project's configuration with the Worker of the chaos run in place of the service's own entry. */
function writeConfig(directory: string): string {
  const root = resolve(import.meta.dirname, '..')
  const text = readFileSync(join(root, 'wrangler.toml'), 'utf8')
    .replaceAll('main = "src/index.ts"', `main = "${join(import.meta.dirname, 'worker.ts')}"`)
    .replaceAll('directory = "./', `directory = "${root}/`)
  const file = join(directory, 'wrangler.toml')
  writeFileSync(file, text)
  return file
}
