// A business with a Renovatio integration on a sandbox of its own.
import { createRenovatioSandbox, type RenovatioOptions, type RenovatioSandbox } from '#sandbox/renovatio.ts'
import { allTransactions, type Connected, createVendorTenant } from '#test/tenants.ts'

export interface ClinicTenant extends Connected {
  readonly sandbox: RenovatioSandbox
}

interface ClinicOptions extends RenovatioOptions {
  readonly settings?: Readonly<Record<string, unknown>>
}

/** The first sync looks back five weeks unless the settings say otherwise: fewer periods to ask for. */
export async function createClinicTenant({ settings = {}, ...rest }: ClinicOptions = {}): Promise<ClinicTenant> {
  const additionalConfig = { initialDays: 35, ...settings }
  return createVendorTenant((now) => createRenovatioSandbox({ now, ...rest }), { settings: additionalConfig })
}

/** The stored transactions in the terms of the clinic's ledger. */
export async function stored(tenant: ClinicTenant) {
  const items = await allTransactions(tenant)
  return items.map((item) => ({
    externalId: item.externalId,
    status: item.status,
    amountMinor: item.amountMinor,
    occurredAt: new Date(item.occurredAt).toISOString(),
    phone: item.customer?.phone ?? null,
    customerId: item.customer?.externalId ?? null,
  }))
}

/** Whole minutes: the vendor's times have no seconds. */
export function hoursAgo({ context }: ClinicTenant, hours: number): Date {
  const ms = context.clock.now().getTime() - hours * 3_600_000
  return new Date(ms - (ms % 60_000))
}

export async function one(tenant: ClinicTenant, externalId: string) {
  return (await allTransactions(tenant)).find((item) => item.externalId === externalId)
}

export async function quarantined(tenant: ClinicTenant) {
  return (await tenant.call('GET', `${tenant.path}/quarantine`)).json.items
}

/** A clinic with some sales around, so that no list is empty. */
export async function workingClinic(settings = {}): Promise<ClinicTenant> {
  const tenant = await createClinicTenant({ settings })
  for (let hours = 1; hours < 720; hours += 40) tenant.sandbox.clinic.sell(hoursAgo(tenant, hours), 190_000)
  return tenant
}
