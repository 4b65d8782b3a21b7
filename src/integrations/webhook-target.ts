// The address that a CRM sends its hooks to, and the secret that belongs to it.
import type { Context } from '#context.ts'
import type { WebhookTarget } from '#crm/webhook.ts'
import { deriveSecrets } from '#crypto/derive.ts'
import { open } from '#crypto/seal.ts'
import { credentialContext } from '#integrations/credentials.ts'
import { Secret } from '#lib/secret.ts'

interface Addressed {
  readonly id: string
  readonly businessId: string
  readonly crmType: string
  readonly webhookToken: Uint8Array | null
}

interface Address {
  readonly url: string
  readonly secret: () => Promise<Secret>
}

/** Derived from token and keyring, so it is stored nowhere and checked without the database. The first is the one to give out. */
export async function secretsOf(context: Context, token: string): Promise<readonly string[]> {
  return deriveSecrets(await context.keyring(), `webhook:${token}`)
}

/** Null: the CRM sends no webhooks. `requestUrl` tells where the service is reached when PUBLIC_URL does not. */
export async function webhookAddress(context: Context, row: Addressed, requestUrl: string): Promise<Address | null> {
  if (!row.webhookToken) return null
  const token = await open(row.webhookToken, await context.keyring(), credentialContext(row, 'webhook_token'))
  const origin = context.config.publicUrl ?? new URL(requestUrl).origin
  const secret = async () => {
    const [first = ''] = await secretsOf(context, token)
    return new Secret(first)
  }
  return { url: `${origin}/webhooks/${row.crmType}/${token}`, secret }
}

export async function webhookTarget(
  context: Context,
  row: Addressed,
  requestUrl: string,
): Promise<WebhookTarget | null> {
  const address = await webhookAddress(context, row, requestUrl)
  return address && { url: address.url, secret: await address.secret() }
}
