import type { Session } from '#crm/contract.ts'
import { oncePerSession } from '#crm/kit/once.ts'
import { currencyOf } from '#lib/money.ts'
import { timeZoneOf } from '#lib/time.ts'
import { type AmoClient, createClient } from '#crm/amo_crm/client.ts'
import type { AccountContext } from '#crm/amo_crm/cursor.ts'
import type { Account } from '#crm/amo_crm/schema.ts'
import type { Settings } from '#crm/amo_crm/settings.ts'

/** Zone and currency come from the settings, else from the account, else from the business. */
export async function openAccount(session: Session<Settings>, client: AmoClient): Promise<AccountContext> {
  return toAccountContext(session, await client.account())
}

export const openAccountOnce = oncePerSession(async (session: Session<Settings>) =>
  openAccount(session, createClient(session)),
)

/** The id of the account's list of invoices; null: it has none. Throws CrmError. */
export const invoiceCatalogOnce = oncePerSession(async (session: Session<Settings>) =>
  createClient(session).invoiceCatalog(),
)

export function toAccountContext({ settings, fallback }: Session<Settings>, account: Account): AccountContext {
  return {
    timezone: settings.timezone ?? accountZone(account) ?? fallback.timezone,
    currency: settings.currency ?? currencyOf(account.currency) ?? fallback.currency,
    country: account.country ?? null,
    hasCustomers: hasCustomers(account),
  }
}

export function accountZone(account: Account): string | null {
  return timeZoneOf(account._embedded?.datetime_settings?.timezone)
}

function hasCustomers({ customers_mode: mode }: Account): boolean {
  return mode != null && mode !== 'disabled' && mode !== 'unavailable'
}
