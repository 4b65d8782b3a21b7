// What the benches run on: a PostgreSQL of their own, the Neon endpoint before it, one business and its integration.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { applyMigrations } from '#dev/migrate.ts'
import { type NeonProxy, startNeonProxy } from '#dev/neon-proxy.ts'
import { startPostgres } from '#dev/postgres.ts'

export interface Bed {
  readonly directory: string
  readonly databaseUrl: string
  readonly endpoint: string
  readonly proxy: NeonProxy
  readonly businessId: string
  readonly integrationId: string
  readonly pool: pg.Pool
  readonly close: () => Promise<void>
}

export async function createBed(): Promise<Bed> {
  const directory = mkdtempSync(join(tmpdir(), 'crm-integrations-bench-'))
  const postgres = await startPostgres({ directory: join(directory, 'postgres'), durable: true })
  await applyMigrations(postgres.url)
  const proxy = await startNeonProxy(postgres.url)
  const pool = new pg.Pool({ connectionString: postgres.url })
  // The server may be stopped before the last idle connection is closed.
  pool.on('error', () => undefined)
  const [businessId, integrationId] = [randomUUID(), randomUUID()]
  await pool.query(
    `insert into businesses (id, name, timezone, currency) values ($1, 'Bench', 'Europe/Moscow', 'RUB')`,
    [businessId],
  )
  await pool.query(`insert into crm_integrations (id, business_id, crm_type) values ($1, $2, 'yclients')`, [
    integrationId,
    businessId,
  ])
  const close = async () => {
    await pool.end()
    await proxy.close()
    await postgres.stop()
    rmSync(directory, { recursive: true, force: true })
  }
  return {
    ...{ directory, databaseUrl: postgres.url, endpoint: proxy.endpoint, proxy },
    ...{ businessId, integrationId, pool, close },
  }
}
