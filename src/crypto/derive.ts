import type { Keyring } from '#crypto/keyring.ts'

/**
 * Secrets that follow from a text and the keyring, 43 characters of base64url each: one per key, the sealing key's first.
 * Give out the first; accept any, so that a key can be changed before its secrets are.
 */
export async function deriveSecrets(keyring: Keyring, text: string): Promise<readonly string[]> {
  const bytes = new TextEncoder().encode(text)
  return Promise.all(
    keyring.deriving.map(async (key) => {
      const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes))
      return mac.toBase64({ alphabet: 'base64url', omitPadding: true })
    }),
  )
}
