import { sql } from 'drizzle-orm'
import type { Db } from '#db/client.ts'

/** Rejects when the database does not answer. */
export async function isReachable(db: Db): Promise<true> {
  await db.execute(sql`select 1`)
  return true
}
