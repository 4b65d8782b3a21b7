import { bigint, index, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { bytea } from '#db/bytea.ts'
import { instant } from '#db/columns.ts'
import type { StoredAccount } from '#db/schema/crm-integrations.ts'

/**
 * Deleted integrations whose sales are kept, with what an integration of the same account needs to go on with them. The
 * row goes when one does, or with the business. Without a foreign key: its check would lock the business after the
 * integration, and the removal of a business locks them the other way round.
 */
export const keptIntegrations = pgTable(
  'kept_integrations',
  {
    integrationId: uuid('integration_id').primaryKey(),
    businessId: uuid('business_id').notNull(),
    crmType: text('crm_type').notNull(),
    /** Null: it was not known. */
    account: jsonb().$type<StoredAccount>(),
    /** Of address and settings, to compare where an account is not known. */
    connectionHash: bytea('connection_hash').notNull(),
    // The counters and fences: what was read for the deleted integration must not be written for the next one.
    changeSeq: bigint('change_seq', { mode: 'number' }).notNull(),
    pageSeq: bigint('page_seq', { mode: 'number' }).notNull(),
    settingsEpoch: integer('settings_epoch').notNull(),
    leaseEpoch: bigint('lease_epoch', { mode: 'number' }).notNull(),
    mapVersion: integer('map_version').notNull(),
    keptAt: instant('kept_at').notNull().defaultNow(),
  },
  (t) => [index('kept_integrations_business').on(t.businessId)],
)
