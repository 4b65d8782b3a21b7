// Once for all test projects: a throw-away PostgreSQL with the schema in it, and the Neon endpoint in front of it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { applyMigrations } from '#dev/migrate.ts'
import { startNeonProxy } from '#dev/neon-proxy.ts'
import { startPostgres } from '#dev/postgres.ts'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = mkdtempSync(join(tmpdir(), 'crm-integrations-test-'))
  const postgres = await startPostgres({ directory, durable: false })
  await applyMigrations(postgres.url)
  const proxy = await startNeonProxy(postgres.url)
  project.provide('databaseUrl', postgres.url)
  project.provide('neonEndpoint', proxy.endpoint)
  return async () => {
    await proxy.close()
    await postgres.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

declare module 'vitest' {
  interface ProvidedContext {
    databaseUrl: string
    neonEndpoint: string
  }
}
