// src/db/schema, migrations/ and the database that they make are one thing, told three times.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ownDatabase } from '#test/databases.ts'

const ROOT = join(import.meta.dirname, '../..')
let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'crm-integrations-schema-'))
  cpSync(join(ROOT, 'migrations'), join(directory, 'migrations'), { recursive: true })
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** The SQL that `npm run db:generate` would add for a schema. */
function generated(schema: string): string {
  const out = join(directory, 'migrations')
  const before = new Set(readdirSync(out))
  const kit = join(ROOT, 'node_modules/drizzle-kit/bin.cjs')
  const args = [kit, 'generate', '--dialect', 'postgresql', '--schema', schema, '--out', relative(ROOT, out)]
  const { stderr, stdout } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', input: '' })
  // It ends with 0 whatever happens.
  if (!/No schema changes|Your SQL migration file/.test(stdout)) throw new Error(stdout + stderr)
  const added = readdirSync(out).filter((name) => !before.has(name))
  return added.map((name) => readFileSync(join(out, name), 'utf8')).join('')
}

async function rowsOf(text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: ownDatabase().ownerUrl })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}

describe('the schema', () => {
  it('has nothing that the migrations lack: with one table more, they lack that table alone', () => {
    const schema = join(directory, 'schema.ts')
    const index = JSON.stringify(join(ROOT, 'src/db/schema/index.ts'))
    const kit = JSON.stringify(join(ROOT, 'node_modules/drizzle-orm/pg-core/index.js'))
    const more = `export * from ${index}\nimport { pgTable, text } from ${kit}\nexport const more = pgTable('more', { id: text() })\n`
    writeFileSync(schema, more)
    expect(generated(schema)).toMatch(/^CREATE TABLE "more" \([^;]*\);\s*$/)
  })
})

describe('crm_integrations', () => {
  it('has the agreed columns, with their types and defaults, before any other', async () => {
    const rows = await rowsOf(`
      select concat_ws(' ', attname, format_type(atttypid, atttypmod), case when attnotnull then 'not null' end,
        'default ' || pg_get_expr(adbin, adrelid)) as "column"
      from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
      where attrelid = 'crm_integrations'::regclass and attnum > 0 and not attisdropped order by attnum`)
    expect(rows.map(({ column }) => column).slice(0, AGREED_COLUMNS.length)).toEqual(AGREED_COLUMNS)
  })

  it('has the agreed indexes, and is one for each business and of a known CRM', async () => {
    const indexes = await rowsOf(`
      select indexdef from pg_indexes where indexname like 'idx_crm_integrations_%' order by indexname`)
    expect(indexes.map(({ indexdef }) => indexdef)).toEqual([
      'CREATE INDEX idx_crm_integrations_business ON public.crm_integrations USING btree (business_id)',
      'CREATE INDEX idx_crm_integrations_next_sync ON public.crm_integrations USING btree (next_sync_at) WHERE (sync_enabled = true)',
      'CREATE INDEX idx_crm_integrations_type ON public.crm_integrations USING btree (crm_type)',
    ])
    const constraints = await rowsOf(`
      select pg_get_constraintdef(oid) as text from pg_constraint where conrelid = 'crm_integrations'::regclass`)
    const texts = constraints.map(({ text }) => text)
    expect(texts).toEqual(
      expect.arrayContaining([
        'PRIMARY KEY (id)',
        'UNIQUE (business_id)',
        'FOREIGN KEY (business_id) REFERENCES businesses(id)',
        expect.stringMatching(/crm_type.*'yclients'.*'iiko'.*'1c'.*'amo_crm'.*'renovatio'.*'csv'/),
      ]),
    )
  })
})

const AGREED_COLUMNS = [
  'id uuid not null default gen_random_uuid()',
  'business_id uuid not null',
  'crm_type character varying(50) not null',
  'api_key bytea',
  'api_secret bytea',
  'api_url character varying(500)',
  'additional_config jsonb',
  'sync_enabled boolean default false',
  'sync_interval_minutes integer default 5',
  'last_sync_at timestamp with time zone',
  'last_sync_status character varying(20)',
  'next_sync_at timestamp with time zone',
  'total_syncs integer default 0',
  'successful_syncs integer default 0',
  'failed_syncs integer default 0',
  'last_error text',
  'transactions_synced integer default 0',
  'created_at timestamp with time zone default now()',
  'updated_at timestamp with time zone default now()',
]
