import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { instant } from '#db/columns.ts'

/**
 * Who changed what. Lines are only added: a trigger refuses everything else, and months that are over are dropped.
 * Partitioned by month: see `make_months` in migrations/. Without foreign keys, since lines outlive what they name.
 */
export const audit = pgTable(
  'audit',
  {
    id: uuid().notNull().defaultRandom(),
    at: instant('at').notNull().defaultNow(),
    actorSubject: text('actor_subject').notNull(),
    actorScope: text('actor_scope').notNull(),
    /** One of src/audit/actions.ts, which grows without a migration. */
    action: text().notNull(),
    businessId: uuid('business_id'),
    integrationId: uuid('integration_id'),
    requestId: text('request_id'),
    /** Names of fields, never values. */
    changes: text().array().notNull(),
  },
  (t) => [
    index('audit_newest').on(t.at, t.id),
    index('audit_business').on(t.businessId, t.at, t.id),
    index('audit_integration').on(t.integrationId, t.at, t.id),
  ],
)
