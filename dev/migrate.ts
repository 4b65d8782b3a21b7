// Applies migrations/ to a database. Production: DATABASE_URL=… npm run db:migrate, on Neon's direct (not pooled) host.
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import { join } from 'node:path'
import type pg from 'pg'
import { openDatabase, runScript, ScriptError } from './script.ts'

const FOLDER = join(import.meta.dirname, '../migrations')

/** The database was made by other migrations than those in the folder: nothing was changed. */
export class ForeignMigrationsError extends ScriptError {
  override readonly name = 'ForeignMigrationsError'

  constructor() {
    super('The database was made by other migrations than those in migrations/. Nothing was changed.')
  }
}

/**
 * Runs what has not run yet, in one transaction each; safe to call again. Throws ForeignMigrationsError for a database
 * that another history of migrations has made.
 */
export async function applyMigrations(databaseUrl: string, migrationsFolder = FOLDER): Promise<void> {
  const client = await openDatabase(databaseUrl)
  try {
    // Two starts at once must not migrate at once.
    await client.query('select pg_advisory_lock(7203914)')
    await refuseForeign(client, migrationsFolder)
    await migrate(drizzle(client), { migrationsFolder })
  } finally {
    await client.end()
  }
}

async function refuseForeign(client: pg.Client, migrationsFolder: string): Promise<void> {
  const { rows: tables } = await client.query<{ name: string | null }>(
    `select to_regclass('drizzle.__drizzle_migrations') as name`,
  )
  if (tables[0]?.name === null) return
  const { rows } = await client.query<{ hash: string }>('select hash from drizzle.__drizzle_migrations order by id')
  // More than those in the folder are of a later version, which works with this one: migrations only ever add.
  const differs = ({ hash }: { readonly hash: string }, index: number) => hash !== (rows[index]?.hash ?? hash)
  if (readMigrationFiles({ migrationsFolder }).some(differs)) throw new ForeignMigrationsError()
}

if (import.meta.main) {
  const url = process.env['DATABASE_URL']
  if (!url) {
    console.error('DATABASE_URL: expected the direct connection string of the database to migrate')
    process.exit(1)
  }
  await runScript(async () => {
    await applyMigrations(url)
    console.log('The database is up to date.')
  })
}
