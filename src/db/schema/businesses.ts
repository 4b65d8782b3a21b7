import { sql } from 'drizzle-orm'
import { char, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { instant } from '#db/columns.ts'

export const businesses = pgTable('businesses', {
  id: uuid().primaryKey(),
  name: text().notNull(),
  timezone: text().notNull(),
  currency: char({ length: 3 }).notNull(),
  /**
   * When the last connection tests began, newest first; as many as a minute may have. An integration that is deleted
   * and created anew has no tests of its own left.
   */
  testedAt: instant('tested_at')
    .array()
    .notNull()
    .default(sql`'{}'`),
  /** How many erasures there were: a writer that knows of fewer has to read the tombstones again. */
  erasures: integer().notNull().default(0),
  createdAt: instant('created_at').notNull().defaultNow(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
})
