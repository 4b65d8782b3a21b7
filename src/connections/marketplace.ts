// The service's own app in a vendor's marketplace, for the branches of one business. Its tokens open the branches of
// all businesses that installed it, so they are given to none that the business has not claimed.
import { and, eq, inArray } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { Connector } from '#crm/connector.ts'
import type { Session } from '#crm/contract.ts'
import type { Marketplace, MarketplaceApp } from '#crm/marketplace.ts'
import { type InstallStateName, marketplaceInstalls } from '#db/schema/marketplace-installs.ts'

type AnyConnector = Connector<unknown, unknown>

/** The vendor was told, and the branch was found to be of whoever claimed it. */
const OPEN: readonly InstallStateName[] = ['checked', 'active', 'frozen']
/** It belongs to the business. */
export const HELD: readonly InstallStateName[] = ['claimed', 'told', ...OPEN]

export interface RegisteredMarketplace {
  readonly marketplace: Marketplace
  readonly app: MarketplaceApp
  /** That the settings name. */
  readonly branchIds: readonly string[]
}

interface Address {
  readonly additionalConfig: Readonly<Record<string, unknown>> | null
  /** Null: the vendor's own. */
  readonly apiUrl: string | null
}

/** Null: there is no app of this brand, or the address is another than the vendor's: no token of ours goes there. */
export function marketplaceFor(
  { config }: Pick<Context, 'config'>,
  connector: AnyConnector,
  { additionalConfig, apiUrl }: Address,
): RegisteredMarketplace | null {
  const read = connector.marketplace?.read(additionalConfig ?? {})
  const marketplace = connector.marketplace?.brands.find(({ brand }) => brand === read?.brand)
  const app = config.marketplaces[read?.brand ?? '']
  if (!read || !marketplace || !app) return null
  const address = apiUrl ?? connector.defaultApiUrl(additionalConfig ?? {})
  return address === marketplace.apiUrl(app) ? { marketplace, app, branchIds: read.branchIds } : null
}

export async function openMarketplace(
  context: Context,
  connector: AnyConnector,
  row: Address & { readonly id: string },
): Promise<Session<unknown>['marketplace']> {
  const registered = marketplaceFor(context, connector, row)
  if (!registered) return null
  const { integrationId, brand, state, branchId } = marketplaceInstalls
  const rows = await context.db
    .select({ branchId })
    .from(marketplaceInstalls)
    .where(and(eq(integrationId, row.id), eq(brand, registered.marketplace.brand), inArray(state, [...OPEN])))
  return { app: registered.app, claimed: new Set(rows.map((one) => one.branchId)) }
}
