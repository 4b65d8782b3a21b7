import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { CrmError } from '#lib/crm-error.ts'
import { disableRevoked } from '#connections/disable-revoked.ts'
import { grantedPair, type Granted } from '#connections/refresh.ts'

/** A refresh token lives for three months; whoever syncs refreshes every day. */
const IDLE_DAYS = 30
const BATCH_MAX = 500
const TIME_MS = 8 * 60_000
const AT_ONCE = 4

interface IdleRow extends Record<string, unknown> {
  id: string
  business_id: string
  crm_type: Granted['crmType']
}

/** At night: keeps the grants of integrations alive that nobody syncs. What fails is tried again the night after. */
export async function refreshIdle(context: Context): Promise<{ readonly refreshed: number; readonly failed: number }> {
  const startedAt = context.clock.now().getTime()
  const { rows } = await context.db.execute<IdleRow>(sql`
    select i.id, i.business_id, i.crm_type from oauth_grants g join crm_integrations i on i.id = g.integration_id
    where g.revoked_at is null and g.refreshed_at < now() - interval '1 day' * ${IDLE_DAYS}::int
    order by g.refreshed_at limit ${BATCH_MAX}::int`)
  const line = rows.map((row): Granted => ({ id: row.id, businessId: row.business_id, crmType: row.crm_type }))
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
