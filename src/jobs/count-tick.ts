import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { engineCounters } from '#db/schema/engine-counters.ts'

type Name = (typeof engineCounters.$inferSelect)['name']

/**
 * Adds what a tick has done to the counters of the metrics. A tick that is not counted has done its work all the same.
 */
export async function countTick(
  { db, log }: Context,
  done: Readonly<Record<Exclude<Name, 'ticks'>, number>>,
): Promise<void> {
  const added: Readonly<Record<Name, number>> = { ticks: 1, ...done }
  try {
    await db.execute(sql`
      insert into engine_counters as c (name, value, counted_at)
      select a.key, a.value::bigint, now() from json_each_text(${JSON.stringify(added)}::json) a
      on conflict (name) do update set value = c.value + excluded.value, counted_at = excluded.counted_at`)
  } catch (error) {
    log.warn('tick_not_counted', { error })
  }
}
