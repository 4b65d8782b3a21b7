import type { Context } from '#context.ts'
import type { Connector } from '#crm/connector.ts'
import type { RegisteredApp } from '#crm/oauth.ts'

/**
 * The service's own registration with the vendor, for calls to this address. Null: there is none, or the address is not
 * the vendor's own. Its secret opens every account that trusts the service, so it goes to no host that a tenant chose.
 */
export function appFor(
  { config }: Context,
  { type, ownOrigins }: Pick<Connector<unknown, unknown>, 'type' | 'ownOrigins'>,
  apiUrl: string,
): RegisteredApp | null {
  const app = config.apps[type]
  if (!app || !URL.canParse(apiUrl)) return null
  const { origin } = new URL(apiUrl)
  return config.egressAllowOrigins.includes(origin) || ownOrigins?.test(origin) === true ? app : null
}
