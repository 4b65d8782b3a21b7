// The token of a webhook address, minted for one CRM. So for a made-up address neither the database is asked nor the
// body read. The secret that a CRM signs with follows from it too.
import type { Context } from '#context.ts'
import { signText } from '#crypto/address-key.ts'
import { sha256Hex } from '#crypto/digest.ts'
import { isMintedToken, mintToken } from '#crypto/minted-token.ts'
import { type BoundedCache, createBoundedCache } from '#lib/bounded-cache.ts'
import { Secret } from '#lib/secret.ts'

/** About three megabytes of an isolate's memory. */
const ADDRESSES_MAX = 10_000

/**
 * What has been checked, since a CRM sends to one address all day. Only minted tokens get in, and a Map finds them by a
 * hash, so the time of an answer tells nothing about one.
 */
const hashCache = new WeakMap<CryptoKey, BoundedCache<string, string>>()

/** Cloudflare's logs take a part of a URL for a secret when it has two of each (workerd, `redactUrl`). */
const REDACTED = [/\d[^\d]*\d/, /[A-Z][^A-Z]*[A-Z]/, /[a-z][^a-z]*[a-z]/]

export async function mintWebhookToken(context: Pick<Context, 'addressKey'>, crmType: string): Promise<string> {
  for (;;) {
    const token = await mintToken(await context.addressKey(), purposeOf(crmType))
    // One in 150 has too few digits.
    if (isRedacted(token)) return token
  }
}

/** Its SHA-256 in hex. Null: this service has not minted it for this CRM with its present ADDRESS_KEY. */
export async function hashOfMinted(context: Context, crmType: string, token: string): Promise<string | null> {
  const key = await context.addressKey()
  const hashes = hashCache.get(key) ?? createBoundedCache<string, string>(ADDRESSES_MAX)
  hashCache.set(key, hashes)
  const purpose = purposeOf(crmType)
  const address = `${purpose}:${token}`
  const known = hashes.get(address)
  if (known !== undefined) return known
  return (await isMintedToken(key, purpose, token)) ? hashes.set(address, await sha256Hex(token)) : null
}

export function isRedacted(token: string): boolean {
  return REDACTED.every((pattern) => pattern.test(token))
}

/** 43 characters of base64url. It is stored nowhere and checked without the database. */
export async function secretOf(context: Context, token: string): Promise<Secret> {
  const mac = await signText(await context.addressKey(), `secret:${token}`)
  return new Secret(mac.toBase64({ alphabet: 'base64url', omitPadding: true }))
}

function purposeOf(crmType: string): string {
  return `address:${crmType}`
}
