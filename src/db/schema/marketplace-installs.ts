import { sql } from 'drizzle-orm'
import { check, date, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { bytea } from '#db/bytea.ts'
import { instant } from '#db/columns.ts'

/**
 * `claimed`: the vendor has to be told; `told`: our system user's access and the person who clicked have to be checked;
 * `checked`: the branch is ours and its sync is to be switched on; `active`; `frozen`: the vendor's licence ended;
 * `leaving`: the vendor has to be told that it is over; `uninstalled`; `expired`: the vendor was not told in time.
 */
export const INSTALL_STATES = [
  ...(['claimed', 'told', 'checked', 'active'] as const),
  ...(['frozen', 'leaving', 'uninstalled', 'expired'] as const),
] as const
export type InstallStateName = (typeof INSTALL_STATES)[number]

/**
 * The branches that were installed from a vendor's marketplace, each with the business that it belongs to. Without
 * foreign keys: their checks would lock an integration after its installs, and its removal locks them the other way
 * round. Once an integration is deleted, a trigger makes its installs `leaving`.
 */
export const marketplaceInstalls = pgTable(
  'marketplace_installs',
  {
    id: uuid().primaryKey().defaultRandom(),
    brand: text().notNull(),
    branchId: text('branch_id').notNull(),
    businessId: uuid('business_id').notNull(),
    /** Null: it has none yet, or none any more. */
    integrationId: uuid('integration_id'),
    state: text({ enum: INSTALL_STATES }).notNull().default('claimed'),
    /** Who clicked, at the vendor; null: it did not say. */
    userId: text('user_id'),
    /** Rises with each claim: a step of a former one changes nothing. */
    claim: integer().notNull().default(1),
    begunAt: instant('begun_at'),
    claimedAt: instant('claimed_at').notNull().defaultNow(),
    /** Until then the vendor can be told. */
    deadlineAt: instant('deadline_at').notNull(),
    /** The origin at which the vendor reaches us. */
    origin: text().notNull(),
    toldAt: instant('told_at'),
    activeAt: instant('active_at'),
    endedAt: instant('ended_at'),
    /** When the next step is due; null: there is none. */
    nextStepAt: instant('next_step_at'),
    attempts: integer().notNull().default(0),
    lastError: text('last_error'),
    /** In how many nights in a row the vendor's list did not have it. */
    missingNights: integer('missing_nights').notNull().default(0),
    /** The last of these nights. */
    missingOn: date('missing_on'),
  },
  (t) => [
    check('marketplace_installs_state', sql`${t.state} in (${sql.raw(INSTALL_STATES.map((s) => `'${s}'`).join(','))})`),
    // A branch belongs to one business: the database itself refuses a second claim.
    uniqueIndex('marketplace_installs_branch').on(t.brand, t.branchId),
    index('marketplace_installs_business').on(t.businessId),
    index('marketplace_installs_integration').on(t.integrationId),
    index('marketplace_installs_newest').on(t.claimedAt, t.id),
    index('marketplace_installs_due')
      .on(t.nextStepAt)
      .where(sql`${t.nextStepAt} is not null`),
  ],
)

/** Tickets that were used, until long after they have expired. */
export const marketplaceTickets = pgTable(
  'marketplace_tickets',
  {
    ticketHash: bytea('ticket_hash').primaryKey(),
    businessId: uuid('business_id').notNull(),
    usedAt: instant('used_at').notNull().defaultNow(),
  },
  (t) => [index('marketplace_tickets_used').on(t.usedAt)],
)
