import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { instant } from '#db/columns.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'

/** An administrator has had many connections tested again. */
export const retests = pgTable(
  'retests',
  {
    id: uuid().primaryKey().defaultRandom(),
    /** Integrations that the filter matched beyond those of this order. */
    leftOut: integer('left_out').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [index('retests_age').on(t.createdAt)],
)

/** The connections of an order. */
export const retestItems = pgTable(
  'retest_items',
  {
    retestId: uuid('retest_id')
      .notNull()
      .references(() => retests.id, { onDelete: 'cascade' }),
    integrationId: uuid('integration_id')
      .notNull()
      .references(() => crmIntegrations.id, { onDelete: 'cascade' }),
    status: text({ enum: ['waiting', 'ok', 'failed', 'unanswered'] })
      .notNull()
      .default('waiting'),
    attempts: integer().notNull().default(0),
    /** When it is tested; while a worker tests it: when another one may. */
    dueAt: instant('due_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.retestId, t.integrationId] }),
    check('retest_items_status', sql`${t.status} in ('waiting','ok','failed','unanswered')`),
    index('retest_items_integration').on(t.integrationId),
    index('retest_items_due')
      .on(t.dueAt)
      .where(sql`${t.status} = 'waiting'`),
    // However many orders are given, a connection waits in one of them.
    uniqueIndex('retest_items_one_waiting')
      .on(t.integrationId)
      .where(sql`${t.status} = 'waiting'`),
  ],
)
