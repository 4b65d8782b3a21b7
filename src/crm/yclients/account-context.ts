import type { Session } from '#crm/contract.ts'
import { oncePerSession } from '#crm/kit/once.ts'
import { currencyOf } from '#lib/money.ts'
import { timeZoneOf } from '#lib/time.ts'
import { createClient, type YclientsClient } from '#crm/yclients/client.ts'
import type { AccountContext } from '#crm/yclients/cursor.ts'
import type { Company } from '#crm/yclients/schema.ts'
import type { Settings } from '#crm/yclients/settings.ts'

/** Zone and currency come from the settings, else from the branch, else from the business. */
export async function openAccount(session: Session<Settings>, client: YclientsClient): Promise<AccountContext> {
  return toAccountContext(session, await client.company())
}

export const openAccountOnce = oncePerSession(async (session: Session<Settings>) =>
  openAccount(session, createClient(session)),
)

export function toAccountContext(session: Session<Settings>, company: Company): AccountContext {
  const { settings, fallback } = session
  return {
    companyId: settings.companyId,
    title: company.title || null,
    timezone: settings.timezone ?? companyZone(company) ?? fallback.timezone,
    currency: settings.currency ?? currencyOf(company.currency_short_title) ?? fallback.currency,
  }
}

export function companyZone(company: Company): string | null {
  return timeZoneOf(company.timezone_name) ?? timeZoneOf(company.timezone)
}
