// A copy of the database is filled with a mark in every column that can hold one, and scrubbed.
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyMigrations } from '#dev/migrate.ts'
import { scrub, ScrubError } from '#dev/scrub.ts'
import { createDatabase } from '#test/fresh-database.ts'

const MARK = 'Иванова +79161234567'
let databaseUrl: string
let client: pg.Client

interface Column {
  readonly table: string
  readonly column: string
  readonly type: string
  readonly length: number | null
}

beforeAll(async () => {
  databaseUrl = await createDatabase('copy')
  await applyMigrations(databaseUrl)
  client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
})
afterAll(async () => client.end())

async function columnsOf(): Promise<Column[]> {
  const { rows } = await client.query<Column>(`
    select c.table_name as "table", c.column_name as "column", c.udt_name as "type", c.character_maximum_length as "length"
    from information_schema.columns c join pg_class r on r.oid = c.table_name::regclass
    where c.table_schema = 'public' and not r.relispartition`)
  return rows
}

/** What a column of such a type holds; texts and bytes hold the mark. */
function valueFor({ type, length }: Column): string {
  const values: Readonly<Record<string, string>> = {
    uuid: `'${randomUUID()}'`,
    timestamptz: 'now()',
    date: 'current_date',
    bool: 'true',
    jsonb: `'{"name": "${MARK}"}'`,
    bytea: `convert_to('${MARK}', 'UTF8')`,
    _text: `array['${MARK}']`,
    _timestamptz: 'array[now()]',
  }
  if (['text', 'varchar', 'bpchar'].includes(type)) return `left('${MARK}', ${length ?? 1000})`
  return values[type] ?? '1'
}

/** A row in every table, which no constraint would allow. */
async function fill(): Promise<void> {
  const { rows } = await client.query<{ statement: string }>(`
    select format('alter table %s drop constraint %I cascade', conrelid::regclass, conname) as statement
    from pg_constraint where connamespace = 'public'::regnamespace and contype in ('c', 'f') and conparentid = 0
      and coninhcount = 0`)
  for (const { statement } of rows) await client.query(statement)
  for (const [table, columns] of Map.groupBy(await columnsOf(), (one) => one.table)) {
    const names = columns.map(({ column }) => pg.escapeIdentifier(column)).join(', ')
    await client.query(`insert into ${table} (${names}) values (${columns.map(valueFor).join(', ')})`)
  }
  await client.query(`update deployment set deployment_id = 'production'`)
  // The planner samples what stands in a column more than once.
  await client.query(`
    insert into rejected_rows select r.run_id, r.line + n, r.column_name, r.reason, r.raw
    from rejected_rows r, generate_series(1, 3) n`)
  await client.query(`
    insert into businesses select (jsonb_populate_record(b, jsonb_build_object('id', gen_random_uuid()))).*
    from businesses b, generate_series(1, 3)`)
  await client.query('analyze')
}

async function sampled(): Promise<string[]> {
  const { rows } = await client.query<{ at: string }>(
    `select tablename || '.' || attname as at from pg_stats
      where schemaname = 'public' and most_common_vals::text like '%' || $1 || '%' order by 1`,
    [MARK],
  )
  return rows.map(({ at }) => at)
}

async function marked(): Promise<string[]> {
  const found = []
  for (const { table, column, length } of await columnsOf()) {
    const mark = MARK.slice(0, length ?? 100)
    const { rows } = await client.query(
      `select from ${table} t where to_jsonb(t) ->> $1 like '%' || $2 || '%' or to_jsonb(t) ->> $1 like $3`,
      [column, mark, `%${Buffer.from(mark).toString('hex')}%`],
    )
    if (rows.length > 0) found.push(`${table}.${column}`)
  }
  return found
}

/** Words of closed lists, and the zone. */
const WORDS = [
  ...['businesses.timezone', 'businesses.currency', 'crm_integrations.crm_type', 'crm_transactions.kind'],
  ...['crm_transactions.status', 'crm_transactions.currency', 'crm_integrations.last_sync_status'],
  'kept_integrations.crm_type',
]

describe('a copy', () => {
  it('is refused while it may be the original', async () => {
    await client.query(`insert into deployment (deployment_id) values ('production')`)
    const scrubbed = async (copyOf: string, deploymentId: string) => scrub({ databaseUrl, copyOf, deploymentId })
    await expect(scrubbed('production', 'production')).rejects.toThrow(ScrubError)
    await expect(scrubbed('other', 'staging')).rejects.toThrow(ScrubError)
    await client.query('delete from deployment')
    await expect(scrubbed('production', 'staging')).rejects.toThrow(ScrubError)
  })

  it('is refused when it has a column of which nobody has decided', async () => {
    await client.query(`insert into deployment (deployment_id) values ('production')`)
    await client.query('alter table crm_transactions add column customer_birthday date')
    try {
      const scrubbed = scrub({ databaseUrl, copyOf: 'production', deploymentId: 'staging' })
      await expect(scrubbed).rejects.toThrow('crm_transactions.customer_birthday')
    } finally {
      await client.query('alter table crm_transactions drop column customer_birthday')
      await client.query('delete from deployment')
    }
  })

  it('holds no credential, address or person afterwards, syncs nothing, and has its own id', async () => {
    await fill()
    expect((await marked()).length).toBeGreaterThan(60)
    expect(await sampled()).toEqual(expect.arrayContaining(['businesses.name', 'rejected_rows.raw']))
    await scrub({ databaseUrl, copyOf: 'production', deploymentId: 'staging' })
    expect((await marked()).toSorted()).toEqual(WORDS.toSorted())
    expect(await sampled()).toEqual([])
    const { rows } = await client.query(`
      select (select deployment_id from deployment) as id, (select count(*)::int from crm_transactions) as sales,
        (select bool_or(sync_enabled) from crm_integrations) as syncs, (select count(*)::int from sealing_keys) as keys`)
    expect(rows).toEqual([{ id: 'staging', sales: 1, syncs: false, keys: 0 }])
  })

  it('is scrubbed to its end by a second call when the first broke off after the wiping', async () => {
    // The files anew: what the rows were before is in the former ones.
    const filesOf = async () => {
      const { rows } = await client.query(`select pg_relation_filenode('crm_transactions') as file`)
      return rows[0]
    }
    const before = await filesOf()
    await scrub({ databaseUrl, copyOf: 'production', deploymentId: 'staging' })
    expect(await filesOf()).not.toEqual(before)
  })
})
