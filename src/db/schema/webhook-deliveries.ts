import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core'
import { bytea } from '#db/bytea.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' })

/** The inbox: what a CRM told us, kept until it has been looked into. */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    id: uuid().primaryKey().defaultRandom(),
    integrationId: uuid('integration_id')
      .notNull()
      .references(() => crmIntegrations.id, { onDelete: 'cascade' }),
    dedupeKey: text('dedupe_key').notNull(),
    externalId: text('external_id'),
    status: text().notNull().default('new'),
    reason: text(),
    contentType: text('content_type'),
    body: bytea(),
    attempts: integer().notNull().default(0),
    receivedAt: instant('received_at').notNull().defaultNow(),
    enqueuedAt: instant('enqueued_at'),
    dueAt: instant('due_at').notNull().defaultNow(),
    leaseUntil: instant('lease_until'),
    doneAt: instant('done_at'),
  },
  (t) => [
    unique('webhook_deliveries_dedupe').on(t.integrationId, t.dedupeKey),
    check('webhook_deliveries_status', sql`${t.status} in ('new','done','rejected','failed')`),
    index('webhook_deliveries_due')
      .on(t.dueAt)
      .where(sql`${t.status} = 'new'`),
    index('webhook_deliveries_newest').on(t.integrationId, t.receivedAt, t.id),
  ],
)
