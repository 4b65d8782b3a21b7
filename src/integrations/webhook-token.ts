// The token of a webhook address: random characters, and behind them a MAC of these and of the CRM. So a made-up address
// costs two hashes: neither the database is asked nor the body read. The secret that a CRM signs with follows from it too.
import type { Context } from '#context.ts'
import { signText } from '#crypto/address-key.ts'
import { isEqual } from '#crypto/equal.ts'
import { Secret } from '#lib/secret.ts'

/** 168 bits, which nobody guesses; 28 characters. */
const RANDOM_BYTES = 21
const RANDOM_LENGTH = 28
/** 88 bits: what has none of ours is refused, and the database still decides about the rest. 15 characters. */
const MAC_BYTES = 11

export const WEBHOOK_TOKEN = /^[\w-]{43}$/

/** Cloudflare's logs take a part of a URL for a secret when it has two of each (workerd, `redactUrl`). */
const REDACTED = [/\d[^\d]*\d/, /[A-Z][^A-Z]*[A-Z]/, /[a-z][^a-z]*[a-z]/]

export async function mintWebhookToken(context: Context, crmType: string): Promise<string> {
  for (;;) {
    const random = base64url(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)))
    const token = await withMac(context, crmType, random)
    // One in 150 has too few digits.
    if (isRedacted(token)) return token
  }
}

/** Whether this service has minted it for this CRM, with its present ADDRESS_KEY. */
export async function isMinted(context: Context, crmType: string, token: string): Promise<boolean> {
  if (!WEBHOOK_TOKEN.test(token)) return false
  return isEqual(token, await withMac(context, crmType, token.slice(0, RANDOM_LENGTH)))
}

export function isRedacted(token: string): boolean {
  return REDACTED.every((pattern) => pattern.test(token))
}

/** 43 characters of base64url. It is stored nowhere and checked without the database. */
export async function secretOf(context: Context, token: string): Promise<Secret> {
  return new Secret(base64url(await signText(await context.addressKey(), `secret:${token}`)))
}

async function withMac(context: Context, crmType: string, random: string): Promise<string> {
  const mac = await signText(await context.addressKey(), `address:${crmType}:${random}`)
  return random + base64url(mac.subarray(0, MAC_BYTES))
}

function base64url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: 'base64url', omitPadding: true })
}
