// What the benches run on: a PostgreSQL of their own, the Neon endpoint before it, one business and its integration.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { Context } from '#context.ts'
import { createDb } from '#db/client.ts'
import { createLog } from '#lib/log.ts'
import { applyMigrations } from '#dev/migrate.ts'
import { type NeonProxy, startNeonProxy } from '#dev/neon-proxy.ts'
import { startPostgres } from '#dev/postgres.ts'
import { watch } from './children.ts'

export interface BenchEnv {
  readonly directory: string
  readonly databaseUrl: string
  readonly endpoint: string
  readonly proxy: NeonProxy
  /** As much of a Context as the engine's statements ask for, on this database. */
  readonly openContext: () => Context
  readonly businessId: string
  readonly integrationId: string
  readonly pool: pg.Pool
  readonly close: () => Promise<void>
}

export async function createBenchEnv(): Promise<BenchEnv> {
  const directory = mkdtempSync(join(tmpdir(), 'crm-integrations-bench-'))
  const postgres = await startPostgres({ directory: join(directory, 'postgres'), durable: true })
  watch(postgres.pid, postgres.exited)
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
    openContext: () => contextOf(postgres.url, proxy.endpoint),
    ...{ businessId, integrationId, pool, close },
  }
}

function contextOf(databaseUrl: string, endpoint: string): Context {
  const db = createDb({ databaseUrl, endpoint, fetch: async (input, init) => fetch(input, init) })
  const done = async () => ({ metadata: { metrics: await metrics() } })
  const metrics = async () => ({ backlogCount: 0, backlogBytes: 0, oldestMessageTimestamp: new Date() })
  const queue: Context['queue'] = { sendBatch: done, metrics }
  const context: Pick<Context, 'db' | 'log' | 'queue'> = { db, log: createLog(), queue }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- neither reading nor writing asks for more
  return context as Context
}

/** The bed's integration holds so many transactions, one a minute back from now, numbered in the order of their time. */
export async function storeTransactions({ pool, businessId, integrationId }: BenchEnv, rows: number): Promise<void> {
  await pool.query(
    `insert into crm_transactions (business_id, integration_id, external_id, kind, status, amount_minor, currency,
        occurred_at, customer_external_id, customer_name, customer_phone, items, source_updated_at, version_at,
        change_seq, seen_seq, settings_epoch)
      select $1, $2, 'stored:' || n, 'sale', 'paid', n % 100000, 'RUB', now() - n * interval '1 minute', n % 5000,
        'Анна Белова', '+7900' || lpad((n % 10000000)::text, 7, '0'),
        '[{"externalId":"1","name":"Стрижка","quantity":1,"amountMinor":10000}]', now(), now(), n, n, 0
      from generate_series(1, $3::bigint) n`,
    [businessId, integrationId, rows],
  )
  await pool.query('update crm_integrations set change_seq = $2 where id = $1', [integrationId, rows])
  await pool.query('vacuum analyze')
}
