import type { Context } from '#context.ts'
import { findConnector } from '#crm/registry.ts'
import type { IntegrationRow } from '#integrations/queries.ts'
import type { Integration } from '#integrations/schema.ts'
import { webhookAddress } from '#integrations/webhook-target.ts'

export interface View {
  /** Gives the service's origin when PUBLIC_URL is not set. */
  readonly requestUrl: string
  /** Who has a webhook's address and secret can send hooks: only callers who may change the integration see them. */
  readonly showsAddress: boolean
}

/** The address, and the steps to enter it in the CRM; null for callers who may not see them. */
export async function webhookSetup(
  context: Context,
  row: IntegrationRow,
  { requestUrl, showsAddress }: View,
): Promise<{ readonly webhookUrl: string | null; readonly setup: Integration['webhookSetup'] }> {
  const webhook = findConnector(row.crmType)?.webhook
  const address = await webhookAddress(context, row, requestUrl)
  if (!address || !webhook) return { webhookUrl: (showsAddress && address?.url) || null, setup: null }
  const registration = row.webhookRegistration
  if (!showsAddress) return { webhookUrl: null, setup: { registration, steps: null } }
  if (registration === 'registered') return { webhookUrl: address.url, setup: { registration, steps: null } }
  const { steps } = webhook
  const secret = steps.en.includes('{secret}') ? await address.secret() : null
  const fill = (text: string) =>
    text.replaceAll('{url}', address.url).replaceAll('{secret}', () => secret?.reveal() ?? '')
  return { webhookUrl: address.url, setup: { registration, steps: { en: fill(steps.en), ru: fill(steps.ru) } } }
}
