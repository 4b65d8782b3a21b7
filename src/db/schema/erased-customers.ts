import { sql } from 'drizzle-orm'
import { check, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { bytea } from '#db/bytea.ts'
import { instant } from '#db/columns.ts'
import { businesses } from '#db/schema/businesses.ts'

/** Tombstones: by what an erased customer is recognized, as keyed hashes from which nobody can be read. */
export const erasedCustomers = pgTable(
  'erased_customers',
  {
    businessId: uuid('business_id')
      .notNull()
      .references(() => businesses.id, { onDelete: 'cascade' }),
    trait: text({ enum: ['phone', 'email', 'id'] }).notNull(),
    hash: bytea().notNull(),
    erasedAt: instant('erased_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.trait, t.hash] }),
    check('erased_customers_trait', sql`${t.trait} in ('phone','email','id')`),
  ],
)
