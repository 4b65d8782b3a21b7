// A database that has been in use since the first migration: all later ones together keep what it has, and the engine
// works on with it.
import { randomUUID } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { sealCredentials } from '#connections/credentials.ts'
import { afterRestore, JUMP } from '#dev/after-restore.ts'
import { isMigrated } from '#db/reachable.ts'
import { applyMigrations } from '#dev/migrate.ts'
import type { LedgerEntry } from '#sandbox/yclients/ledger.ts'
import { createYclientsSandbox } from '#sandbox/yclients.ts'
import { ownDatabase } from '#test/databases.ts'
import { type Engine, openEngine, VENDOR_URL } from './engine.ts'

const MIGRATIONS = join(import.meta.dirname, '../../migrations')
const { ownerUrl } = ownDatabase()
const [businessId, integrationId, runId, undoId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]
const sandbox = createYclientsSandbox({ demo: true, days: 10 })
const names = ['new', 'old'].map((name) => `upgrade_${name}_${process.env['VITEST_POOL_ID']}`)
const folder = mkdtempSync(join(tmpdir(), 'crm-integrations-upgrade-'))
const clients: pg.Client[] = []
const engines: Engine[] = []

const Journal = z.looseObject({
  entries: z.array(z.looseObject({ tag: z.string(), when: z.int() })),
})
const journalIn = (directory: string) =>
  Journal.parse(JSON.parse(readFileSync(join(directory, 'meta/_journal.json'), 'utf8')))

/** A folder with the first migration alone. */
function firstMigration(): string {
  cpSync(MIGRATIONS, folder, { recursive: true })
  const journal = journalIn(folder)
  writeFileSync(
    join(folder, 'meta/_journal.json'),
    JSON.stringify({ ...journal, entries: journal.entries.slice(0, 1) }),
  )
  return folder
}

async function createDatabase(name: string, migrations = MIGRATIONS): Promise<{ url: string; client: pg.Client }> {
  const owner = new pg.Client({ connectionString: ownerUrl })
  await owner.connect()
  await owner.query(`create database ${name}`)
  await owner.end()
  const url = new URL(ownerUrl)
  url.pathname = `/${name}`
  await applyMigrations(url.href, migrations)
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  clients.push(client)
  return { url: url.href, client }
}

async function open(url: string): Promise<Engine> {
  const engine = await openEngine(url, sandbox)
  engines.push(engine)
  return engine
}

/** A salon that was synced by the engine as it is now. */
async function syncedSalon(url: string, client: pg.Client): Promise<void> {
  const { context, sync } = await open(url)
  const { apiKey, apiSecret, companyId } = sandbox.credentials
  const sealed = await sealCredentials(context, { id: integrationId, businessId }, { apiKey, apiSecret }, null)
  await client.query('insert into businesses (id, name, timezone, currency) values ($1, $2, $3, $4)', [
    ...[businessId, 'Салон', 'Europe/Moscow', 'RUB'],
  ])
  await client.query(
    `insert into crm_integrations (id, business_id, crm_type, api_url, api_key, api_secret, additional_config, sync_enabled)
      values ($1, $2, 'yclients', $3, $4, $5, $6, true)`,
    [integrationId, businessId, VENDOR_URL, sealed.apiKey, sealed.apiSecret, JSON.stringify({ companyId })],
  )
  await sync(integrationId)
}

async function tablesOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`,
  )
  return rows.map(({ name }) => name)
}

async function columnsOf(client: pg.Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
    [table],
  )
  return rows.map(({ name }) => name)
}

/** Fills the tables of the first migration with what its own engine would have stored of the same salon. */
async function copyDown(from: pg.Client, to: pg.Client): Promise<void> {
  for (const table of ['businesses', 'crm_integrations', 'crm_transactions', 'sync_runs']) {
    const known = new Set(await columnsOf(from, table))
    const columns = (await columnsOf(to, table)).filter((name) => known.has(name)).join(', ')
    const { rows } = await from.query<{ rows: string }>(`select json_agg(t)::text as rows from ${table} t`)
    await to.query(
      `insert into ${table} (${columns}) select ${columns} from json_populate_recordset(null::${table}, $1::json)`,
      [rows[0]?.rows],
    )
  }
}

/** A row in every table that a sync of a salon leaves empty. */
async function fillTheRest(client: pg.Client): Promise<void> {
  const [id, other] = [`'${integrationId}'::uuid`, `'${randomUUID()}'::uuid`]
  await client.query(`
    insert into transaction_changes (integration_id, change_seq, transaction_id, before, source)
      select integration_id, change_seq, id, '{"status":"unpaid"}', 'schedule' from crm_transactions limit 5;
    insert into file_notes (integration_id, file_id, key, parts) values (${id}, ${other}, ${other}, '[]');
    insert into issues (integration_id, business_id, code, severity, whose_turn, params)
      values (${id}, '${businessId}', 'records_unreadable', 'warning', 'operator', '{"records":"1"}');
    insert into oauth_grants (integration_id, access_until) values (${id}, now());
    insert into oauth_states (state_hash, business_id, subject, expires_at)
      values ('\\x01', '${businessId}', 'person', now());
    insert into open_uploads (integration_id, file_id, upload_id) values (${id}, ${other}, 'upload');
    insert into quarantined_records (integration_id, record_key, reason) values (${id}, 'record:1', 'wrong');
    insert into sync_runs (id, integration_id, trigger, status, settings_epoch, finished_at)
      values ('${runId}', ${id}, 'import', 'succeeded', 1, now());
    insert into rejected_rows (run_id, line, reason) values ('${runId}', 2, 'no_date');
    insert into unpaid_observations (integration_id, external_id, seen_seq) values (${id}, 'record:2', 1);
    insert into webhook_deliveries (integration_id, dedupe_key, status) values (${id}, 'd', 'done');
    insert into webhook_refusals (crm_type, day, answers) values ('yclients', current_date, 1);
    insert into webhook_usage (integration_id, day, bytes) values (${id}, current_date, 1)`)
}

async function countsOf(client: pg.Client, tables: readonly string[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const table of tables) {
    const { rows } = await client.query<{ n: number }>(`select count(*)::int as n from ${table}`)
    counts[table] = rows[0]?.n ?? 0
  }
  return counts
}

/** Every sale that is or was paid, as the salon's books have it. */
async function storedIn(client: pg.Client): Promise<Pick<LedgerEntry, 'externalId' | 'status' | 'amountMinor'>[]> {
  const { rows } = await client.query<LedgerEntry>(`
    select external_id as "externalId", status, amount_minor::float8 as "amountMinor" from crm_transactions order by 1`)
  return rows
}

function books(): unknown[] {
  const shown = sandbox.ledger().map(({ externalId, status, amountMinor }) => ({ externalId, status, amountMinor }))
  return shown.toSorted((a, b) => (a.externalId < b.externalId ? -1 : 1))
}

const feed = async (client: pg.Client) =>
  (
    await client.query<{ change_seq: string; transaction_id: string }>(
      'select change_seq, transaction_id from transaction_feed order by 1',
    )
  ).rows

let old: Awaited<ReturnType<typeof createDatabase>>
let tables: readonly string[]

beforeAll(async () => {
  const [newName = '', oldName = ''] = names
  const present = await createDatabase(newName)
  await syncedSalon(present.url, present.client)
  old = await createDatabase(oldName, firstMigration())
  await copyDown(present.client, old.client)
  await fillTheRest(old.client)
  tables = await tablesOf(old.client)
})

afterAll(async () => {
  for (const engine of engines) await engine.close()
  for (const client of clients) await client.end()
  const owner = new pg.Client({ connectionString: ownerUrl })
  await owner.connect()
  for (const name of names) await owner.query(`drop database if exists ${name} with (force)`)
  await owner.end()
  rmSync(folder, { recursive: true, force: true })
})

it('keeps every row of a database of the first migration, and fills the change feed', async () => {
  const before = await countsOf(old.client, tables)
  expect(Object.entries(before).filter(([, rows]) => rows === 0)).toEqual([])
  const sales = await storedIn(old.client)
  const { db } = (await open(old.url)).context
  expect(await isMigrated(db)).toBe(false)
  await applyMigrations(old.url)
  expect(await isMigrated(db)).toBe(true)
  expect(await countsOf(old.client, tables)).toEqual(before)
  expect(await storedIn(old.client)).toEqual(sales)
  const { rows } = await old.client.query('select change_seq, id as transaction_id from crm_transactions order by 1')
  expect(await feed(old.client)).toEqual(rows)
})

it('is ready as long as it lacks nothing that this version needs', async () => {
  const { db } = (await open(old.url)).context
  const later = Date.now() + 86_400_000
  await old.client.query(
    `insert into drizzle.__drizzle_migrations (hash, created_at) values ('of a later one', ${later})`,
  )
  expect(await isMigrated(db)).toBe(true)
  await old.client.query(`delete from drizzle.__drizzle_migrations where created_at = ${later}`)
  const newest = 'select max(created_at) from drizzle.__drizzle_migrations'
  await old.client.query(
    `update drizzle.__drizzle_migrations set created_at = created_at - 1 where created_at = (${newest})`,
  )
  expect(await isMigrated(db)).toBe(false)
})

it('goes on from there: old credentials open, and a sync finds exactly what has changed', async () => {
  const engine = await open(old.url)
  const { salon } = sandbox
  const removed = salon.ledger().find(({ status, externalId }) => status === 'paid' && externalId.startsWith('record:'))
  salon.withdrawPayment(Number(removed?.externalId.slice('record:'.length)))
  salon.sell(salon.now(), [{ id: 3360, title: 'Шампунь', quantity: 1, kopecks: 50_000 }])
  await engine.sync(integrationId)
  const { rows } = await old.client.query(
    `
    select status, inserted, updated, error from sync_runs where integration_id = $1 order by created_at desc limit 1`,
    [integrationId],
  )
  expect(rows).toEqual([{ status: 'succeeded', inserted: 1, updated: 1, error: null }])
  const stored = await storedIn(old.client)
  expect(stored).toEqual(books())
  expect((await feed(old.client)).length).toBe(stored.length)
})

it('needs migrations in the order of their times', () => {
  const times = journalIn(MIGRATIONS).entries.map(({ when }) => when)
  // A migration that is older than one a database already has would never run there.
  expect(times).toEqual(times.toSorted((a, b) => a - b))
})

describe('after a restore', () => {
  it('every sale comes again in the feeds, in the same order, behind whatever a reader has read', async () => {
    const former = await feed(old.client)
    await old.client.query(
      `insert into sync_runs (id, integration_id, trigger, task, status, settings_epoch, cursor)
        values ($1, $2, 'import', 'undo', 'queued', 1, '{"importId":"x","after":5,"upTo":40,"total":3}')`,
      [undoId, integrationId],
    )
    const { rows: before } = await old.client.query('select change_seq, lease_epoch from crm_integrations')
    expect(await afterRestore(old.url)).toEqual({ integrations: 1, sales: former.length })
    const raised = (seq: string) => String(Number(seq) + JUMP)
    expect(await feed(old.client)).toEqual(
      former.map((one) => ({ change_seq: raised(one.change_seq), transaction_id: one.transaction_id })),
    )
    const { rows: after } = await old.client.query('select change_seq, lease_epoch from crm_integrations')
    expect(after).toEqual(
      before.map((one) => ({ change_seq: raised(one.change_seq), lease_epoch: raised(one.lease_epoch) })),
    )
    const { rows: undo } = await old.client.query('delete from sync_runs where id = $1 returning cursor', [undoId])
    expect(undo[0].cursor).toMatchObject({ after: JUMP + 5, upTo: JUMP + 40, total: 3 })
  })

  it('the engine goes on, and its changes follow', async () => {
    const { sync } = await open(old.url)
    const { rows: before } = await old.client.query('select max(change_seq) as seq from transaction_feed')
    sandbox.salon.sell(sandbox.salon.now(), [{ id: 3360, title: 'Шампунь', quantity: 1, kopecks: 60_000 }])
    await sync(integrationId)
    expect(await storedIn(old.client)).toEqual(books())
    const { rows: later } = await old.client.query('select from transaction_feed where change_seq > $1', [
      before[0].seq,
    ])
    expect(later).toHaveLength(1)
    const { rows: apart } = await old.client.query(`select from crm_transactions t full join transaction_feed f
      on f.transaction_id = t.id and f.change_seq = t.change_seq where t.id is null or f.transaction_id is null`)
    expect(apart).toEqual([])
  })
})
