import { sql } from 'drizzle-orm'
import { bigint, boolean, check, index, integer, jsonb, pgTable, text, uuid, varchar } from 'drizzle-orm/pg-core'
import { bytea } from '#db/bytea.ts'
import { instant } from '#db/columns.ts'
import type { StoredError } from '#db/schema/stored-error.ts'
import { businesses } from '#db/schema/businesses.ts'
import { CRM_TYPES } from '#lib/crm-types.ts'

export interface StoredAccount {
  readonly externalId: string
  readonly name: string
  readonly locations: readonly {
    readonly externalId: string
    readonly name: string
    readonly timezone: string | null
  }[]
  /** Its origin, where ids are unique within an installation only; accounts of former tests have none. */
  readonly installation?: string
  /** What has changed since the test that found it. After new settings alone a test may find another account. */
  readonly changed?: 'credentials' | 'settings'
}

export const crmIntegrations = pgTable(
  'crm_integrations',
  {
    id: uuid().primaryKey().defaultRandom(),
    businessId: uuid('business_id')
      .notNull()
      .unique()
      .references(() => businesses.id),
    crmType: varchar('crm_type', { length: 50, enum: CRM_TYPES }).notNull(),
    apiKey: bytea('api_key'),
    apiSecret: bytea('api_secret'),
    apiUrl: varchar('api_url', { length: 500 }),
    additionalConfig: jsonb('additional_config').$type<Record<string, unknown>>(),
    syncEnabled: boolean('sync_enabled').default(false),
    syncIntervalMinutes: integer('sync_interval_minutes').default(5),
    lastSyncAt: instant('last_sync_at'),
    lastSyncStatus: varchar('last_sync_status', { length: 20, enum: ['success', 'failed', 'in_progress'] }),
    nextSyncAt: instant('next_sync_at'),
    totalSyncs: integer('total_syncs').default(0),
    successfulSyncs: integer('successful_syncs').default(0),
    failedSyncs: integer('failed_syncs').default(0),
    lastError: text('last_error'),
    transactionsSynced: integer('transactions_synced').default(0),
    createdAt: instant('created_at').defaultNow(),
    updatedAt: instant('updated_at').defaultNow(),
    // `settings_epoch` rises when the address, settings or credentials change.
    settingsEpoch: integer('settings_epoch').notNull().default(1),
    connectionStatus: text('connection_status', { enum: ['untested', 'ok', 'failed'] })
      .notNull()
      .default('untested'),
    connectionCheckedAt: instant('connection_checked_at'),
    // The lease: the run that may write, until when, and the fence number that its writes carry.
    leaseEpoch: bigint('lease_epoch', { mode: 'number' }).notNull().default(0),
    leaseRunId: uuid('lease_run_id'),
    leaseUntil: instant('lease_until'),
    /** How many live runs have failed in a row: each doubles the pause before the next. */
    consecutiveFailures: integer('consecutive_failures').notNull().default(0),
    changeSeq: bigint('change_seq', { mode: 'number' }).notNull().default(0),
    /** The change counter at the last page of a run: a read that began earlier may be outdated. */
    pageSeq: bigint('page_seq', { mode: 'number' }).notNull().default(0),
    cursor: jsonb(),
    /** The version of the mapping by which all that a wide scan reads was read last. */
    mapVersion: integer('map_version').notNull().default(1),
    /** When work that calls the CRM last began. */
    calledAt: instant('called_at'),
    /** When the CRM last refused the credentials or a right while sync was on. */
    refusedAt: instant('refused_at'),
    /** What `last_error` says, in both languages. */
    lastFailure: jsonb('last_failure').$type<StoredError>(),
    /** When the last complete pull of all feeds began: what the CRM showed before is here. */
    asOf: instant('as_of'),
    /** The account and its branches, as the last passed test found them. */
    account: jsonb().$type<StoredAccount>(),
    /** Who switched sync off; null: it is on, was never on, or waits for a test of new settings. */
    stoppedBy: text('stopped_by', { enum: ['person', 'vendor', 'uninstall', 'freeze'] }),
    /** A refusal that may pass, as `kind.reason`, and when it was first seen; a success removes it. */
    passingRefusal: text('passing_refusal'),
    passingRefusalSince: instant('passing_refusal_since'),
    /** A third credential, sealed; its connector says what it is. */
    extraSecret: bytea('extra_secret'),
    /** A short-lived token of the vendor, sealed. A change of settings removes it. */
    sessionToken: bytea('session_token'),
    sessionTokenUntil: instant('session_token_until'),
    webhookToken: bytea('webhook_token'),
    webhookTokenHash: bytea('webhook_token_hash').unique(),
    /** When the address was last replaced on request. */
    webhookRotatedAt: instant('webhook_rotated_at'),
    /** A sender of this address has shown its secret, so all of them have to. */
    webhookSecretRequired: boolean('webhook_secret_required').notNull().default(false),
    /** The state of our address in the CRM's settings when they were last read or written. */
    webhookRegistration: text('webhook_registration', {
      enum: ['registered', 'absent', 'disabled', 'occupied', 'failed'],
    }),
    /** When that was. */
    webhookCheckedAt: instant('webhook_checked_at'),
    /** When a hook last arrived, to the minute. */
    webhookLastAt: instant('webhook_last_at'),
    /** Since when polling finds changes that no hook reported; null: hooks arrive, or nothing changes. */
    webhookMissedAt: instant('webhook_missed_at'),
    /** Until when a worker has taken this inbox. */
    inboxUntil: instant('inbox_until'),
    /** Objects that were read because of hooks, since when, in the present period. */
    hookReads: integer('hook_reads').notNull().default(0),
    hookReadsSince: instant('hook_reads_since'),
  },
  (t) => [
    check(
      'crm_integrations_crm_type',
      sql`${t.crmType} in (${sql.raw(CRM_TYPES.map((type) => `'${type}'`).join(','))})`,
    ),
    check('crm_integrations_last_sync_status', sql`${t.lastSyncStatus} in ('success','failed','in_progress')`),
    check('crm_integrations_connection_status', sql`${t.connectionStatus} in ('untested','ok','failed')`),
    check(
      'crm_integrations_webhook_registration',
      sql`${t.webhookRegistration} in ('registered','absent','disabled','occupied','failed')`,
    ),
    check('crm_integrations_stopped_by', sql`${t.stoppedBy} in ('person','vendor','uninstall','freeze')`),
    check('crm_integrations_interval', sql`${t.syncIntervalMinutes} between 1 and 1440`),
    check('crm_integrations_lease', sql`(${t.leaseRunId} is null) = (${t.leaseUntil} is null)`),
    check('crm_integrations_totals', sql`${t.totalSyncs} = ${t.successfulSyncs} + ${t.failedSyncs}`),
    index('idx_crm_integrations_business').on(t.businessId),
    index('idx_crm_integrations_type').on(t.crmType),
    index('idx_crm_integrations_next_sync')
      .on(t.nextSyncAt)
      .where(sql`${t.syncEnabled} = true`),
    index('crm_integrations_failing')
      .on(t.consecutiveFailures)
      .where(sql`${t.syncEnabled} = true and ${t.consecutiveFailures} >= 3`),
    index('crm_integrations_refused')
      .on(t.crmType, t.refusedAt)
      .where(sql`${t.refusedAt} is not null`),
    index('crm_integrations_newest').on(t.createdAt, t.id),
    // For the filters of an administrator's list, in its order. But for the first, few rows are in them, and few writes
    // keep them.
    index('crm_integrations_of_type').on(t.crmType, t.createdAt, t.id),
    index('crm_integrations_stopped')
      .on(t.stoppedBy, t.createdAt, t.id)
      .where(sql`${t.stoppedBy} is not null`),
    index('crm_integrations_not_ok')
      .on(t.connectionStatus, t.createdAt, t.id)
      .where(sql`${t.connectionStatus} <> 'ok'`),
    index('crm_integrations_off')
      .on(t.createdAt, t.id)
      .where(sql`${t.syncEnabled} is not true`),
    index('crm_integrations_last_failure')
      .on(sql`(${t.lastFailure} ->> 'kind')`, t.createdAt, t.id)
      .where(sql`${t.lastFailure} is not null`),
  ],
)
