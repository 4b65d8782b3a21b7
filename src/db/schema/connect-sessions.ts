import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { bytea } from '#db/bytea.ts'
import { instant } from '#db/columns.ts'
import { businesses } from '#db/schema/businesses.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { CRM_TYPES } from '#lib/crm-types.ts'
import { LANGUAGES } from '#lib/localized.ts'
import { SCOPES } from '#lib/scopes.ts'
import { SESSION_PERMISSIONS } from '#lib/session-permissions.ts'

/** Short-lived rights of one person to connect or see one business. Of their tokens nothing is stored. */
export const connectSessions = pgTable(
  'connect_sessions',
  {
    id: uuid().primaryKey().defaultRandom(),
    businessId: uuid('business_id')
      .notNull()
      .references(() => businesses.id, { onDelete: 'cascade' }),
    /** Set: a reconnect, for new credentials of the stored account. */
    integrationId: uuid('integration_id').references(() => crmIntegrations.id, { onDelete: 'cascade' }),
    permissions: text({ enum: SESSION_PERMISSIONS }).array().notNull(),
    /** Who made it, and what that caller was allowed: the session never is allowed more. */
    subject: text().notNull(),
    scopes: text({ enum: SCOPES }).array().notNull(),
    /** Null: every CRM. */
    crmTypes: text('crm_types', { enum: CRM_TYPES }).array(),
    /** Where the person goes in the end, and the page that may frame ours. */
    returnUrl: text('return_url'),
    origin: text(),
    language: text({ enum: LANGUAGES }),
    createdAt: instant('created_at').notNull().defaultNow(),
    expiresAt: instant('expires_at').notNull(),
    /** The first request by its token: ends the long life of a link. */
    firstUsedAt: instant('first_used_at'),
    /** SHA-256 of a secret of the browser that opened the link; from then on the link's own token is void. */
    browserHash: bytea('browser_hash'),
    endedAt: instant('ended_at'),
  },
  (t) => [
    check('connect_sessions_permissions', sql`cardinality(${t.permissions}) > 0`),
    index('connect_sessions_expiry').on(t.expiresAt),
    index('connect_sessions_business').on(t.businessId),
    index('connect_sessions_integration')
      .on(t.integrationId)
      .where(sql`${t.integrationId} is not null`),
  ],
)
