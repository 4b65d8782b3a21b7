import type { Session } from '#crm/contract.ts'
import { currencyOf } from '#lib/money.ts'
import { timeZoneOf } from '#lib/time.ts'
import type { YclientsClient } from '#crm/yclients/client.ts'
import type { Branch } from '#crm/yclients/cursor.ts'
import type { Company } from '#crm/yclients/schema.ts'
import type { Settings } from '#crm/yclients/settings.ts'

/** Zone and currency: the settings', else the branch's own, else the business's. */
export async function openBranch(session: Session<Settings>, client: YclientsClient): Promise<Branch> {
  return toBranch(session, await client.company())
}

/** For reads of one object after the other: the branch does not change within a piece of work. */
const branchCache = new WeakMap<Session<Settings>, Promise<Branch>>()

export async function openBranchOnce(session: Session<Settings>, client: YclientsClient): Promise<Branch> {
  const known = branchCache.get(session) ?? openBranch(session, client)
  branchCache.set(session, known)
  return known
}

export function toBranch(session: Session<Settings>, company: Company): Branch {
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
