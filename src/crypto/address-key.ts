// ADDRESS_KEY makes what others were given and keep: webhook addresses and the secrets that belong to them. It is not
// rotated with the keyring, since changing it ends every address that a person has typed into a CRM.
import { isBase64Key } from '#crypto/keyring-text.ts'

/** Not extractable. Throws an Error that names ADDRESS_KEY and what is expected. */
export async function importAddressKey(text: string): Promise<CryptoKey> {
  if (!isBase64Key(text)) throw new Error('ADDRESS_KEY must be 32 bytes in base64')
  return crypto.subtle.importKey('raw', Uint8Array.fromBase64(text), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
}

const encoder = new TextEncoder()

/** HMAC-SHA-256 of a text. Each purpose has a prefix of its own, so that no two purposes sign the same text. */
export async function signText(key: CryptoKey, text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text)))
}
