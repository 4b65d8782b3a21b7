import type { Session } from '#crm/contract.ts'
import { oncePerSession } from '#crm/kit/once.ts'
import { currencyOf } from '#lib/money.ts'
import { timeZoneOf } from '#lib/time.ts'
import { createClient, type YclientsClient } from '#crm/yclients/client.ts'
import type { AccountContext, KeptCompany } from '#crm/yclients/cursor.ts'
import { openDocuments } from '#crm/yclients/documents.ts'
import type { PullContext } from '#crm/yclients/feeds.ts'
import type { Company } from '#crm/yclients/schema.ts'
import type { Settings } from '#crm/yclients/settings.ts'

const branchesOnce = oncePerSession(async (_session: Session<Settings>) => new Map<string, Promise<PullContext>>())

/** For single reads: each branch is opened once a session. */
export async function openBranchOnce(session: Session<Settings>, companyId: string): Promise<PullContext> {
  const branches = await branchesOnce(session)
  const opened = branches.get(companyId) ?? openBranch(session, companyId)
  branches.set(companyId, opened)
  return opened
}

async function openBranch(session: Session<Settings>, companyId: string): Promise<PullContext> {
  const client = createClient(session, companyId)
  const account = toAccountContext(session, companyId, await readFacts(client))
  return { session, client, documents: openDocuments(client), account }
}

type Facts = Omit<KeptCompany, 'readAt'>

export async function readFacts(client: YclientsClient): Promise<Facts> {
  return factsOf(await client.company())
}

export function factsOf(company: Company): Facts {
  return {
    title: company.title || null,
    timezone: companyZone(company),
    currency: currencyOf(company.currency_short_title),
  }
}

/** Zone and currency come from the settings, else from the branch, else from the business. */
export function toAccountContext(
  { settings, fallback }: Session<Settings>,
  companyId: string,
  { title, timezone, currency }: Facts,
): AccountContext {
  return {
    ...{ companyId, title },
    timezone: settings.timezone ?? timezone ?? fallback.timezone,
    currency: settings.currency ?? currency ?? fallback.currency,
  }
}

export function companyZone(company: Company): string | null {
  return timeZoneOf(company.timezone_name) ?? timeZoneOf(company.timezone)
}
