import type { Context } from '#context.ts'
import type { Connector } from '#crm/connector.ts'
import type { RegisteredApp } from '#crm/oauth.ts'
import type { CrmType } from '#lib/crm-types.ts'

/** The service's own registration with a vendor. Null brand: the only one, or the first of several. */
export function registeredApp({ config }: Context, crmType: CrmType, brand: string | null): RegisteredApp | null {
  return config.apps[crmType]?.find((app) => brand === null || app.brand === brand) ?? null
}

/**
 * The same for calls to this address. Null: there is none, or the address is not the vendor's own. Its secret opens
 * every account that trusts the service, so it goes to no host that a tenant chose.
 */
export function appFor(
  context: Context,
  { type, ownOrigins }: Pick<Connector<unknown, unknown>, 'type' | 'ownOrigins'>,
  apiUrl: string,
  brand: string | null = null,
): RegisteredApp | null {
  const app = registeredApp(context, type, brand)
  if (!app || !URL.canParse(apiUrl)) return null
  const { origin } = new URL(apiUrl)
  return context.config.egressAllowOrigins.includes(origin) || ownOrigins?.test(origin) === true ? app : null
}
