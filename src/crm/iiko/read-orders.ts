// Orders by their ids.
import { readInHalves } from '#crm/kit/fewer-at-once.ts'
import { idIn } from '#crm/kit/mapping.ts'
import type { Cloud, Ids } from '#crm/iiko/cloud.ts'
import { orNone } from '#crm/iiko/restaurants.ts'

const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

/** iiko refuses to look for anything else, and what is asked for in vain too often ends in a block of the key. */
export function isOrderId(externalId: string): boolean {
  return GUID.test(externalId)
}

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
