import { index, integer, jsonb, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { instant } from '#db/columns.ts'

/**
 * Vendor records that could not be mapped, one row each however often they are read. Deleted once they can be mapped.
 */
export const quarantinedRecords = pgTable(
  'quarantined_records',
  {
    id: uuid().primaryKey().defaultRandom(),
    // Without a foreign key: they go in batches after their integration, see src/integrations/remove-rows.ts.
    integrationId: uuid('integration_id').notNull(),
    /** The external id if it could be read, else a hash of the raw record. */
    recordKey: text('record_key').notNull(),
    externalId: text('external_id'),
    reason: text().notNull(),
    raw: jsonb(),
    runId: uuid('run_id'),
    times: integer().notNull().default(1),
    firstSeenAt: instant('first_seen_at').notNull().defaultNow(),
    lastSeenAt: instant('last_seen_at').notNull().defaultNow(),
  },
  (t) => [
    unique('quarantined_records_key').on(t.integrationId, t.recordKey),
    index('quarantined_records_newest').on(t.integrationId, t.firstSeenAt, t.id),
  ],
)
