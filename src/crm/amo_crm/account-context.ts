import type { Session } from '#crm/contract.ts'
import { oncePerSession } from '#crm/kit/once.ts'
import { currencyOf } from '#lib/money.ts'
import { timeZoneOf } from '#lib/time.ts'
import { type AmoClient, createClient } from '#crm/amo_crm/client.ts'
import type { AccountContext, KeptAccount } from '#crm/amo_crm/cursor.ts'
import type { Account } from '#crm/amo_crm/schema.ts'
import type { Settings } from '#crm/amo_crm/settings.ts'

export const openAccountOnce = oncePerSession(async (session: Session<Settings>) =>
  toAccountContext(session, await readFacts(createClient(session))),
)

/** The id of the account's list of invoices; null: it has none. Throws CrmError. */
export const invoiceCatalogOnce = oncePerSession(async (session: Session<Settings>) =>
  createClient(session).invoiceCatalog(),
)

type Facts = Omit<KeptAccount, 'readAt'>

export async function readFacts(client: AmoClient): Promise<Facts> {
  return factsOf(await client.account())
}

export function factsOf(account: Account): Facts {
  return {
    timezone: accountZone(account),
    currency: currencyOf(account.currency),
    country: account.country ?? null,
    hasCustomers: hasCustomers(account),
  }
}

/** Zone and currency come from the settings, else from the account, else from the business. */
export function toAccountContext(
  { settings, fallback }: Session<Settings>,
  { timezone, currency, country, hasCustomers: hasThem }: Facts,
): AccountContext {
  return {
    timezone: settings.timezone ?? timezone ?? fallback.timezone,
    currency: settings.currency ?? currency ?? fallback.currency,
    country,
    hasCustomers: hasThem,
  }
}

export function accountZone(account: Account): string | null {
  return timeZoneOf(account._embedded?.datetime_settings?.timezone)
}

function hasCustomers({ customers_mode: mode }: Account): boolean {
  return mode != null && mode !== 'disabled' && mode !== 'unavailable'
}
