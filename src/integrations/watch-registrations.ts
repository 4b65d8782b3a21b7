import { and, eq, isNull, lt, or, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { businesses } from '#db/schema/businesses.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { CrmError } from '#lib/crm-error.ts'
import { workOff } from '#lib/work-off.ts'
import { openSession } from '#connections/session.ts'
import { integrationColumns, type IntegrationRow, toSessionRow } from '#integrations/queries.ts'
import { readRegistration, storeState } from '#integrations/webhook-registration.ts'

/** Each is looked at once a day; less than a day, so that a night that is a little early finds it due. */
const AGE_HOURS = 20
/** Of one night, the longest unseen first. At 4 at a time each has some 1 s within the time limit. */
const BATCH_MAX = 2000
/** Other nightly work runs beside this, and the platform gives all of it 15 minutes. */
const TIME_MS = 8 * 60_000
const CONCURRENCY = 4

/**
 * Nightly: asks the CRMs whether our addresses are still switched on. Vendors switch off an address that failed for a
 * while, and tell us nothing. What cannot be read tonight is looked at the next night.
 */
export async function watchRegistrations(context: Context): Promise<void> {
  const { clock, db, log } = context
  const { publicUrl } = context.config
  // Without it the address is known only while a person calls.
  if (publicUrl === null) return
  const startedAt = clock.now().getTime()
  const { syncEnabled, webhookRegistration, webhookCheckedAt } = crmIntegrations
  const isDue = or(isNull(webhookCheckedAt), lt(webhookCheckedAt, sql`now() - interval '1 hour' * ${AGE_HOURS}::int`))
  const pending = await db
    .select({ ...integrationColumns, timezone: businesses.timezone, currency: businesses.currency })
    .from(crmIntegrations)
    .innerJoin(businesses, eq(businesses.id, crmIntegrations.businessId))
    .where(and(eq(syncEnabled, true), eq(webhookRegistration, 'registered'), isDue))
    .orderBy(sql`${webhookCheckedAt} nulls first`)
    .limit(BATCH_MAX)
  const isInTime = () => clock.now().getTime() - startedAt < TIME_MS
  await workOff(pending, { concurrency: CONCURRENCY, isInTime }, async (row) => watchOne(context, row, publicUrl))
  log.info('registrations_watched', { left: pending.length, ms: clock.now().getTime() - startedAt })
}

type WatchedRow = IntegrationRow & Pick<typeof businesses.$inferSelect, 'timezone' | 'currency'>

async function watchOne(context: Context, row: WatchedRow, publicUrl: string): Promise<void> {
  try {
    const session = await openSession(context, toSessionRow(row, row), { lane: 'bulk' })
    const state = await readRegistration(context, row, { session, requestUrl: publicUrl })
    if (state !== null && state !== 'registered')
      context.log.warn('webhook_switched_off', { integrationId: row.id, state })
    await storeState(context, row, state ?? 'absent')
  } catch (error) {
    if (!(error instanceof CrmError)) throw error
    context.log.warn('registration_not_read', { integrationId: row.id, kind: error.kind, reason: error.reason })
  }
}
