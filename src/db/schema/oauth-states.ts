import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { bytea } from '#db/bytea.ts'
import { instant } from '#db/columns.ts'
import { businesses } from '#db/schema/businesses.ts'

/** Consent flows under way. Only the state's SHA-256 is kept; a used one stays until it expires, so reuse is told apart. */
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
