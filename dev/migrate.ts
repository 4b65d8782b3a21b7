// Applies migrations/ to a database. Production: DATABASE_URL=… npm run db:migrate, on Neon's direct (not pooled) host.
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import { join } from 'node:path'
import pg from 'pg'

const FOLDER = join(import.meta.dirname, '../migrations')

/** Runs what has not run yet, in one transaction each; safe to call again. */
export async function applyMigrations(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    // Two starts at once must not migrate at once.
    await client.query('select pg_advisory_lock(7203914)')
    await migrate(drizzle(client), { migrationsFolder: FOLDER })
  } finally {
    await client.end()
  }
}

if (import.meta.main) {
  const url = process.env['DATABASE_URL']
  if (!url) {
    console.error('DATABASE_URL: expected the direct connection string of the database to migrate')
    process.exit(1)
  }
  await applyMigrations(url)
  console.log('The database is up to date.')
}
