import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { bytea } from '#db/bytea.ts'
import { instant } from '#db/columns.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'

/** Of an integration that a person gave consent for. The pair of tokens itself stands sealed in its `api_key`. */
export const oauthGrants = pgTable(
  'oauth_grants',
  {
    integrationId: uuid('integration_id')
      .primaryKey()
      .references(() => crmIntegrations.id, { onDelete: 'cascade' }),
    /** Rises with every pair that is stored: a new one replaces only the one that it was got for. */
    generation: integer().notNull().default(1),
    /** The vendor's account, by which a notice of disconnection finds it. */
    accountId: text('account_id'),
    accessUntil: instant('access_until').notNull(),
    refreshedAt: instant('refreshed_at').notNull().defaultNow(),
    // The intent to refresh, written before the vendor is called: whose it is, and until when it keeps all others away.
    fenceOwner: uuid('fence_owner'),
    fenceUntil: instant('fence_until'),
    /** The refresh token before this one, sealed, until the new pair has worked once. */
    previousToken: bytea('previous_token'),
    /** When the vendor said that the grant is worth nothing any more. */
    revokedAt: instant('revoked_at'),
  },
  (t) => [
    check('oauth_grants_fence', sql`(${t.fenceOwner} is null) = (${t.fenceUntil} is null)`),
    index('oauth_grants_account').on(t.accountId),
    index('oauth_grants_idle')
      .on(t.refreshedAt)
      .where(sql`${t.revokedAt} is null`),
  ],
)
