import { sql } from 'drizzle-orm'
import { boolean, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { bytea } from '#db/bytea.ts'
import { instant } from '#db/columns.ts'
import { businesses } from '#db/schema/businesses.ts'

/** Where events are told to. */
export const eventEndpoints = pgTable(
  'event_endpoints',
  {
    id: uuid().primaryKey().defaultRandom(),
    /** Null: it hears of all businesses. */
    businessId: uuid('business_id').references(() => businesses.id, { onDelete: 'cascade' }),
    url: text().notNull(),
    /** The types that it hears of; null: all. */
    types: jsonb().$type<readonly string[]>(),
    description: text(),
    isEnabled: boolean('is_enabled').notNull().default(true),
    /** Sealed. */
    secret: bytea().notNull(),
    /** Sealed: the secret before the last rotation, which signs beside the new one until then. */
    formerSecret: bytea('former_secret'),
    formerUntil: instant('former_until'),
    /** Since when no event was taken; null: the last one was. */
    failingSince: instant('failing_since'),
    /** When it was switched off for failing; null: it was not. */
    disabledAt: instant('disabled_at'),
    /** The worker that tells it of events, and until when it is taken to be at work. */
    leaseHolder: uuid('lease_holder'),
    leaseUntil: instant('lease_until'),
    /** When a worker last looked what to send it. */
    workedAt: instant('worked_at'),
    /** Until when its message is taken to be in the queue. */
    enqueuedUntil: instant('enqueued_until'),
    /** It fails: until when it is left alone. */
    pausedUntil: instant('paused_until'),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (t) => [
    // Those that hear of all businesses have no business.
    index('event_endpoints_listening')
      .on(t.businessId)
      .where(sql`${t.isEnabled}`),
    index('event_endpoints_newest').on(t.createdAt, t.id),
  ],
)
