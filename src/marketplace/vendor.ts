// An app of ours in a vendor's marketplace, opened for calls.
import type { Context } from '#context.ts'
import type { Connector } from '#crm/connector.ts'
import type { Marketplace, MarketplaceApp, MarketplaceCall, MarketplaceSettings } from '#crm/marketplace.ts'
import { CONNECTORS } from '#crm/registry.ts'
import { shareLimit } from '#connections/shared-limit.ts'
import { vendorHttp } from '#connections/vendor-http.ts'
import type { Lane } from '#lib/permits.ts'

export interface Vendor {
  readonly connector: Connector<unknown, unknown>
  readonly marketplace: Marketplace
  readonly settings: MarketplaceSettings
  readonly app: MarketplaceApp
}

/** All marketplaces that a connector knows, whether the service has an app there or not. */
export const MARKETPLACES: readonly Omit<Vendor, 'app'>[] = CONNECTORS.flatMap((connector) => {
  const { marketplace: settings } = connector
  return settings ? settings.brands.map((marketplace) => ({ connector, marketplace, settings })) : []
})

/** Null: the service has no app there. */
export function vendorOf({ config }: Pick<Context, 'config'>, brand: string): Vendor | null {
  const known = MARKETPLACES.find(({ marketplace }) => marketplace.brand === brand)
  const app = config.marketplaces[brand]
  return known && app ? { ...known, app } : null
}

/** `about`: the install or list that the calls are for. */
export function callOf(
  context: Context,
  { connector, marketplace, app }: Vendor,
  { about, lane }: { readonly about: string; readonly lane: Lane },
): MarketplaceCall {
  const of = { settings: {}, apiUrl: marketplace.apiUrl(app), apiKey: app.partnerToken }
  const admission = shareLimit(context, { connector, integrationId: about, lane, of })
  return { app, http: vendorHttp(context, { ...connector.pace, admission }) }
}
