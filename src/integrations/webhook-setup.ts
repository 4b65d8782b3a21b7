import type { Context } from '#context.ts'
import { findConnector } from '#crm/registry.ts'
import type { IntegrationRow } from '#integrations/queries.ts'
import type { Integration } from '#integrations/schema.ts'
import { webhookAddress } from '#integrations/webhook-target.ts'

/** The address, and the steps to enter it in the CRM. */
export async function webhookSetup(
  context: Context,
  row: IntegrationRow,
  requestUrl: string,
): Promise<{ readonly webhookUrl: string | null; readonly setup: Integration['webhookSetup'] }> {
  const webhook = findConnector(row.crmType)?.webhook
  const address = await webhookAddress(context, row, requestUrl)
  if (!address || !webhook) return { webhookUrl: address?.url ?? null, setup: null }
  const registration = row.webhookRegistration
  if (registration === 'registered') return { webhookUrl: address.url, setup: { registration, steps: null } }
  const { steps } = webhook
  const secret = steps.en.includes('{secret}') ? await address.secret() : null
  const fill = (text: string) =>
    text.replaceAll('{url}', address.url).replaceAll('{secret}', () => secret?.reveal() ?? '')
  return { webhookUrl: address.url, setup: { registration, steps: { en: fill(steps.en), ru: fill(steps.ru) } } }
}
