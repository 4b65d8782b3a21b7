// Private tenants on an iiko of their own.
import { line, type NewOrder, type Order, type Receipt } from '#sandbox/iiko/cafe.ts'
import { createIikoSandbox, type IikoOptions, type IikoSandbox } from '#sandbox/iiko.ts'
import { allTransactions, type Connected, createVendorTenant, type SalonOptions } from '#test/tenants.ts'

export interface CafeTenant extends Connected {
  readonly sandbox: IikoSandbox
}

type Options = IikoOptions & Pick<SalonOptions, 'settings' | 'variables'>

/** A business with an iiko integration on a sandbox of its own, not tested and not switched on. */
export async function createCafeTenant({ settings = {}, variables = {}, ...rest }: Options = {}): Promise<CafeTenant> {
  return createVendorTenant((now) => createIikoSandbox({ now, ...rest }), { settings, variables })
}

/** The stored transactions in the terms of the café's ledger. */
export async function storedSales(tenant: CafeTenant) {
  const items = await allTransactions(tenant)
  return items.map(({ externalId, status, amountMinor, occurredAt, customer }) => ({
    ...{ externalId, status, amountMinor, occurredAt: new Date(occurredAt).toISOString() },
    phone: customer?.phone ?? null,
    customerId: customer?.externalId ?? null,
    card: customer?.card ?? null,
  }))
}

/** Some hours before the café's now. */
export function ago({ sandbox }: CafeTenant, hours: number): Date {
  return new Date(sandbox.cafe.now().getTime() - hours * 3_600_000)
}

/** An order of the cloud, closed some hours ago. */
export function sell(tenant: CafeTenant, hours: number, change: Partial<NewOrder> = {}): Order {
  return tenant.sandbox.cafe.sell({ at: ago(tenant, hours), lines: [line('1', 'Пицца', 59_000)], ...change })
}

/** A receipt of the till, closed some hours ago. */
export function ring(tenant: CafeTenant, hours: number, change: Partial<Receipt> = {}): Receipt {
  return tenant.sandbox.cafe.ring(ago(tenant, hours), [line('1', 'Пицца', 59_000), line('2', 'Чай', 15_000)], change)
}

/** Requests so far whose path has this in it. */
export function asked({ sandbox }: CafeTenant, path: string): number {
  return sandbox.requests.filter((request) => request.includes(path)).length
}

export async function statusOf(tenant: CafeTenant, id: string): Promise<string | undefined> {
  return (await storedSales(tenant)).find(({ externalId }) => externalId === id)?.status
}

/** By external id. */
// oxlint-disable-next-line typescript/no-explicit-any -- tests look into the API's answers
export async function storedById(tenant: CafeTenant): Promise<Record<string, any>> {
  return Object.fromEntries((await allTransactions(tenant)).map((item) => [item.externalId, item]))
}

export async function capability(tenant: CafeTenant, name: string, language = 'en') {
  const { json } = await tenant.call('POST', `${tenant.path}/test`, undefined, { 'accept-language': language })
  return json.capabilities.find((one: { name: string }) => one.name === name)
}
