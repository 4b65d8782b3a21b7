import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyMigrations, ForeignMigrationsError } from '#dev/migrate.ts'
import { type Postgres, startPostgres } from '#dev/postgres.ts'

let directory: string
let postgres: Postgres

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'crm-integrations-migrate-'))
  postgres = await startPostgres({ directory, durable: false })
})

afterAll(async () => {
  await postgres.stop()
  rmSync(directory, { recursive: true, force: true })
})

async function query(text: string): Promise<number | null> {
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  try {
    return (await client.query(text)).rowCount
  } finally {
    await client.end()
  }
}

describe('the migrations', () => {
  it('can be applied twice, and two at once are one', async () => {
    await Promise.all([applyMigrations(postgres.url), applyMigrations(postgres.url)])
    await applyMigrations(postgres.url)
    expect(await query('select from crm_integrations')).toBe(0)
  })

  it('have nothing to do where a later version has added its own', async () => {
    const later = Date.now() + 86_400_000
    await query(`insert into drizzle.__drizzle_migrations (hash, created_at) values ('of a later version', ${later})`)
    await expect(applyMigrations(postgres.url)).resolves.toBeUndefined()
  })

  it('leave a database alone that another history of migrations has made', async () => {
    await query(`update drizzle.__drizzle_migrations set hash = 'of another history' where id = 1`)
    await expect(applyMigrations(postgres.url)).rejects.toBeInstanceOf(ForeignMigrationsError)
  })
})
