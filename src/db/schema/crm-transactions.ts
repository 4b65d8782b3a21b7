import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  char,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { instant } from '#db/columns.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'

export const crmTransactions = pgTable(
  'crm_transactions',
  {
    id: uuid().primaryKey().defaultRandom(),
    businessId: uuid('business_id').notNull(),
    integrationId: uuid('integration_id')
      .notNull()
      .references(() => crmIntegrations.id, { onDelete: 'cascade' }),
    externalId: text('external_id').notNull(),
    kind: text({ enum: ['sale', 'refund'] }).notNull(),
    status: text({ enum: ['paid', 'unpaid', 'cancelled'] }).notNull(),
    amountMinor: bigint('amount_minor', { mode: 'number' }).notNull(),
    currency: char({ length: 3 }).notNull(),
    occurredAt: instant('occurred_at').notNull(),
    customerExternalId: text('customer_external_id'),
    customerName: text('customer_name'),
    customerPhone: text('customer_phone'),
    customerEmail: text('customer_email'),
    customerCard: text('customer_card'),
    items: jsonb().notNull().$type<readonly unknown[]>(),
    locationExternalId: text('location_external_id'),
    locationName: text('location_name'),
    sourceUpdatedAt: instant('source_updated_at'),
    changeSeq: bigint('change_seq', { mode: 'number' }).notNull(),
    // The newest version time that was read, even with equal content; and the change counter at the last read.
    versionAt: instant('version_at'),
    seenSeq: bigint('seen_seq', { mode: 'number' }).notNull(),
    settingsEpoch: integer('settings_epoch').notNull(),
    missingSince: instant('missing_since'),
    /** A common name for a sale that several feeds of the vendor show under different ids. */
    alias: text(),
    /** The run that brought this state. An undo that gives a former state back gives its run back, too. */
    runId: uuid('run_id'),
    /** Cancelled by the undo of the import that brought it, and not changed since. */
    undone: boolean().notNull().default(false),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (t) => [
    unique('crm_transactions_external').on(t.integrationId, t.externalId),
    check('crm_transactions_kind', sql`${t.kind} in ('sale','refund')`),
    check('crm_transactions_status', sql`${t.status} in ('paid','unpaid','cancelled')`),
    uniqueIndex('crm_transactions_feed').on(t.integrationId, t.changeSeq),
    index('crm_transactions_newest').on(t.integrationId, t.occurredAt, t.id),
    index('crm_transactions_phone')
      .on(t.integrationId, t.customerPhone, t.occurredAt, t.id)
      .where(sql`${t.customerPhone} is not null`),
    index('crm_transactions_alias')
      .on(t.integrationId, t.alias)
      .where(sql`${t.alias} is not null`),
  ],
)

/** The state of a transaction before a change. `changeSeq` is the number of that change. */
export const transactionChanges = pgTable(
  'transaction_changes',
  {
    integrationId: uuid('integration_id')
      .notNull()
      .references(() => crmIntegrations.id, { onDelete: 'cascade' }),
    changeSeq: bigint('change_seq', { mode: 'number' }).notNull(),
    transactionId: uuid('transaction_id').notNull(),
    before: jsonb().notNull(),
    source: text().notNull(),
    runId: uuid('run_id'),
    at: instant('at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.integrationId, t.changeSeq] }),
    index('transaction_changes_age').using('brin', t.at),
    index('transaction_changes_of').on(t.transactionId, t.changeSeq),
    check('transaction_changes_source', sql`${t.source} in ('schedule','manual','webhook','import','backfill','undo')`),
  ],
)
