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
  uuid,
} from 'drizzle-orm/pg-core'
import { instant } from '#db/columns.ts'

export const crmTransactions = pgTable(
  'crm_transactions',
  {
    // Ids that rise with time fill the index from one end.
    id: uuid()
      .primaryKey()
      .default(sql`uuidv7()`),
    businessId: uuid('business_id').notNull(),
    // Without a foreign key: each write holds the integration's row. See src/integrations/remove-rows.ts.
    integrationId: uuid('integration_id').notNull(),
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
    /** Of a row of a file: the line at which it begins, in the file of that run. */
    sourceLine: bigint('source_line', { mode: 'number' }),
    /** Of the record that was stored last, see src/transactions/content-hash.ts. Null: unknown. */
    contentHash: uuid('content_hash'),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (t) => [
    unique('crm_transactions_external').on(t.integrationId, t.externalId),
    check('crm_transactions_kind', sql`${t.kind} in ('sale','refund')`),
    check('crm_transactions_status', sql`${t.status} in ('paid','unpaid','cancelled')`),
    index('crm_transactions_newest').on(t.integrationId, t.occurredAt, t.id),
    index('crm_transactions_phone')
      // From its end: serves whole numbers and the last digits alike.
      .on(t.integrationId, sql`reverse(${t.customerPhone}) text_pattern_ops`, t.occurredAt, t.id)
      .where(sql`${t.customerPhone} is not null`),
    index('crm_transactions_alias')
      .on(t.integrationId, t.alias)
      .where(sql`${t.alias} is not null`),
  ],
)

/**
 * The change feed: the number of each transaction's latest change. It stands apart, so that a change of a transaction
 * need not write all of its indexes.
 */
export const transactionFeed = pgTable(
  'transaction_feed',
  {
    integrationId: uuid('integration_id').notNull(),
    changeSeq: bigint('change_seq', { mode: 'number' }).notNull(),
    transactionId: uuid('transaction_id').notNull(),
  },
  (t) => [primaryKey({ columns: [t.integrationId, t.changeSeq] })],
)

/**
 * What a change has changed, as it was before. `changeSeq` is the number of that change; transaction_feed keeps two
 * changes from having the same. Partitioned by month: see `make_months` in migrations/.
 */
export const transactionChanges = pgTable(
  'transaction_changes',
  {
    integrationId: uuid('integration_id').notNull(),
    changeSeq: bigint('change_seq', { mode: 'number' }).notNull(),
    transactionId: uuid('transaction_id').notNull(),
    before: jsonb().notNull(),
    source: text().notNull(),
    runId: uuid('run_id'),
    at: instant('at').notNull().defaultNow(),
  },
  (t) => [
    index('transaction_changes_seq').on(t.integrationId, t.changeSeq),
    index('transaction_changes_of').on(t.transactionId, t.changeSeq),
    check(
      'transaction_changes_source',
      sql`${t.source} in ('schedule','manual','webhook','import','backfill','undo','erasure')`,
    ),
  ],
)
