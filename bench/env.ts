// What the benches run on: a database of their own with one business and its integration.
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type { Context, LaneQueue } from '#context.ts'
import { createDb } from '#db/client.ts'
import { systemClock } from '#lib/clock.ts'
import { createLog } from '#lib/log.ts'
import type { NeonProxy } from '#dev/neon-proxy.ts'
import type { OpenDatabase } from './database.ts'

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

/** The name of the bench's own sessions, beside those of the endpoint. */
export const OWN_SESSIONS = 'bench'

/** Opens an environment, and closes it whatever becomes of `use`. */
export async function withEnv<T>(open: OpenDatabase, use: (env: BenchEnv) => Promise<T>): Promise<T> {
  const env = await openEnv(open)
  try {
    return await use(env)
  } finally {
    await env.close()
  }
}

export async function openEnv(open: OpenDatabase): Promise<BenchEnv> {
  const database = await open()
  const { directory, url, proxy } = database
  const pool = new pg.Pool({ connectionString: url, application_name: OWN_SESSIONS })
  // The server may be stopped before the last idle connection is closed.
  pool.on('error', () => undefined)
  const close = async () => {
    await pool.end()
    await database.close()
  }
  return {
    ...{ directory, databaseUrl: url, endpoint: proxy.endpoint, proxy },
    openContext: () => contextOf(url, proxy.endpoint),
    ...(await addIntegration(pool, 'yclients')),
    ...{ pool, close },
  }
}

function contextOf(databaseUrl: string, endpoint: string): Context {
  const db = createDb({
    ...{ databaseUrl, endpoint, fetch: async (input, init) => fetch(input, init) },
    ...{ clock: systemClock, random: Math.random },
  })
  const done = async () => ({ metadata: { metrics: await metrics() } })
  const metrics = async () => ({ backlogCount: 0, backlogBytes: 0, oldestMessageTimestamp: new Date() })
  const queue: LaneQueue = { sendBatch: done, metrics }
  const queues = { live: queue, bulk: queue, hooks: queue, events: queue }
  const context: Pick<Context, 'clock' | 'db' | 'log' | 'queues'> = { db, clock: systemClock, log: createLog(), queues }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- neither reading nor writing asks for more
  return context as Context
}

/** A business with an integration of its own. */
export async function addIntegration(
  pool: pg.Pool,
  crmType: 'yclients' | 'csv',
): Promise<{ readonly businessId: string; readonly integrationId: string }> {
  const [businessId, integrationId] = [randomUUID(), randomUUID()]
  await pool.query(
    `insert into businesses (id, name, timezone, currency) values ($1, 'Bench', 'Europe/Moscow', 'RUB')`,
    [businessId],
  )
  await pool.query(`insert into crm_integrations (id, business_id, crm_type) values ($1, $2, $3)`, [
    ...[integrationId, businessId, crmType],
  ])
  return { businessId, integrationId }
}

interface RunOptions {
  readonly settingsEpoch?: number
  readonly brakeOff?: boolean
  readonly trigger?: 'manual' | 'schedule'
}

/** A run that waits to be taken, started by a person if nothing else is said. */
export async function addRun(
  pool: pg.Pool,
  integrationId: string,
  { settingsEpoch = 0, brakeOff = false, trigger = 'manual' }: RunOptions = {},
): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    `insert into sync_runs (integration_id, trigger, status, settings_epoch, brake_off)
      values ($1, $4, 'queued', $2, $3) returning id`,
    [integrationId, settingsEpoch, brakeOff, trigger],
  )
  return rows[0]?.id ?? ''
}

/** The environment's integration holds so many, one a minute back from now, numbered in the order of their time. */
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
  await pool.query(
    `insert into transaction_feed select integration_id, change_seq, id from crm_transactions where integration_id = $1`,
    [integrationId],
  )
  await pool.query('update crm_integrations set change_seq = $2 where id = $1', [integrationId, rows])
  await pool.query('vacuum analyze')
}

export async function countTransactions(pool: pg.Pool, integrationId: string): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'select count(*)::int as count from crm_transactions where integration_id = $1',
    [integrationId],
  )
  return rows[0]?.count ?? 0
}
