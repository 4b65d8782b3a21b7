import { and, eq, type SQL } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { marketplaceInstalls } from '#db/schema/marketplace-installs.ts'
import { findInstalls, takeNow } from '#marketplace/installs.ts'
import { advance } from '#marketplace/steps.ts'

/** Of one request; the cron tells the vendor of the rest. */
const AT_ONCE_MAX = 5

/**
 * After the integration, or the business with it, was deleted: tells the vendor. A trigger of the database has noted
 * what is to be told, so nothing of it is lost when this fails.
 */
export async function leaveMarketplace(
  context: Context,
  of: { readonly integrationId: string } | { readonly businessId: string },
): Promise<void> {
  if (Object.keys(context.config.marketplaces).length === 0) return
  const { integrationId, businessId, state, brand, branchId } = marketplaceInstalls
  const isOf: SQL = 'integrationId' in of ? eq(integrationId, of.integrationId) : eq(businessId, of.businessId)
  const leaving = await context.db
    .select({ brand, branchId })
    .from(marketplaceInstalls)
    .where(and(isOf, eq(state, 'leaving')))
    .limit(AT_ONCE_MAX)
  for (const { brand: of, branchId: id } of leaving) {
    const installs = await findInstalls(context, of, [id])
    await takeNow(context, installs)
    for (const install of installs) if (install.state === 'leaving') await advance(context, install)
  }
}
