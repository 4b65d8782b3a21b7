import { pgTable, uuid } from 'drizzle-orm/pg-core'
import { instant } from '#db/columns.ts'

/** Integrations that were deleted and whose rows go in batches, as a trigger notes them. */
export const removals = pgTable('removals', {
  integrationId: uuid('integration_id').primaryKey(),
  removedAt: instant('removed_at').notNull().defaultNow(),
  /** When no row was left. What a worker wrote at that moment is looked for once more, an hour later. */
  emptiedAt: instant('emptied_at'),
})
