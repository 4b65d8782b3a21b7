// Private tenants on a 1C base of their own.
import { createOneCSandbox, type OneCOptions, type OneCSandbox } from '#dev/sandbox/1c.ts'
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
  return items.map(({ externalId, kind, status, amountMinor, occurredAt, customer, items: lines }) => ({
    ...{ externalId, kind, status, amountMinor, occurredAt: new Date(occurredAt).toISOString() },
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
