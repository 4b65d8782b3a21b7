// The address that a CRM sends its hooks to, and the secret that belongs to it.
import { eq } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { WebhookTarget } from '#crm/webhook.ts'
import { sha256 } from '#crypto/digest.ts'
import { MINTED_TOKEN } from '#crypto/minted-token.ts'
import { open, SealError } from '#crypto/seal.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { credentialContext } from '#connections/credentials.ts'
import type { Secret } from '#lib/secret.ts'
import { hashOfMinted, secretOf } from '#integrations/webhook-token.ts'

interface WebhookRow {
  readonly id: string
  readonly businessId: string
  readonly crmType: string
  readonly webhookToken: Uint8Array | null
}

interface Address {
  readonly url: string
  readonly secret: () => Promise<Secret>
}

/** Null: the CRM sends no webhooks. `requestUrl` gives the service's origin when PUBLIC_URL is not set. */
export async function webhookAddress(context: Context, row: WebhookRow, requestUrl: string): Promise<Address | null> {
  const token = await tokenOf(context, row)
  if (token === null) return null
  const origin = context.config.publicUrl ?? new URL(requestUrl).origin
  return { url: `${origin}/webhooks/${row.crmType}/${token}`, secret: async () => secretOf(context, token) }
}

/**
 * Null also when the key that sealed it or made it is gone: the address would be refused. A rotation then makes a new
 * one, and the rest stays readable.
 */
async function tokenOf(context: Context, row: WebhookRow): Promise<string | null> {
  if (!row.webhookToken) return null
  try {
    const token = await open(row.webhookToken, await context.keyring(), credentialContext(row, 'webhook_token'))
    if ((await hashOfMinted(context, row.crmType, token)) !== null) return token
    context.log.error('webhook_address_void', { integrationId: row.id })
    return null
  } catch (error) {
    if (!(error instanceof SealError)) throw error
    context.log.error('credentials_unreadable', { integrationId: row.id, column: 'webhook_token', code: error.code })
    return null
  }
}

export async function webhookTarget(
  context: Context,
  row: WebhookRow,
  requestUrl: string,
): Promise<WebhookTarget | null> {
  const address = await webhookAddress(context, row, requestUrl)
  if (!address) return null
  const { url, secret } = address
  return { url, secret: await secret(), isFormer: async (other) => isFormer(context, url, other) }
}

/**
 * A former address of ours: its origin and path are ours, and no integration has its token. It remains in the CRM when
 * the token was rotated or the integration deleted while the CRM did not answer. False when the database does not
 * answer.
 */
async function isFormer({ db, log }: Context, url: string, other: string): Promise<boolean> {
  const beginning = url.slice(0, url.lastIndexOf('/') + 1)
  const token = other.slice(beginning.length)
  if (other === url || !other.startsWith(beginning) || !MINTED_TOKEN.test(token)) return false
  try {
    const owners = await db
      .select({ id: crmIntegrations.id })
      .from(crmIntegrations)
      .where(eq(crmIntegrations.webhookTokenHash, await sha256(token)))
    return owners.length === 0
  } catch (error) {
    log.warn('webhook_address_not_looked_up', { error })
    return false
  }
}
