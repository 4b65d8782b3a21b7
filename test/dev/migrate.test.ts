import pg from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import { applyMigrations, ForeignMigrationsError } from '#dev/migrate.ts'
import { createDatabase } from '#test/fresh-database.ts'

let url: string

beforeAll(async () => {
  url = await createDatabase('migrate')
})

async function query(text: string): Promise<number | null> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rowCount
  } finally {
    await client.end()
  }
}

describe('the migrations', () => {
  it('can be applied twice, and two at once are one', async () => {
    await Promise.all([applyMigrations(url), applyMigrations(url)])
    await applyMigrations(url)
    expect(await query('select from crm_integrations')).toBe(0)
  })

  it('have nothing to do where a later version has added its own', async () => {
    const later = Date.now() + 86_400_000
    await query(`insert into drizzle.__drizzle_migrations (hash, created_at) values ('of a later version', ${later})`)
    await expect(applyMigrations(url)).resolves.toBeUndefined()
  })

  it('leave a database alone that another history of migrations has made', async () => {
    await query(`update drizzle.__drizzle_migrations set hash = 'of another history' where id = 1`)
    await expect(applyMigrations(url)).rejects.toBeInstanceOf(ForeignMigrationsError)
  })
})
