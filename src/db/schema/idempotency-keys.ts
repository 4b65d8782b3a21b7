import { index, pgTable, uuid } from 'drizzle-orm/pg-core'
import { bytea } from '#db/bytea.ts'
import { instant } from '#db/columns.ts'

/** Requests that may be repeated without a second effect, and what they were answered. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    /** SHA-256 of the subject, its business, the route and the key. */
    keyHash: bytea('key_hash').primaryKey(),
    /** Null: an admin's. Without a foreign key, so that a business is deleted without waiting for these. */
    businessId: uuid('business_id'),
    /** The request that works under the key: only it may store the answer. */
    claimId: uuid('claim_id').notNull(),
    /** Until then it is taken to be at work. */
    claimedUntil: instant('claimed_until').notNull(),
    /** SHA-256 of query and body; null while the body is still being read. */
    requestHash: bytea('request_hash'),
    /** Status, headers and body, sealed; null: not answered yet. */
    answer: bytea(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    index('idempotency_keys_age').using('brin', t.createdAt),
    index('idempotency_keys_business').on(t.businessId),
  ],
)
