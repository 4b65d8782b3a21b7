// The rows of deleted integrations. An integration may have millions: they go in batches, those of the first one with
// the integration and the rest by the cron, while all that reads them finds no integration any more.
import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'

/**
 * Rows of one statement, of all tables together. A tenth would take ten times the round trips; ten times as many would
 * hold a connection for seconds. Chosen, not measured.
 */
export const REMOVED_MAX = 5000
/** Leaves time for the rest of a tick. */
const TICK_MS = 10_000
/** Of one tick. Their first batches, which are the last of most, are one statement together. */
const REMOVALS_MAX = 50
const FIRST_ROWS_MAX = REMOVED_MAX / REMOVALS_MAX

/** Deletes up to REMOVED_MAX rows of a deleted integration, by a function of the migrations. */
export function removeRows(integrationId: string): SQL {
  return sql`select remove_rows(${integrationId}::uuid, ${REMOVED_MAX}::int) as removed`
}

/** Goes on with what was deleted. Returns how many rows it removed. */
export async function continueRemovals(context: Context): Promise<number> {
  const startedAt = context.clock.now().getTime()
  const { rows } = await context.db.execute<{ id: string; removed: number }>(sql`
    select d.id, remove_rows(d.id, ${FIRST_ROWS_MAX}::int) as removed from (
      select integration_id as id from removals where emptied_at is null or emptied_at < now() - interval '1 hour'
      order by coalesce(emptied_at, removed_at) limit ${REMOVALS_MAX}::int) d`)
  let total = rows.reduce((sum, { removed }) => sum + removed, 0)
  for (const { id } of rows.filter(({ removed }) => removed >= FIRST_ROWS_MAX)) {
    for (let removed = REMOVED_MAX; removed >= REMOVED_MAX; total += removed) {
      if (context.clock.now().getTime() - startedAt > TICK_MS) return total
      const batch = await context.db.execute<{ removed: number }>(removeRows(id))
      removed = batch.rows[0]?.removed ?? 0
    }
  }
  return total
}
