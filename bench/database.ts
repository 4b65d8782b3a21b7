// The database of a bench or a proof: in a PostgreSQL of our own, migrated, with the Neon endpoint before it. However
// the process ends, the server ends with it.
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { freePort } from '#dev/free-port.ts'
import { applyMigrations } from '#dev/migrate.ts'
import { type NeonProxy, startNeonProxy } from '#dev/neon-proxy.ts'
import { type Postgres, startPostgres } from '#dev/postgres.ts'
import { watch } from './children.ts'

const RESTARTS_MAX = 20

export interface Database {
  /** For whatever else belongs to it; removed by `close`. */
  readonly directory: string
  readonly url: string
  readonly proxy: NeonProxy
  /** SIGKILLs the server, which is down for as long as `during` takes. */
  readonly crash: (during?: () => Promise<void>) => Promise<void>
  readonly close: () => Promise<void>
}

export type OpenDatabase = () => Promise<Database>

interface Server {
  readonly openDatabase: OpenDatabase
  readonly close: () => Promise<void>
}

/** A database that has a server for itself, as durable as a real one. */
export async function openDatabase(): Promise<Database> {
  const server = await startServer(true)
  const database = await server.openDatabase()
  const close = async () => {
    await database.close()
    await server.close()
  }
  return { ...database, close }
}

/** One server for any number of databases: starts sooner, and is no place to measure anything. */
export async function shareServer(): Promise<Server> {
  return startServer(false)
}

async function startServer(durable: boolean): Promise<Server> {
  const directory = mkdtempSync(join(tmpdir(), 'crm-integrations-bench-'))
  // PostgreSQL, which runs as another user, reads files that a bench writes.
  chmodSync(directory, 0o755)
  const options = { directory: join(directory, 'postgres'), durable, port: await freePort() }
  const start = async (): Promise<Postgres> => {
    const postgres = await startPostgres(options)
    watch(postgres.pid, postgres.exited)
    return postgres
  }
  let postgres = await start()
  await applyMigrations(postgres.url)
  const crash: Database['crash'] = async (during) => {
    await postgres.kill()
    await during?.()
    postgres = await restart(start)
  }
  let opened = 0
  return {
    openDatabase: async () => {
      opened += 1
      const url = await copyDatabase(postgres.url, `bench_${opened}`)
      const proxy = await startNeonProxy(url)
      const own = join(directory, String(opened))
      mkdirSync(own)
      const close = async () => {
        await proxy.close()
        rmSync(own, { recursive: true, force: true })
      }
      return { directory: own, url, proxy, crash, close }
    },
    close: async () => {
      await postgres.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** The migrated database, which has no connections, under another name. */
async function copyDatabase(template: string, name: string): Promise<string> {
  const [url, admin] = [new URL(template), new URL(template)]
  admin.pathname = '/postgres'
  const client = new pg.Client({ connectionString: admin.href })
  await client.connect()
  await client.query(`create database ${name} template ${url.pathname.slice(1)}`)
  await client.end()
  url.pathname = `/${name}`
  return url.href
}

/** The processes of a server that was killed take a moment to notice, and hold the folder until then. */
export async function restart<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start()
    } catch (error) {
      if (attempt === RESTARTS_MAX) throw error
      await sleep(200)
    }
  }
}
