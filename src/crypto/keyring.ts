import { keyringProblem, parseKeys } from '#crypto/keyring-text.ts'

interface SealingKey {
  readonly id: string
  readonly key: CryptoKey
}

export interface Keyring {
  readonly sealing: SealingKey
  readonly byId: ReadonlyMap<string, CryptoKey>
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
      return { id, key }
    }),
  )
  const [sealing] = keys
  if (!sealing) throw new Error('ENCRYPTION_KEYS holds no key')
  return { sealing, byId: new Map(keys.map(({ id, key }) => [id, key])) }
}
