import { sql } from 'drizzle-orm'
import { bigint, boolean, check, pgTable, text } from 'drizzle-orm/pg-core'
import { bytea } from '#db/bytea.ts'
import { instant } from '#db/columns.ts'

/** Whose this database is: one row, written by the first Worker that uses it. */
export const deployment = pgTable(
  'deployment',
  {
    isOnly: boolean('is_only').primaryKey().default(true),
    deploymentId: text('deployment_id').notNull(),
    /** What its ADDRESS_KEY makes of a known text; null: no Worker has said. */
    addressProbe: bytea('address_probe'),
    since: instant('since').notNull().defaultNow(),
  },
  (t) => [check('deployment_is_only', sql`${t.isOnly}`)],
)

/** The keys that seal something here. */
export const sealingKeys = pgTable('sealing_keys', {
  keyId: text('key_id').primaryKey(),
  /** A known text, sealed with this key: a Worker whose key of this id does not open it has wrong keys. */
  probe: bytea(),
  /** How many values it sealed, as they were last counted. */
  sealedValues: bigint('sealed_values', { mode: 'number' }).notNull().default(0),
  countedAt: instant('counted_at'),
})
