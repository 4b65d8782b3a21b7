// The whole service as a set of processes that can be killed one by one: PostgreSQL, the Neon endpoint, the Worker.
import { readFileSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { watch } from '#bench/children.ts'
import type { Database, OpenDatabase } from '#bench/database.ts'
import { serviceBindings, tokenFor } from '#bench/serve.ts'
import { stopGroup } from '#dev/children.ts'
import { freePort } from '#dev/free-port.ts'
import type { NeonProxy } from '#dev/neon-proxy.ts'
import { startTicker, startWorker, type Worker, type WorkerOptions } from '#dev/worker.ts'
import { workerdOf } from './processes.ts'
import { CONTROL_PATH, type Disturbance } from './protocol.ts'

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
  /** Of the workerd that runs the Worker. */
  readonly workerPid: () => number
  readonly inspectorUrl: () => string
  /** It is down for as long as `during` takes. */
  readonly killPostgres: (during?: () => Promise<void>) => Promise<void>
  readonly close: () => Promise<void>
}

interface Options {
  readonly origins: readonly string[]
  readonly tickSeconds: number
  readonly vars?: Readonly<Record<string, string>>
}

export async function startService(open: OpenDatabase, { origins, tickSeconds, vars = {} }: Options): Promise<Service> {
  const database = await open()
  const { directory, proxy } = database
  const options = {
    ...{ port: await freePort(), directory, config: writeConfig(directory) },
    ...bindingsOf(database, { EGRESS_ALLOW_ORIGINS: origins.join(','), ...vars }),
  }
  let worker = await startWatched(options)
  const ticker = startTicker(worker.url, tickSeconds)
  const call = callerOf(worker.url, await tokenFor(null, 'admin'))
  let state: Partial<Disturbance> = {}
  const disturb = async (change: Partial<Disturbance>) => {
    state = { ...state, ...change }
    await call('PUT', CONTROL_PATH, state)
  }
  return {
    ...{ url: worker.url, proxy, call, disturb, killPostgres: database.crash },
    query: async (text) => queryOnce(database.url, text),
    workerPid: () => workerdOf(worker.process.pid ?? 0),
    inspectorUrl: () => worker.inspectorUrl,
    killWorker: async () => {
      process.kill(-(worker.process.pid ?? 0), 'SIGKILL')
      await once(worker.process, 'exit')
      worker = await startWatched(options)
      await disturb({})
    },
    close: async () => {
      ticker.stop()
      await stopGroup(worker.process)
      await database.close()
    },
  }
}

async function startWatched(options: WorkerOptions): Promise<Worker> {
  const worker = await startWorker(options)
  watch(worker.process.pid, once(worker.process, 'exit'))
  return worker
}

function bindingsOf({ url, proxy }: Database, added: Readonly<Record<string, string>>) {
  const bindings = serviceBindings({ databaseUrl: url, endpoint: proxy.endpoint })
  const { DATABASE_URL, ENCRYPTION_KEYS, ADDRESS_KEY, ...vars } = bindings
  return {
    secrets: { DATABASE_URL, ENCRYPTION_KEYS, ADDRESS_KEY },
    vars: { ...vars, SYNC_RETRY_BASE_SECONDS: '0.5', THROTTLE_WAIT_SCALE: '0.01', ...added },
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

/** The project's configuration with the Worker of the chaos run in place of the service's own entry. */
function writeConfig(directory: string): string {
  const root = resolve(import.meta.dirname, '..')
  const text = readFileSync(join(root, 'wrangler.toml'), 'utf8')
    .replaceAll('main = "src/index.ts"', `main = "${join(import.meta.dirname, 'worker.ts')}"`)
    .replaceAll('directory = "web/', `directory = "${root}/web/`)
    // The local queue hands out one batch at a time, and production some hundreds.
    .replaceAll(/(?<=queue = "crm-live"\n(?:#.*\n)*max_batch_size = )1/g, '5')
  const file = join(directory, 'wrangler.toml')
  writeFileSync(file, text)
  return file
}
