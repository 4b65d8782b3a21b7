import { bigint, pgTable, text } from 'drizzle-orm/pg-core'
import { instant } from '#db/columns.ts'

/** What the cron has done since the database was made. Numbers only rise, so that rates can be taken of them. */
export const engineCounters = pgTable('engine_counters', {
  name: text({ enum: ['ticks', 'claimed', 'swept', 'inboxes'] }).primaryKey(),
  value: bigint({ mode: 'number' }).notNull(),
  /** When it was last counted. */
  countedAt: instant('counted_at').notNull(),
})
