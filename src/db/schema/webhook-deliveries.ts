import { sql } from 'drizzle-orm'
import { bigint, check, index, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core'
import { bytea } from '#db/bytea.ts'
import { instant } from '#db/columns.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'

/** The inbox: what a CRM told us, kept until it has been looked into and for some time after. */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    id: uuid().primaryKey().defaultRandom(),
    integrationId: uuid('integration_id')
      .notNull()
      .references(() => crmIntegrations.id, { onDelete: 'cascade' }),
    /** `hook`: from the CRM. `recheck`: two looks at one object overlapped, so it is read once more. */
    kind: text().notNull().default('hook'),
    dedupeKey: text('dedupe_key').notNull(),
    status: text().notNull().default('new'),
    reason: text(),
    contentType: text('content_type'),
    body: bytea(),
    /** What it points at: ids without any personal data, kept when the body has gone. */
    hints: jsonb().$type<readonly unknown[]>(),
    /** How often the same came again. Whoever works on it compares, so that news in the meantime are not lost. */
    repeats: integer().notNull().default(0),
    attempts: integer().notNull().default(0),
    receivedAt: instant('received_at').notNull().defaultNow(),
    /** The integration's change counter at receipt: what is stored later may be newer than what the body says. */
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
    index('webhook_deliveries_age').using('brin', t.receivedAt),
  ],
)

/**
 * Records that a hook's look found unpaid and that are therefore not stored: without this, a page that was asked for
 * before that look could still insert them as paid. No content; goes after a day.
 */
export const unpaidObservations = pgTable(
  'unpaid_observations',
  {
    integrationId: uuid('integration_id')
      .notNull()
      .references(() => crmIntegrations.id, { onDelete: 'cascade' }),
    externalId: text('external_id').notNull(),
    versionAt: instant('version_at'),
    seenSeq: bigint('seen_seq', { mode: 'number' }).notNull(),
    at: instant('at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.integrationId, t.externalId] })],
)
