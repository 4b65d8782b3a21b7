import { sql } from 'drizzle-orm'
import { check, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { instant } from '#db/columns.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'

/** What is wrong with one integration or with a whole CRM, from when it was first seen until it is over. */
export const issues = pgTable(
  'issues',
  {
    id: uuid().primaryKey().defaultRandom(),
    /**
     * Null: it concerns all businesses that use a CRM. Without a foreign key, as in crm_transactions: its check would
     * lock the business after the integration, and the removal of a business locks them the other way round.
     */
    businessId: uuid('business_id'),
    integrationId: uuid('integration_id').references(() => crmIntegrations.id, { onDelete: 'cascade' }),
    /** Of an endpoint for events, which has no integration: `detail_key` is its id, so that each has one open issue. */
    endpointId: uuid('endpoint_id'),
    /** A key of the table in src/issues/codes.ts, which grows without a migration. */
    code: text().notNull(),
    /** Tells several issues of one code and integration apart, such as the name of a list; else empty. */
    detailKey: text('detail_key').notNull().default(''),
    severity: text({ enum: ['info', 'warning', 'error'] }).notNull(),
    whoseTurn: text('whose_turn', { enum: ['nobody', 'owner', 'operator', 'vendor'] }).notNull(),
    /** Values for the placeholders of the texts. */
    params: jsonb().$type<Readonly<Record<string, string>>>().notNull(),
    since: instant('since').notNull().defaultNow(),
    lastSeenAt: instant('last_seen_at').notNull().defaultNow(),
    count: integer().notNull().default(1),
    resolvedAt: instant('resolved_at'),
  },
  (t) => [
    check('issues_severity', sql`${t.severity} in ('info','warning','error')`),
    check('issues_whose_turn', sql`${t.whoseTurn} in ('nobody','owner','operator','vendor')`),
    // The database itself refuses a second open issue of one code and subject.
    uniqueIndex('issues_one_open')
      .on(t.integrationId, t.code, t.detailKey)
      .where(sql`${t.resolvedAt} is null and ${t.integrationId} is not null`),
    uniqueIndex('issues_one_open_of_crm')
      .on(t.code, t.detailKey)
      .where(sql`${t.resolvedAt} is null and ${t.integrationId} is null`),
    index('issues_business').on(t.businessId),
    index('issues_newest').on(t.integrationId, t.since, t.id),
    index('issues_newest_of_all').on(t.since, t.id),
    index('issues_resolved')
      .on(t.resolvedAt)
      .where(sql`${t.resolvedAt} is not null`),
  ],
)
