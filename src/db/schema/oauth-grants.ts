import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { bytea } from '#db/bytea.ts'
import { instant } from '#db/columns.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'

/** The grant of an integration that was connected by consent. Its pair of tokens is sealed in `api_key`. */
export const oauthGrants = pgTable(
  'oauth_grants',
  {
    integrationId: uuid('integration_id')
      .primaryKey()
      .references(() => crmIntegrations.id, { onDelete: 'cascade' }),
    /** Rises with every stored pair: a new pair replaces only the one that it was requested with. */
    generation: integer().notNull().default(1),
    /** The vendor's account, by which a notice of disconnection finds it. */
    accountId: text('account_id'),
    /** Of the registration that it was given to; null where the vendor has only one. */
    brand: text(),
    accessUntil: instant('access_until').notNull(),
    refreshedAt: instant('refreshed_at').notNull().defaultNow(),
    // The intent to refresh, written before the vendor is called: its owner, and until when other workers must wait.
    fenceOwner: uuid('fence_owner'),
    fenceUntil: instant('fence_until'),
    /** The refresh token before this one, sealed, until the new pair has worked once. */
    previousToken: bytea('previous_token'),
    /** When the vendor said that the grant is revoked. */
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
