// Secrets of endpoints in the form of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64.
import type { Context } from '#context.ts'
import { open, seal, type SealContext, SealError } from '#crypto/seal.ts'

const PREFIX = 'whsec_'
const BYTES = 32

interface Owner {
  readonly id: string
  readonly businessId: string | null
}

export function mintSecret(): string {
  return PREFIX + crypto.getRandomValues(new Uint8Array(BYTES)).toBase64()
}

/** The key of a secret, for HMAC. */
export function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(secret.slice(PREFIX.length))
}

/** Both columns are one place, since a rotation moves a secret from the one into the other. */
function placeOf({ id, businessId }: Owner): SealContext {
  return { table: 'event_endpoints', column: 'secret', integrationId: id, businessId: businessId ?? '' }
}

export async function sealSecret(context: Context, owner: Owner, secret: string): Promise<Uint8Array<ArrayBuffer>> {
  return seal(secret, await context.keyring(), placeOf(owner))
}

/**
 * Those that sign. Null: the present one was sealed by a key that the service does not have, so nothing can be signed;
 * a former one that does not open is left out.
 */
export async function openSecrets(
  context: Context,
  owner: Owner,
  { present, former }: { readonly present: Uint8Array; readonly former: Uint8Array | null },
): Promise<readonly string[] | null> {
  const secret = await openOrNull(context, owner, present)
  if (secret === null) {
    context.log.error('endpoint_secret_unreadable', { endpointId: owner.id })
    return null
  }
  const formerSecret = former && (await openOrNull(context, owner, former))
  return formerSecret === null ? [secret] : [secret, formerSecret]
}

async function openOrNull(context: Context, owner: Owner, sealed: Uint8Array): Promise<string | null> {
  try {
    return await open(sealed, await context.keyring(), placeOf(owner))
  } catch (error) {
    if (error instanceof SealError) return null
    throw error
  }
}
