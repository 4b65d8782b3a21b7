// The token of a webhook address, minted for one CRM. So for a made-up address neither the database is asked nor the
// body read. The secret that a CRM signs with follows from it too.
import type { Context } from '#context.ts'
import { signText } from '#crypto/address-key.ts'
import { isMintedToken, mintToken } from '#crypto/minted-token.ts'
import { Secret } from '#lib/secret.ts'

/** Cloudflare's logs take a part of a URL for a secret when it has two of each (workerd, `redactUrl`). */
const REDACTED = [/\d[^\d]*\d/, /[A-Z][^A-Z]*[A-Z]/, /[a-z][^a-z]*[a-z]/]

export async function mintWebhookToken(context: Pick<Context, 'addressKey'>, crmType: string): Promise<string> {
  for (;;) {
    const token = await mintToken(await context.addressKey(), purposeOf(crmType))
    // One in 150 has too few digits.
    if (isRedacted(token)) return token
  }
}

/** Whether this service has minted it for this CRM, with its present ADDRESS_KEY. */
export async function isMinted(context: Context, crmType: string, token: string): Promise<boolean> {
  return isMintedToken(await context.addressKey(), purposeOf(crmType), token)
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
