// The address that a CRM sends its hooks to, and the secret that belongs to it.
import { and, eq } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { WebhookTarget } from '#crm/webhook.ts'
import { deriveSecrets } from '#crypto/derive.ts'
import { sha256 } from '#crypto/digest.ts'
import { open, SealError } from '#crypto/seal.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { credentialContext, sealCredential } from '#connections/credentials.ts'
import { Secret } from '#lib/secret.ts'

/** 32 random bytes in base64url. */
export const WEBHOOK_TOKEN = /^[\w-]{43}$/

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
  const token = await tokenOf(context, row)
  if (token === null) return null
  const origin = context.config.publicUrl ?? new URL(requestUrl).origin
  const secret = async () => {
    const [first = ''] = await secretsOf(context, token)
    return new Secret(first)
  }
  return { url: `${origin}/webhooks/${row.crmType}/${token}`, secret }
}

/** Null also when its key is gone from the ring: a new address is then made by rotation, and all else stays readable. */
async function tokenOf(context: Context, row: Addressed): Promise<string | null> {
  if (!row.webhookToken) return null
  try {
    return await open(row.webhookToken, await context.keyring(), credentialContext(row, 'webhook_token'))
  } catch (error) {
    if (!(error instanceof SealError)) throw error
    context.log.error('credentials_unreadable', { integrationId: row.id, column: 'webhook_token', code: error.code })
    return null
  }
}

/** Seals the same address under the ring's first key, so that the one it was sealed with can go. */
export async function resealAddress(context: Context, row: Addressed): Promise<void> {
  const token = await tokenOf(context, row)
  if (token === null || !row.webhookToken) return
  const sealed = await sealCredential(context, row, 'webhook_token', token)
  // Not over one that was rotated meanwhile.
  await context.db
    .update(crmIntegrations)
    .set({ webhookToken: sealed })
    .where(and(eq(crmIntegrations.id, row.id), eq(crmIntegrations.webhookToken, row.webhookToken)))
}

export async function webhookTarget(
  context: Context,
  row: Addressed,
  requestUrl: string,
): Promise<WebhookTarget | null> {
  const address = await webhookAddress(context, row, requestUrl)
  if (!address) return null
  const { url, secret } = address
  return { url, secret: await secret(), isFormer: async (other) => isFormer(context, url, other) }
}

/**
 * One of ours by its beginning, and nobody's by its token: rotated, or of an integration that is no more, while the CRM's
 * settings could not be reached. What nobody can tell is none.
 */
async function isFormer({ db, log }: Context, url: string, other: string): Promise<boolean> {
  const beginning = url.slice(0, url.lastIndexOf('/') + 1)
  const token = other.slice(beginning.length)
  if (other === url || !other.startsWith(beginning) || !WEBHOOK_TOKEN.test(token)) return false
  try {
    const known = await db
      .select({ id: crmIntegrations.id })
      .from(crmIntegrations)
      .where(eq(crmIntegrations.webhookTokenHash, await sha256(token)))
    return known.length === 0
  } catch (error) {
    log.warn('webhook_address_not_looked_up', { error })
    return false
  }
}
