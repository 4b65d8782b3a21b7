import { sql } from 'drizzle-orm'
import { index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { instant } from '#db/columns.ts'

/** Each time that an alarm was raised, and which messages of it were sent. */
export const alarms = pgTable(
  'alarms',
  {
    id: uuid().primaryKey().defaultRandom(),
    /** A key of the table in src/health/alarms.ts. */
    code: text().notNull(),
    openedAt: instant('opened_at').notNull().defaultNow(),
    lastSeenAt: instant('last_seen_at').notNull().defaultNow(),
    closedAt: instant('closed_at'),
    openedSentAt: instant('opened_sent_at'),
    closedSentAt: instant('closed_sent_at'),
    /** Until when a worker sends one. */
    sendingUntil: instant('sending_until'),
  },
  (t) => [
    uniqueIndex('alarms_one_open')
      .on(t.code)
      .where(sql`${t.closedAt} is null`),
    index('alarms_unsent')
      .on(t.openedAt)
      .where(sql`${t.closedSentAt} is null`),
    index('alarms_closed').on(t.closedAt),
  ],
)
