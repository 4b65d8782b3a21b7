// One sale as it is now. An order that iiko does not show is not necessarily gone: it promises no more than seven days.
import type { Hint, MappedRecord, NoRecord, Session } from '#crm/contract.ts'
import { type Account, openAccountOnce } from '#crm/iiko/account.ts'
import { noneByCommon } from '#crm/rules.ts'
import { findReceipt } from '#crm/iiko/find-receipt.ts'
import { mapOrder } from '#crm/iiko/map.ts'
import { readOrders } from '#crm/iiko/read-orders.ts'
import { PREFIX } from '#crm/iiko/receipts.ts'
import { none } from '#crm/iiko/rules.ts'
import type { Settings } from '#crm/iiko/settings.ts'

/** What iiko is asked for in vain too often ends in a block of the key. */
const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i
const EXAMPLE = '7bc05553-4b68-44e8-b7bc-37be63c6d9e9, olap:7bc05553-4b68-44e8-b7bc-37be63c6d9e9'

export async function fetchOne(session: Session<Settings>, hint: Hint): Promise<MappedRecord | NoRecord> {
  const { externalId, extra } = hint
  if (!externalId.startsWith(PREFIX) && !GUID.test(externalId)) return noneByCommon('foreign_id', { example: EXAMPLE })
  const account = await openAccountOnce(session)
  if (externalId.startsWith(PREFIX)) return findReceipt(session, account, hint)
  const own = (extra?.['organizationId'] ?? extra?.['locationId'])?.toLowerCase()
  return fetchOrder(account, externalId, own ?? null)
}

async function fetchOrder(
  { cloud, restaurants, rules }: Account,
  externalId: string,
  restaurantId: string | null,
): Promise<MappedRecord | NoRecord> {
  const ids = restaurants.map(({ id }) => id).filter((id) => restaurantId === null || id === restaurantId)
  if (ids.length === 0) return none('restaurant_left')
  const [row] = await readOrders(cloud, ids, 'id', [externalId])
  return row === undefined ? none('order_not_shown') : mapOrder(row, restaurants, rules)
}
