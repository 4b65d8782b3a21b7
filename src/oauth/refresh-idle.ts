import { and, eq, isNull, lt, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { oauthGrants } from '#db/schema/oauth-grants.ts'
import { CrmError } from '#lib/crm-error.ts'
import { disableRevoked } from '#connections/disable-revoked.ts'
import { grantedPair, type Granted } from '#connections/refresh.ts'

/** A refresh token lives for three months; whoever syncs refreshes every day. */
const IDLE_DAYS = 30
const BATCH_MAX = 500
const TIME_MS = 8 * 60_000
const AT_ONCE = 4

/** At night: keeps the grants of integrations alive that nobody syncs. What fails is tried again the night after. */
export async function refreshIdle(context: Context): Promise<{ readonly refreshed: number; readonly failed: number }> {
  const startedAt = context.clock.now().getTime()
  const { id, businessId, crmType } = crmIntegrations
  const { integrationId, refreshedAt, revokedAt } = oauthGrants
  const rows = await context.db
    .select({ id, businessId, crmType })
    .from(oauthGrants)
    .innerJoin(crmIntegrations, eq(id, integrationId))
    .where(and(isNull(revokedAt), lt(refreshedAt, sql`now() - interval '1 day' * ${IDLE_DAYS}::int`)))
    .orderBy(refreshedAt)
    .limit(BATCH_MAX)
  const line: Granted[] = [...rows]
  const done = { refreshed: 0, failed: 0 }
  const work = async () => {
    for (let next = line.shift(); next && context.clock.now().getTime() - startedAt < TIME_MS; next = line.shift()) {
      const isRefreshed = await refreshOne(context, next)
      done[isRefreshed ? 'refreshed' : 'failed'] += 1
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  context.log.info('idle_grants', { ...done, left: line.length, ms: context.clock.now().getTime() - startedAt })
  return done
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
