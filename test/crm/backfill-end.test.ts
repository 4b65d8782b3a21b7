// A slice may end with any page, the last one of a backfill too. The slice after it must find nothing left to do: were
// the backfill made again, one that is exactly as long as a slice would never end.
import { expect, it } from 'vitest'
import type { Page, Window } from '#crm/contract.ts'
import { connectorOf } from '#crm/registry.ts'
import { findForSession } from '#integrations/queries.ts'
import { openSession } from '#connections/session.ts'
import { createAmoTenant } from '#test/amo.ts'
import { createCafeTenant } from '#test/cafe.ts'
import { createClinicTenant } from '#test/renovatio.ts'
import { createShopTenant } from '#test/shop.ts'
import { type Connected, createSalonTenant } from '#test/tenants.ts'

async function backfill(tenant: Connected, from: unknown, window: Window): Promise<Page<unknown>[]> {
  const { context, integrationId } = tenant
  const row = await findForSession(context.db, integrationId, null)
  if (!row) throw new Error('no integration')
  const connector = connectorOf(row.crmType)
  const cursor = from === null ? null : connector.cursor.parse(JSON.parse(JSON.stringify(from)))
  const pages = []
  for await (const page of connector.pull(await openSession(context, row), cursor, window)) pages.push(page)
  return pages
}

it.each<[string, () => Promise<Connected>]>([
  ['1c', async () => createShopTenant({ demo: true })],
  ['amo_crm', async () => createAmoTenant({ demo: true })],
  ['iiko', async () => createCafeTenant({ demo: true })],
  ['renovatio', async () => createClinicTenant({ demo: true })],
  ['yclients', async () => createSalonTenant({ demo: true })],
])('leaves nothing to do after the last page: %s', async (_, create) => {
  const tenant = await create()
  const now = tenant.context.clock.now().getTime()
  const window = { from: new Date(now - 5 * 86_400_000).toISOString(), to: new Date(now).toISOString() }
  const pages = await backfill(tenant, null, window)
  expect(pages.flatMap(({ records }) => records).length).toBeGreaterThan(0)
  expect(await backfill(tenant, pages.at(-1)?.cursor, window)).toEqual([])
})
