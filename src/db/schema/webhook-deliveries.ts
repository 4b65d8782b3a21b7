import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytea } from '#db/bytea.ts'
import { instant } from '#db/columns.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'

/** The inbox: webhooks as they arrived. They are kept for some time after they were processed. */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    id: uuid().primaryKey().defaultRandom(),
    // Without a foreign key: they go in batches after their integration, see src/integrations/remove-rows.ts.
    integrationId: uuid('integration_id').notNull(),
    /** `hook`: from the CRM. `recheck`: two reads of one object overlapped, so it is read once more. */
    kind: text().notNull().default('hook'),
    dedupeKey: text('dedupe_key').notNull(),
    status: text().notNull().default('new'),
    reason: text(),
    contentType: text('content_type'),
    body: bytea(),
    /**
     * The ids that it names, without personal data. They stay when the body is emptied. Null: more than are read one by
     * one.
     */
    hints: jsonb().$type<readonly unknown[]>(),
    /** How often the same delivery was repeated. A worker compares the number, so that no repeat is lost meanwhile. */
    repeats: integer().notNull().default(0),
    attempts: integer().notNull().default(0),
    receivedAt: instant('received_at').notNull().defaultNow(),
    /** The integration's change counter at receipt: rows that were stored later may be newer than the body. */
    receivedSeq: bigint('received_seq', { mode: 'number' }).notNull().default(0),
    dueAt: instant('due_at').notNull().defaultNow(),
    doneAt: instant('done_at'),
  },
  (t) => [
    unique('webhook_deliveries_dedupe').on(t.integrationId, t.dedupeKey),
    check('webhook_deliveries_kind', sql`${t.kind} in ('hook','recheck')`),
    check('webhook_deliveries_status', sql`${t.status} in ('new','done','ignored','rejected','failed')`),
    index('webhook_deliveries_inbox')
      .on(t.integrationId, t.dueAt)
      .where(sql`${t.status} = 'new'`),
    index('webhook_deliveries_newest').on(t.integrationId, t.receivedAt, t.id),
    // The clean-up finds the oldest in order. Space is used again, so a BRIN index soon finds nothing.
    index('webhook_deliveries_age').on(t.receivedAt),
    index('webhook_deliveries_bodies')
      .on(t.receivedAt)
      .where(sql`${t.body} is not null`),
    // For the operator's look at the last day.
    index('webhook_deliveries_refused')
      .on(t.receivedAt)
      .where(sql`${t.status} in ('failed','rejected')`),
  ],
)

/** How many bytes of bodies came for an integration in a day, as `store_delivery` counts them for its quota. */
export const webhookUsage = pgTable(
  'webhook_usage',
  {
    integrationId: uuid('integration_id')
      .notNull()
      .references(() => crmIntegrations.id, { onDelete: 'cascade' }),
    day: date().notNull(),
    bytes: bigint({ mode: 'number' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.integrationId, t.day] })],
)

/** How many webhooks were not answered with 200, by CRM and day: some vendors block addresses for that. */
export const webhookRefusals = pgTable(
  'webhook_refusals',
  {
    crmType: text('crm_type').notNull(),
    day: date().notNull(),
    answers: bigint({ mode: 'number' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.crmType, t.day] })],
)

/**
 * Records that a hook's read found unpaid, so that they are not stored. Without this row, a page that was requested
 * before that read could still insert them as paid. It has no content and is deleted after a day.
 */
export const unpaidObservations = pgTable(
  'unpaid_observations',
  {
    // Without a foreign key: they go in batches after their integration, see src/integrations/remove-rows.ts.
    integrationId: uuid('integration_id').notNull(),
    externalId: text('external_id').notNull(),
    versionAt: instant('version_at'),
    seenSeq: bigint('seen_seq', { mode: 'number' }).notNull(),
    at: instant('at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.integrationId, t.externalId] })],
)
