import { keyringProblem, parseKeys } from '#crypto/keyring-text.ts'

interface SealingKey {
  readonly id: string
  readonly key: CryptoKey
  /** For derived secrets, which are never stored: crypto/derive.ts. */
  readonly deriving: CryptoKey
}

export interface Keyring {
  readonly sealing: SealingKey
  readonly byId: ReadonlyMap<string, CryptoKey>
  /** That of the sealing key first. */
  readonly deriving: readonly CryptoKey[]
}

/** Imports every key, not extractable. Throws an Error that names ENCRYPTION_KEYS and what is expected. */
export async function importKeyring(text: string): Promise<Keyring> {
  const problem = keyringProblem(text)
  if (problem) throw new Error(`ENCRYPTION_KEYS must be id:key pairs, each key 32 bytes in base64: ${problem}`)
  const keys = await Promise.all(
    parseKeys(text).map(async ({ id, bytes }): Promise<SealingKey> => {
      const key = await crypto.subtle.importKey('raw', bytes ?? new Uint8Array(), 'AES-GCM', false, [
        'encrypt',
        'decrypt',
      ])
      return { id, key, deriving: await importDeriving(bytes ?? new Uint8Array()) }
    }),
  )
  const [sealing] = keys
  if (!sealing) throw new Error('ENCRYPTION_KEYS holds no key')
  return {
    sealing,
    byId: new Map(keys.map(({ id, key }) => [id, key])),
    deriving: keys.map(({ deriving }) => deriving),
  }
}

/**
 * Derives a separate key for another purpose (HKDF, RFC 5869), so that neither use reveals anything about the other.
 */
async function importDeriving(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveKey'])
  const info = new TextEncoder().encode('derived secrets')
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(32), info }
  return crypto.subtle.deriveKey(hkdf, material, { name: 'HMAC', hash: 'SHA-256', length: 256 }, false, ['sign'])
}
