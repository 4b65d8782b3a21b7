import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { bytea } from '#db/bytea.ts'
import { instant } from '#db/columns.ts'
import { businesses } from '#db/schema/businesses.ts'

/**
 * Open consent flows. Only the state's SHA-256 is stored. A used state stays until it expires, so that reuse is
 * noticed.
 */
export const oauthStates = pgTable(
  'oauth_states',
  {
    stateHash: bytea('state_hash').primaryKey(),
    businessId: uuid('business_id')
      .notNull()
      .references(() => businesses.id, { onDelete: 'cascade' }),
    subject: text().notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
  },
  (t) => [index('oauth_states_expiry').on(t.expiresAt)],
)
