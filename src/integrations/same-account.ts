import { connectorOf } from '#crm/registry.ts'
import type { StoredAccount } from '#db/schema/crm-integrations.ts'
import type { CrmType } from '#lib/crm-types.ts'

export type Identity = Pick<StoredAccount, 'externalId' | 'name' | 'locations' | 'installation'>

/** Two accounts at one CRM are the same when their ids are equal, or when they have a branch in common. */
export function isSameAccount(one: Identity, other: Identity): boolean {
  // One that has moved to another address has kept its names.
  if (isElsewhere(one, other) && one.name !== other.name) return false
  if (one.externalId === other.externalId) return true
  const branches = new Set(one.locations.map(({ externalId }) => externalId))
  return other.locations.some(({ externalId }) => branches.has(externalId))
}

function isElsewhere({ installation: one }: Identity, { installation: other }: Identity): boolean {
  return one !== undefined && other !== undefined && one !== other
}

interface Address {
  readonly crmType: CrmType
  readonly apiUrl: string | null
  readonly additionalConfig: Readonly<Record<string, unknown>> | null
}

/** Where ids are those of one installation, which its origin tells from others; empty elsewhere. */
export function installationOf({ crmType, apiUrl, additionalConfig }: Address): Pick<StoredAccount, 'installation'> {
  const connector = connectorOf(crmType)
  const address = connector.hasInstallations ? (apiUrl ?? connector.defaultApiUrl(additionalConfig ?? {})) : null
  return address === null ? {} : { installation: new URL(address).origin }
}
