import { sql } from 'drizzle-orm'
import { check, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { instant } from '#db/columns.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'

/** How files with certain columns are read: settings and answers that a person gave once, under a name. */
export const importFormats = pgTable(
  'import_formats',
  {
    integrationId: uuid('integration_id')
      .notNull()
      .references(() => crmIntegrations.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    /** The column names by which a file of this format is known again. */
    header: jsonb().notNull().$type<readonly string[]>(),
    settings: jsonb().notNull().$type<Readonly<Record<string, unknown>>>(),
    answers: jsonb().notNull().$type<readonly string[]>(),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.integrationId, t.name] }),
    check('import_formats_name', sql`length(${t.name}) between 1 and 100`),
  ],
)
