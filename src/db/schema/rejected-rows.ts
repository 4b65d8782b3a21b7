import { bigint, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { syncRuns } from '#db/schema/sync-runs.ts'

/** Rows of a file that could not be imported, kept with their run for the person who sent the file. */
export const rejectedRows = pgTable(
  'rejected_rows',
  {
    runId: uuid('run_id')
      .notNull()
      .references(() => syncRuns.id, { onDelete: 'cascade' }),
    /** The physical line in which the row begins, from 1. */
    line: bigint({ mode: 'number' }).notNull(),
    columnName: text('column_name'),
    /** A key of the connector's messages. */
    reason: text().notNull(),
    raw: text(),
  },
  (t) => [primaryKey({ columns: [t.runId, t.line] })],
)
