import { and, eq, isNull, lt, type SQL, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { oauthGrants } from '#db/schema/oauth-grants.ts'
import { CrmError } from '#lib/crm-error.ts'
import { workOff } from '#lib/work-off.ts'
import { disableRevoked } from '#connections/disable-revoked.ts'
import { grantedPair, type Granted } from '#connections/refresh.ts'

/**
 * A refresh token lives for three months at least, so a vendor or we may fail for 60 nights. A sync refreshes daily.
 */
const IDLE_DAYS = 30
/** Grants that one statement reads: a few kilobytes. There is always a next batch while there is time. */
const BATCH_ROWS = 500
/** The nightly clean-up runs beside this one, and the platform gives both 15 minutes. */
const TIME_MS = 8 * 60_000
/** One slow account must not stop the others. Many at a time would be a burst on the vendor's token server. */
const CONCURRENCY = 4

type Idle = Granted & { readonly refreshedAt: string }

/**
 * Nightly: refreshes the grants of integrations that do not sync, the oldest first, as many as there is time for. A
 * failed one is tried again the next night.
 */
export async function refreshIdle(
  context: Context,
  batchRows = BATCH_ROWS,
): Promise<{ readonly refreshed: number; readonly failed: number }> {
  const startedAt = context.clock.now().getTime()
  const done = { refreshed: 0, failed: 0 }
  const isInTime = () => context.clock.now().getTime() - startedAt < TIME_MS
  let last: Idle | undefined
  let pending: Idle[]
  do {
    pending = await idleAfter(context, last, batchRows)
    last = pending.at(-1)
    await workOff(pending, { concurrency: CONCURRENCY, isInTime }, async (next) => {
      done[(await refreshOne(context, next)) ? 'refreshed' : 'failed'] += 1
    })
  } while (last && isInTime())
  context.log.info('idle_grants', { ...done, left: pending.length, ms: context.clock.now().getTime() - startedAt })
  return done
}

/** The next grants in the order of their age. One that failed keeps its place, and is not met again tonight. */
async function idleAfter({ db }: Context, last: Idle | undefined, batchRows: number): Promise<Idle[]> {
  const { id, businessId, crmType } = crmIntegrations
  const { integrationId, refreshedAt, revokedAt } = oauthGrants
  const isAfter: SQL | undefined =
    last && sql`(${refreshedAt}, ${integrationId}) > (${last.refreshedAt}::timestamptz, ${last.id}::uuid)`
  return db
    .select({ id, businessId, crmType, refreshedAt })
    .from(oauthGrants)
    .innerJoin(crmIntegrations, eq(id, integrationId))
    .where(and(isNull(revokedAt), lt(refreshedAt, sql`now() - interval '1 day' * ${IDLE_DAYS}::int`), isAfter))
    .orderBy(refreshedAt, integrationId)
    .limit(batchRows)
}

async function refreshOne(context: Context, granted: Granted): Promise<boolean> {
  try {
    await grantedPair(context, granted, null)
    return true
  } catch (error) {
    context.log.warn('idle_grant_failed', { integrationId: granted.id, error })
    if (error instanceof CrmError && error.reason === 'grant_dead') await disableRevoked(context, granted)
    return false
  }
}
