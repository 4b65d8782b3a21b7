// ENCRYPTION_KEYS is `id:base64[,id:base64…]`: the first key seals, all open. Rotation: put a new one in front, seal the
// stored values anew, take the old one away.

export interface SealingKey {
  readonly id: string
  readonly key: CryptoKey
}

export interface Keyring {
  readonly sealing: SealingKey
  readonly byId: ReadonlyMap<string, CryptoKey>
}

/** What is wrong with the text of a keyring, or null. Never repeats any of it. */
export function keyringProblem(text: string): string | null {
  const entries = parse(text)
  if (entries.length === 0) return 'it is empty'
  if (entries.some(({ id }) => !/^[\w-]{1,32}$/.test(id)))
    return 'an id is missing or has other characters than A–Z a–z 0–9 _ -'
  if (new Set(entries.map(({ id }) => id)).size !== entries.length) return 'two keys have the same id'
  if (entries.some(({ bytes }) => bytes?.length !== 32)) return 'a key is not 32 bytes in base64'
  return null
}

/** Imports every key, not extractable. Throws an Error that names ENCRYPTION_KEYS and what is expected. */
export async function importKeyring(text: string): Promise<Keyring> {
  const problem = keyringProblem(text)
  if (problem) throw new Error(`ENCRYPTION_KEYS must be id:key pairs, each key 32 bytes in base64: ${problem}`)
  const keys = await Promise.all(
    parse(text).map(async ({ id, bytes }): Promise<SealingKey> => {
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

function parse(text: string): { readonly id: string; readonly bytes: Uint8Array<ArrayBuffer> | null }[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean)
    .map((entry) => {
      const colon = entry.indexOf(':')
      return { id: entry.slice(0, Math.max(colon, 0)), bytes: decode(entry.slice(colon + 1)) }
    })
}

function decode(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    // Not Uint8Array.fromBase64: the configuration is checked in Node too.
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}
