import type { StoredAccount } from '#db/schema/crm-integrations.ts'

/** Two accounts at one CRM are the same when their ids are equal, or when they have a branch in common. */
export function isSameAccount(
  one: Pick<StoredAccount, 'externalId' | 'locations'>,
  other: Pick<StoredAccount, 'externalId' | 'locations'>,
): boolean {
  if (one.externalId === other.externalId) return true
  const branches = new Set(one.locations.map(({ externalId }) => externalId))
  return other.locations.some(({ externalId }) => branches.has(externalId))
}
