// The history of sales by month: made ahead, filled, dropped and read, as the Worker's role does it.
import { randomUUID } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { applyMigrations } from '#dev/migrate.ts'
import { ownDatabase } from '#test/databases.ts'

const { url, ownerUrl } = ownDatabase()
const MIGRATIONS = join(import.meta.dirname, '../../migrations')

let worker: pg.Client
let owner: pg.Client

beforeEach(async () => {
  worker = new pg.Client({ connectionString: url })
  owner = new pg.Client({ connectionString: ownerUrl })
  await worker.connect()
  await owner.connect()
})
afterEach(async () => {
  await owner.query('call make_change_months(null)')
  await worker.end()
  await owner.end()
})

/** `transaction_changes_2026_11` for the month so many months from now. */
function month(offset: number): string {
  const now = new Date()
  const day = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1))
  return `transaction_changes_${day.toISOString().slice(0, 7).replace('-', '_')}`
}

async function partitions(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(`
    select inhrelid::regclass::text as name from pg_inherits
    where inhparent = 'transaction_changes'::regclass order by 1`)
  return rows.map(({ name }) => name)
}

async function change(client: pg.Client, { at = 'now()', source = 'manual', id = randomUUID() } = {}): Promise<string> {
  await client.query(`
    insert into transaction_changes (integration_id, change_seq, transaction_id, before, source, at)
    values ('${id}', 1, '${id}', '{}', '${source}', ${at})`)
  return id
}

async function placeOf(id: string): Promise<string | null> {
  const { rows } = await owner.query<{ name: string }>(
    'select tableoid::regclass::text as name from transaction_changes where transaction_id = $1',
    [id],
  )
  return rows[0]?.name ?? null
}

const call = async (text: string) => (await worker.query<Record<string, number>>(text)).rows[0]

describe('the partitions of the history', () => {
  it('are there for this month and three to come, and the Worker’s role has more made', async () => {
    const ahead = [month(0), month(1), month(2), month(3)]
    expect(await partitions(owner)).toEqual([...ahead, 'transaction_changes_default'].toSorted())
    expect(await call('call make_change_months(null)')).toEqual({ made: 0 })
    await owner.query(`drop table ${month(2)}, ${month(3)}`)
    expect(await call('call make_change_months(null)')).toEqual({ made: 2 })
    expect(await placeOf(await change(worker, { at: `now() + interval '2 months'` }))).toBe(month(2))
  })

  it('need not be there for a change to be written, and take over what came meanwhile', async () => {
    await owner.query(`drop table ${month(0)}`)
    const [now, old] = [await change(worker), await change(worker, { at: `now() - interval '2 years'` })]
    expect(await placeOf(now)).toBe('transaction_changes_default')
    expect(await call('call make_change_months(null)')).toEqual({ made: 1 })
    expect([await placeOf(now), await placeOf(old)]).toEqual([month(0), 'transaction_changes_default'])
  })

  it('go when their month was over at the time named, and not before', async () => {
    await owner.query(`select make_months('transaction_changes', now() - interval '5 months', now())`)
    const ids = []
    for (const offset of [-5, -4, -3]) {
      ids.push(await change(worker, { at: `date_trunc('month', now(), 'UTC') + interval '${offset} months 20 days'` }))
    }
    const at = `date_trunc('month', now(), 'UTC') - interval '3 months'`
    expect(await call(`call drop_change_months(${at} - interval '1 second', null)`)).toEqual({ dropped: 1 })
    expect(await call(`call drop_change_months(${at}, null)`)).toEqual({ dropped: 1 })
    const places = []
    for (const id of ids) places.push(await placeOf(id))
    expect(places).toEqual([null, null, month(-3)])
    // No mistake of a caller drops the present.
    expect(await call(`call drop_change_months(now() + interval '10 years', null)`)).toEqual({ dropped: 3 })
    expect(await partitions(owner)).toContain(month(0))
  })

  it('are nothing that the Worker’s role may change by itself', async () => {
    for (const text of [
      `select make_months('transaction_changes', now() - interval '1 year', now())`,
      `drop table ${month(1)}`,
      `alter table transaction_changes detach partition ${month(1)}`,
    ]) {
      // insufficient_privilege
      await expect(worker.query(text)).rejects.toMatchObject({ code: '42501' })
    }
  })

  it('are each read through an index', async () => {
    const id = randomUUID()
    await owner.query(`
      insert into transaction_changes (integration_id, change_seq, transaction_id, before, source, at)
      select '${id}', n, gen_random_uuid(), '{}', 'manual', now() + n % 4 * interval '1 month'
      from generate_series(1, 4000) n`)
    await owner.query('analyze transaction_changes')
    for (const condition of [`transaction_id = '${id}'`, `integration_id = '${id}' and change_seq > 3990`]) {
      const { rows } = await worker.query<{ 'QUERY PLAN': string }>(
        `explain select from transaction_changes where ${condition}`,
      )
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
      expect(plan).not.toMatch(/Seq Scan on transaction_changes_\d/)
    }
    await owner.query('delete from transaction_changes where integration_id = $1', [id])
  })
})

const Journal = z.looseObject({ entries: z.array(z.looseObject({ tag: z.string() })) })

describe('the migration that makes them', () => {
  it('keeps what a filled database has', async () => {
    const name = `filled_${process.env['VITEST_POOL_ID']}`
    const filled = new URL(ownerUrl)
    filled.pathname = `/${name}`
    const folder = mkdtempSync(join(tmpdir(), 'crm-integrations-partitions-'))
    cpSync(MIGRATIONS, folder, { recursive: true })
    const journal = join(folder, 'meta/_journal.json')
    const { entries, ...rest } = Journal.parse(JSON.parse(readFileSync(journal, 'utf8')))
    const before = entries.slice(
      0,
      entries.findIndex(({ tag }) => tag.endsWith('partition-changes')),
    )
    writeFileSync(journal, JSON.stringify({ ...rest, entries: before }))
    await owner.query(`create database ${name}`)
    const client = new pg.Client({ connectionString: filled.href })
    await client.connect()
    try {
      await migrate(drizzle(client), { migrationsFolder: folder })
      const ids = []
      for (const age of ['400 days', '40 days', '0 days']) {
        ids.push(await change(client, { at: `now() - interval '${age}'`, source: 'import' }))
      }
      const text = 'select * from transaction_changes order by at'
      const { rows } = await client.query(text)
      await applyMigrations(filled.href)
      expect((await client.query(text)).rows).toEqual(rows)
      const { rows: left } = await client.query('select from transaction_changes_default')
      expect([rows.length, left.length]).toEqual([3, 0])
    } finally {
      await client.end()
      await owner.query(`drop database ${name}`)
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
