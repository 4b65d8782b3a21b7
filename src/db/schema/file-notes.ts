import { sql } from 'drizzle-orm'
import { index, jsonb, pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core'
import { instant } from '#db/columns.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'

/**
 * What a run must remember about the rows of a file beyond its cursor: how often an equal row came, and which rows
 * belong to one receipt. Parts are merged by their names, so a repeated note changes nothing. Kept as long as the file.
 */
export const fileNotes = pgTable(
  'file_notes',
  {
    integrationId: uuid('integration_id')
      .notNull()
      .references(() => crmIntegrations.id, { onDelete: 'cascade' }),
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
