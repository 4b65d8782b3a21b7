// Signatures by Standard Webhooks 1.0 (https://www.standardwebhooks.com):
// HMAC-SHA-256 of `id.timestamp.body`, one for each secret, separated by spaces.
import { signHmac } from '#crypto/hmac.ts'
import { keyOf } from '#events/endpoint-secret.ts'

export interface Signed {
  readonly id: string
  /** Whole seconds since 1970. */
  readonly timestamp: number
  readonly body: string
}

/** The headers of an attempt. */
export async function signedHeaders(message: Signed, secrets: readonly string[]): Promise<Record<string, string>> {
  const text = new Uint8Array(new TextEncoder().encode(`${message.id}.${message.timestamp}.${message.body}`))
  const signatures = await Promise.all(
    secrets.map(async (secret) => `v1,${(await signHmac(keyOf(secret), text)).toBase64()}`),
  )
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(message.timestamp),
    'webhook-signature': signatures.join(' '),
  }
}
