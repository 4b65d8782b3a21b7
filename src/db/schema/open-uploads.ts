import { index, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { instant } from '#db/columns.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'

/** Uploads in parts that are under way: R2 does not list them. */
export const openUploads = pgTable(
  'open_uploads',
  {
    integrationId: uuid('integration_id')
      .notNull()
      .references(() => crmIntegrations.id, { onDelete: 'cascade' }),
    fileId: uuid('file_id').notNull(),
    /** R2's own name of the upload. */
    uploadId: text('upload_id').notNull(),
    openedAt: instant('opened_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.integrationId, t.fileId] }), index('open_uploads_age').on(t.openedAt)],
)
