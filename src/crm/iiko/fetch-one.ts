// Orders by their ids. An order that iiko does not show is not necessarily gone: it promises no more than seven days.
import type { Hint, MappedRecord, Session } from '#crm/contract.ts'
import { readInHalves } from '#crm/kit/fewer-at-once.ts'
import { idIn } from '#crm/kit/mapping.ts'
import { oncePerSession } from '#crm/kit/once.ts'
import { type Cloud, createCloud, type Ids } from '#crm/iiko/cloud.ts'
import type { Restaurant } from '#crm/iiko/cursor.ts'
import { mapOrder, type Rules } from '#crm/iiko/map.ts'
import {
  chooseOrganizations,
  orNone,
  paymentTypesOf,
  terminalsOf,
  toRestaurant,
  zoneOf,
} from '#crm/iiko/restaurants.ts'
import { PREFIX } from '#crm/iiko/receipts.ts'
import type { Settings } from '#crm/iiko/settings.ts'

/** The orders of either kind that the cloud knows, of at most IDS_MAX ids, in any of the restaurants. */
export async function readOrders(
  cloud: Pick<Cloud, 'deliveries' | 'tableOrders'>,
  organizationIds: readonly string[],
  name: 'id' | 'posId',
  ids: readonly string[],
): Promise<readonly unknown[]> {
  const named = (some: readonly string[]): Ids => (name === 'id' ? { orderIds: some } : { posOrderIds: some })
  const rows: unknown[] = []
  let rest = ids
  const take = (found: readonly unknown[]) => {
    const known = new Set(found.map((row) => idIn(row, name)?.toLowerCase()))
    rows.push(...found)
    rest = rest.filter((id) => !known.has(id.toLowerCase()))
  }
  for (const organizationId of organizationIds) {
    if (rest.length > 0) take(await readInHalves(rest, async (some) => cloud.deliveries(organizationId, named(some))))
  }
  const atTables = async (some: readonly string[]) => cloud.tableOrders(organizationIds, named(some))
  if (rest.length > 0) take((await orNone(async () => readInHalves(rest, atTables))) ?? [])
  return rows
}

interface Account {
  readonly restaurants: readonly Restaurant[]
  readonly rules: Rules
}

const openAccountOnce = oncePerSession(async (session: Session<Settings>): Promise<Account> => {
  const { settings } = session
  const cloud = createCloud(session)
  const organizations = chooseOrganizations(await cloud.organizations(), settings)
  const ids = organizations.map(({ id }) => id)
  const groups = settings.timezone === undefined ? await terminalsOf(cloud, ids) : []
  const restaurants = organizations.map((organization) => {
    const own = groups.filter(({ organizationId }) => organizationId === organization.id)
    return toRestaurant(session, organization, zoneOf(own))
  })
  const { paymentTypes } = await paymentTypesOf(cloud, ids)
  return { restaurants, rules: { ...settings, paymentTypes } }
})

export async function fetchOne(session: Session<Settings>, { externalId, extra }: Hint): Promise<MappedRecord | null> {
  // A single receipt cannot be read: reports filter by text, not by id.
  if (externalId.startsWith(PREFIX)) return null
  const { restaurants, rules } = await openAccountOnce(session)
  const ownId = extra?.['organizationId']?.toLowerCase()
  const organizationIds = restaurants.map(({ id }) => id).filter((id) => ownId === undefined || id === ownId)
  if (organizationIds.length === 0) return null
  const [row] = await readOrders(createCloud(session), organizationIds, 'id', [externalId])
  return row === undefined ? null : mapOrder(row, restaurants, rules)
}
