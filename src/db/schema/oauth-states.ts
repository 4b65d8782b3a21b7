import { sql } from 'drizzle-orm'
import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { bytea } from '#db/bytea.ts'
import { instant } from '#db/columns.ts'
import { businesses } from '#db/schema/businesses.ts'

/**
 * Consent flows under way. Of the state and of the ticket only the SHA-256 is kept. A used one stays for a day, so that
 * its reuse is told apart.
 */
export const oauthStates = pgTable(
  'oauth_states',
  {
    stateHash: bytea('state_hash').primaryKey(),
    businessId: uuid('business_id')
      .notNull()
      .references(() => businesses.id, { onDelete: 'cascade' }),
    subject: text().notNull(),
    /** Of the registration that is asked for; null where the vendor has only one. */
    brand: text(),
    createdAt: instant('created_at').notNull().defaultNow(),
    /** Of the state; from the callback on, of the ticket. */
    expiresAt: instant('expires_at').notNull(),
    /** When the ticket was redeemed. */
    usedAt: instant('used_at'),
    returnUrl: text('return_url'),
    ticketHash: bytea('ticket_hash').unique(),
    /** What the callback brought, with the ticket that was made for it, sealed. */
    parked: bytea(),
  },
  (t) => [
    index('oauth_states_expiry').on(t.expiresAt),
    index('oauth_states_open')
      .on(t.businessId)
      .where(sql`${t.usedAt} is null`),
  ],
)
