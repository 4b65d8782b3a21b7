// Once for all test projects: a throw-away PostgreSQL, and for each test worker a database of its own in it, with the Neon
// endpoint in front: schedule, clean-up and health look at everything that is there, so workers would disturb each other.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { applyMigrations } from '#dev/migrate.ts'
import { type NeonProxy, startNeonProxy } from '#dev/neon-proxy.ts'
import { startPostgres } from '#dev/postgres.ts'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = mkdtempSync(join(tmpdir(), 'crm-integrations-test-'))
  const postgres = await startPostgres({ directory, durable: false })
  const [first, second] = [await createDatabase(postgres.url, 'first'), await createDatabase(postgres.url, 'second')]
  project.provide('databases', [first.database, second.database])
  return async () => {
    await first.proxy.close()
    await second.proxy.close()
    await postgres.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

async function createDatabase(serverUrl: string, name: string): Promise<{ database: TestDatabase; proxy: NeonProxy }> {
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  await applyMigrations(url.href)
  const proxy = await startNeonProxy(url.href)
  return { database: { url: url.href, endpoint: proxy.endpoint }, proxy }
}

interface TestDatabase {
  readonly url: string
  /** The Neon endpoint before it. */
  readonly endpoint: string
}

declare module 'vitest' {
  interface ProvidedContext {
    databases: readonly [TestDatabase, TestDatabase]
  }
}
