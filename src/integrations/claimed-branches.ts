// Whether the branches that settings name may be read with the service's own tokens.
import { and, eq, inArray } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { Connector } from '#crm/connector.ts'
import { HELD, marketplaceFor } from '#connections/marketplace.ts'
import { marketplaceInstalls } from '#db/schema/marketplace-installs.ts'
import { Problem } from '#lib/errors.ts'
import type { Connection } from '#integrations/settings.ts'

/**
 * Throws Problem `branch_not_claimed`: without a user token of the tenant's own, each branch has to be one that this
 * business has installed the app in. Whoever types the number of another branch would read that one's sales.
 */
export async function requireClaimed(
  context: Context,
  connector: Connector<unknown, unknown>,
  { businessId, connection }: { readonly businessId: string; readonly connection: Connection },
): Promise<void> {
  const registered = marketplaceFor(context, connector, connection)
  if (!registered || connection.credentials.apiSecret != null) return
  const { marketplace, branchIds } = registered
  const { branchId, brand, state, businessId: owner } = marketplaceInstalls
  const rows = await context.db
    .select({ branchId })
    .from(marketplaceInstalls)
    .where(and(eq(owner, businessId), eq(brand, marketplace.brand), inArray(state, [...HELD])))
  const claimed = new Set(rows.map((one) => one.branchId))
  const others = branchIds.filter((id) => !claimed.has(id))
  if (others.length === 0) return
  const named = others.slice(0, 10).join(', ')
  throw new Problem('branch_not_claimed', {
    detail: {
      en: `This business has not installed the app in: ${named}. Install it from ${marketplace.title}’s marketplace, or enter your own user token.`,
      ru: `Эта компания не подключала приложение в филиалах: ${named}. Подключите его в маркетплейсе ${marketplace.title} или введите свой токен пользователя.`,
    },
  })
}
