// The whole service as a set of processes that can be killed one by one: PostgreSQL, the Neon endpoint, the Worker.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { stopGroup } from '#dev/children.ts'
import { freePort } from '#dev/free-port.ts'
import { LOCAL_AUDIENCE, LOCAL_ISSUER } from '#dev/local-secrets.ts'
import { applyMigrations } from '#dev/migrate.ts'
import { type NeonProxy, startNeonProxy } from '#dev/neon-proxy.ts'
import { type Postgres, startPostgres } from '#dev/postgres.ts'
import { mintToken } from '#dev/token.ts'
import { startTicker, startWorker, type Worker } from '#dev/worker.ts'
import { CONTROL_PATH, type Trouble } from './chaos-trouble.ts'

const JWT_SECRET = 'a secret of the chaos run, as long as it has to be'
const TOKEN_SECONDS = 6 * 3600
const RESTARTS_MAX = 20

export interface Service {
  readonly url: string
  readonly proxy: NeonProxy
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
  ) => Promise<{ readonly status: number; readonly json: never }>
  readonly query: <Row>(text: string) => Promise<Row[]>
  readonly trouble: (change: Partial<Trouble>) => Promise<void>
  readonly killWorker: () => Promise<void>
  readonly killPostgres: () => Promise<void>
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
  const database = async () =>
    startPostgres({ directory: join(directory, 'postgres'), durable: true, port: databasePort })
  let postgres: Postgres = await database()
  await applyMigrations(postgres.url)
  const proxy = await startNeonProxy(postgres.url)
  const config = writeConfig(directory)
  const bindings = {
    ...{ ENVIRONMENT: 'development', NEON_FETCH_ENDPOINT: proxy.endpoint, AUTH_JWT_SECRET: JWT_SECRET },
    ...{ AUTH_ISSUER: LOCAL_ISSUER, AUTH_AUDIENCE: LOCAL_AUDIENCE, EGRESS_ALLOW_ORIGINS: origins.join(',') },
    ...{ SYNC_RETRY_BASE_SECONDS: '0.5', THROTTLE_WAIT_SCALE: '0.01', ...vars },
  }
  const secrets = {
    DATABASE_URL: postgres.url,
    ENCRYPTION_KEYS: `chaos:${Buffer.alloc(32, 1).toString('base64')}`,
  }
  let state: Partial<Trouble> = {}
  const startOne = async () => startWorker({ port, directory, config, secrets, vars: bindings })
  let worker: Worker = await startOne()
  const ticker = startTicker(worker.url, tickSeconds)
  const token = await mintToken(JWT_SECRET, { businessId: null, scope: 'admin', ttlSeconds: TOKEN_SECONDS })
  const send = async (method: string, path: string, body?: unknown) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    }
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
    const answer = await fetch(`${worker.url}${path}`, init)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whoever asks knows what it asked for
    return { status: answer.status, json: (await answer.json()) as never }
  }
  const trouble = async (change: Partial<Trouble>) => {
    state = { ...state, ...change }
    await send('PUT', CONTROL_PATH, state)
  }
  return {
    url: worker.url,
    proxy,
    call: send,
    query: async <Row>(text: string) => {
      const client = new pg.Client({ connectionString: postgres.url })
      await client.connect()
      try {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
        return (await client.query(text)).rows as Row[]
      } finally {
        await client.end()
      }
    },
    trouble,
    killWorker: async () => {
      process.kill(-(worker.process.pid ?? 0), 'SIGKILL')
      await new Promise((settle) => worker.process.once('exit', settle))
      worker = await startOne()
      await trouble({})
    },
    killPostgres: async () => {
      await postgres.kill()
      postgres = await again(database)
    },
    workerPid: () => worker.process.pid ?? 0,
    close: async () => {
      ticker.stop()
      await stopGroup(worker.process)
      await proxy.close()
      await postgres.stop()
      rmSync(directory, { recursive: true, force: true })
    },
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
    .replaceAll('main = "src/index.ts"', `main = "${join(import.meta.dirname, 'chaos-worker.ts')}"`)
    .replaceAll('directory = "./', `directory = "${root}/`)
  const file = join(directory, 'wrangler.toml')
  writeFileSync(file, text)
  return file
}
