import { sql } from 'drizzle-orm'
import { check, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { instant } from '#db/columns.ts'

/**
 * The outbox: each event for each endpoint that listens, written in the transaction that it tells of by triggers of the
 * migrations. Without foreign keys, since their checks would lock what the transaction's others wait for.
 */
export const eventDeliveries = pgTable(
  'event_deliveries',
  {
    /** Rises with time. */
    id: uuid()
      .primaryKey()
      .default(sql`uuidv7()`),
    endpointId: uuid('endpoint_id').notNull(),
    integrationId: uuid('integration_id'),
    type: text().notNull(),
    data: jsonb().notNull(),
    status: text({ enum: ['waiting', 'delivered', 'failed'] })
      .notNull()
      .default('waiting'),
    attempts: integer().notNull().default(0),
    createdAt: instant('created_at').notNull().defaultNow(),
    dueAt: instant('due_at').notNull().defaultNow(),
    /** When a worker first took it: from then on its body stays as it is. */
    takenAt: instant('taken_at'),
    attemptedAt: instant('attempted_at'),
    /** What was answered: the status; what the body begins with; how long it took. */
    answerStatus: integer('answer_status'),
    answerBody: text('answer_body'),
    answerMs: integer('answer_ms'),
    /** Why there was no answer. */
    answerError: text('answer_error'),
  },
  (t) => [
    check('event_deliveries_status', sql`${t.status} in ('waiting','delivered','failed')`),
    index('event_deliveries_newest').on(t.endpointId, t.id),
    index('event_deliveries_due')
      .on(t.endpointId, t.dueAt)
      .where(sql`${t.status} = 'waiting'`),
    // Changes of an integration that are not told yet are one event.
    uniqueIndex('event_deliveries_joined')
      .on(t.endpointId, t.integrationId)
      .where(sql`${t.type} = 'transactions.changed' and ${t.status} = 'waiting' and ${t.takenAt} is null`),
  ],
)
