import type { Keyring } from '#crypto/keyring.ts'

/**
 * Derives secrets from a text and the keyring, 43 characters of base64url each: one per key, that of the sealing key
 * first. Give people the first and accept all, so that keys can change before the secrets in use do.
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
