// One sale as it is now. An order that iiko does not show is not necessarily gone: it promises no more than seven days.
import type { ShownSale } from '#crm/connector.ts'
import type { Hint, MappedRecord, NoRecord, Session } from '#crm/contract.ts'
import { type Account, openAccountOnce } from '#crm/iiko/account.ts'
import { noneByCommon } from '#crm/rules.ts'
import { findReceipt } from '#crm/iiko/find-receipt.ts'
import { mapOrder } from '#crm/iiko/map.ts'
import { PLANNED_DAYS } from '#crm/iiko/plan.ts'
import { isOrderId, readOrders } from '#crm/iiko/read-orders.ts'
import { PREFIX } from '#crm/iiko/receipts.ts'
import { none } from '#crm/iiko/rules.ts'
import type { Settings } from '#crm/iiko/settings.ts'

const EXAMPLE = '7bc05553-4b68-44e8-b7bc-37be63c6d9e9, olap:7bc05553-4b68-44e8-b7bc-37be63c6d9e9'

export async function fetchOne(session: Session<Settings>, hint: Hint): Promise<MappedRecord | NoRecord> {
  const { externalId, extra } = hint
  if (!externalId.startsWith(PREFIX) && !isOrderId(externalId)) return noneByCommon('foreign_id', { example: EXAMPLE })
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

/** Receipts stand in reports for ever; orders are listed by date and shown by id for some days. */
export function shows(
  { organizationIds }: Settings,
  { externalId, occurredAt, locationId }: ShownSale,
  now: Date,
): boolean {
  if (locationId !== null && organizationIds.length > 0 && !organizationIds.includes(locationId)) return false
  return externalId.startsWith(PREFIX) || Date.parse(occurredAt) >= now.getTime() - PLANNED_DAYS * 86_400_000
}
