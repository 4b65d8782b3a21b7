import { sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'
import { isMissingRoutine } from '#db/errors.ts'
import { pendingMigrations } from '#db/schema-version.ts'

/**
 * Whether the database has all migrations that this Worker was built with. Later ones do no harm, since migrations only
 * add. Rejects when the database does not answer.
 */
export async function isMigrated(db: Db): Promise<boolean> {
  try {
    const { rows } = await db.execute<{ version: string }>(sql`select schema_version() as version`)
    return pendingMigrations(Number(rows[0]?.version)) === 0
  } catch (error) {
    // Older than the migration that brought it.
    if (isMissingRoutine(error)) return false
    throw error
  }
}
