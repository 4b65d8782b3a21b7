import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'

/** Rows of one statement. */
const ROWS_MAX = 5000
/** Leaves time for the rest of a tick. */
const TICK_MS = 10_000

/** Deletes what checks have read that ended before they compared it. Returns how many rows. */
export async function clearStaged(context: Context): Promise<number> {
  const startedAt = context.clock.now().getTime()
  let total = 0
  for (;;) {
    const { rows } = await context.db.execute<{ cleared: number }>(
      sql`select clear_staged(${ROWS_MAX}::int) as cleared`,
    )
    const cleared = rows[0]?.cleared ?? 0
    total += cleared
    if (cleared < ROWS_MAX || context.clock.now().getTime() - startedAt > TICK_MS) return total
  }
}
