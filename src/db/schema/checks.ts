import { sql } from 'drizzle-orm'
import { bigint, check, date, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { instant } from '#db/columns.ts'

/** The vendor's own sum of a day, where it has one. */
export interface StoredTotal {
  /** Null: the vendor gives a sum alone. */
  readonly count: number | null
  readonly amountMinor: number
  readonly source: string
}

/** What the last check of a day and location has found; rows go with their integration, in batches. */
export const checkDays = pgTable(
  'check_days',
  {
    integrationId: uuid('integration_id').notNull(),
    /** On the calendar of the location. */
    day: date().notNull(),
    /** Empty: sales without a location. */
    locationId: text('location_id').notNull(),
    storedCount: integer('stored_count').notNull(),
    storedMinor: bigint('stored_minor', { mode: 'number' }).notNull(),
    crmCount: integer('crm_count').notNull(),
    crmMinor: bigint('crm_minor', { mode: 'number' }).notNull(),
    total: jsonb().$type<StoredTotal>(),
    missing: integer().notNull(),
    extra: integer().notNull(),
    different: integer().notNull(),
    /** `unchecked`: some of its sales cannot be compared. */
    state: text({ enum: ['equal', 'different', 'unchecked'] }).notNull(),
    /** How many checks in a row have found it equal. */
    equalTimes: integer('equal_times').notNull(),
    runId: uuid('run_id').notNull(),
    checkedAt: instant('checked_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.integrationId, t.day, t.locationId] }),
    check('check_days_state', sql`${t.state} in ('equal','different','unchecked')`),
    index('check_days_age').on(t.checkedAt),
    index('check_days_different')
      .on(t.integrationId)
      .where(sql`${t.state} = 'different'`),
  ],
)

/**
 * What a check has read of the CRM, until it is compared: then those that are equal go, and what stays is the
 * differences. It has no personal data.
 */
export const checkRecords = pgTable(
  'check_records',
  {
    runId: uuid('run_id').notNull(),
    externalId: text('external_id').notNull(),
    integrationId: uuid('integration_id').notNull(),
    /** Its day in the CRM, on the calendar of its location; null where the CRM shows no sale. */
    day: date(),
    locationId: text('location_id').notNull().default(''),
    /** `missing`: a complete reading did not show it. `hidden`: the CRM does not show such sales any more. */
    status: text({ enum: ['paid', 'unpaid', 'cancelled', 'gone', 'missing', 'unreadable', 'hidden'] }).notNull(),
    kind: text({ enum: ['sale', 'refund'] }),
    /** Null also where the CRM does not show it any more. */
    amountMinor: bigint('amount_minor', { mode: 'number' }),
    currency: text(),
    occurredAt: instant('occurred_at'),
    customerExternalId: text('customer_external_id'),
    itemsHash: uuid('items_hash'),
    sourceUpdatedAt: instant('source_updated_at'),
    alias: text(),
    /** The change counter from before the CRM was asked. */
    snapshotSeq: bigint('snapshot_seq', { mode: 'number' }).notNull(),
    /** When the CRM first showed it so. */
    readAt: instant('read_at').notNull().defaultNow(),
    /** Null: not compared, or equal. */
    outcome: text({ enum: ['missing', 'extra', 'different'] }),
    /** What is stored instead, and on which day that stands. */
    stored: jsonb(),
    storedDay: date('stored_day'),
    fields: text().array(),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.externalId] }),
    index('check_records_staged')
      .on(t.runId, t.day)
      .where(sql`${t.outcome} is null`),
    index('check_records_alias')
      .on(t.runId, t.alias)
      .where(sql`${t.alias} is not null`),
    index('check_records_age')
      .on(t.readAt)
      .where(sql`${t.outcome} is not null`),
    index('check_records_found')
      .on(t.integrationId, t.day)
      .where(sql`${t.outcome} is not null`),
    index('check_records_found_stored')
      .on(t.integrationId, t.storedDay)
      .where(sql`${t.outcome} is not null`),
  ],
)
