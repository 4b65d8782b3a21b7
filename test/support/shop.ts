// Private tenants on a 1C base of their own.
import { sql } from 'drizzle-orm'
import type { Page, Window } from '#crm/contract.ts'
import { connectorOf } from '#crm/registry.ts'
import { createOneCSandbox, type OneCOptions, type OneCSandbox } from '#sandbox/1c.ts'
import type { Line, Receipt } from '#sandbox/1c/shop.ts'
import { findForSession } from '#integrations/queries.ts'
import { openSession } from '#connections/session.ts'
import { allTransactions, type Connected, createVendorTenant, type SalonOptions } from '#test/tenants.ts'

export interface ShopTenant extends Connected {
  readonly sandbox: OneCSandbox
}

type Options = OneCOptions & Pick<SalonOptions, 'settings' | 'variables'>

/** A business with a 1C integration on a sandbox of its own, not tested and not switched on. */
export async function createShopTenant({ settings = {}, variables = {}, ...rest }: Options = {}): Promise<ShopTenant> {
  return createVendorTenant((now) => createOneCSandbox({ now, ...rest }), { settings, variables })
}

/** The stored transactions in the terms of the shop's ledger. */
export async function storedSales(tenant: ShopTenant) {
  const items = await allTransactions(tenant)
  return items.map(({ externalId, kind, status, amountMinor, currency, occurredAt, customer, items: lines }) => ({
    ...{ externalId, kind, status, amountMinor, currency, occurredAt: new Date(occurredAt).toISOString() },
    phone: customer?.phone ?? null,
    customerId: customer?.externalId ?? null,
    card: customer?.card ?? null,
    items: lines.map(
      ({ name, quantity, amountMinor: sum }: { name: string; quantity: number; amountMinor: number }) => ({
        name,
        quantity,
        amountMinor: sum,
      }),
    ),
  }))
}

/** Where the last live sync has ended. */
export async function cursorOf({ context, integrationId }: ShopTenant): Promise<unknown> {
  const { rows } = await context.db.execute(sql`select cursor from crm_integrations where id = ${integrationId}::uuid`)
  return rows[0]?.['cursor']
}

/** A pull by itself, as the schedule asks for it: no person is waiting. */
export async function pullFrom(tenant: ShopTenant, cursor: unknown, window?: Window): Promise<Page<unknown>[]> {
  const { context, integrationId } = tenant
  const row = await findForSession(context.db, integrationId, null)
  if (!row) throw new Error('no integration')
  const connector = connectorOf(row.crmType)
  const pages = []
  const parsed = cursor === null ? null : connector.cursor.parse(cursor)
  for await (const page of connector.pull(await openSession(context, row), parsed, window)) pages.push(page)
  return pages
}

/** Whole seconds, as 1C has them. */
export function daysAgo({ context }: ShopTenant, days: number): Date {
  const ms = context.clock.now().getTime() - days * 86_400_000
  return new Date(ms - (ms % 1000))
}

export function linesOf({ sandbox: { shop } }: ShopTenant, rubles = 100): Line[] {
  const [good = shop.addGood('Кофе')] = shop.goods.values()
  return [{ good, quantity: 1, kopecks: rubles * 100 }]
}

/** A receipt of some days ago. */
export function sell(tenant: ShopTenant, days = 1, rubles = 100): Receipt {
  return tenant.sandbox.shop.add({ at: daysAgo(tenant, days), lines: linesOf(tenant, rubles) })
}

/** What is stored of a receipt. */
export async function saleOf(tenant: ShopTenant, { id }: Pick<Receipt, 'id'>) {
  return (await allTransactions(tenant)).find(({ externalId }) => externalId.endsWith(id))
}

/** A tenant whose base pushes to its address and shows the secret, as a developer would have set it up. */
export async function createPushingTenant(
  options: Options = {},
): Promise<{ readonly tenant: ShopTenant; readonly secret: string }> {
  const tenant = await createShopTenant(options)
  const { webhookUrl, webhookSetup } = (await tenant.call('GET', tenant.path)).json
  const [secret = ''] = /[\w-]{43}(?=\.$)/.exec(webhookSetup.steps.en) ?? []
  Object.assign(tenant.sandbox.push, { url: webhookUrl, secret })
  return { tenant, secret }
}
