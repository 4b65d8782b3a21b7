import { sql } from 'drizzle-orm'
import { index, jsonb, pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core'
import { instant } from '#db/columns.ts'

/**
 * What a run must remember about the rows of a file beyond its cursor: how often an equal row came, and which rows
 * belong to one receipt. Parts are merged by their names, so a repeated note changes nothing. Kept as long as the file.
 */
export const fileNotes = pgTable(
  'file_notes',
  {
    // Without a foreign key: they go in batches after their integration, see src/integrations/remove-rows.ts.
    integrationId: uuid('integration_id').notNull(),
    fileId: uuid('file_id').notNull(),
    /** A digest of the values that the rows share. */
    key: uuid().notNull(),
    parts: jsonb().notNull().$type<Record<string, unknown>>(),
    notedAt: instant('noted_at')
      .notNull()
      .default(sql`now()`),
  },
  (t) => [
    primaryKey({ columns: [t.integrationId, t.fileId, t.key] }),
    index('file_notes_age').using('brin', t.notedAt),
  ],
)
