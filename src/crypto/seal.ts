// AES-256-GCM (NIST SP 800-38D) with a random 96-bit IV. A sealed value is
//   version (1 byte) · length of key id (1) · key id · IV (12) · ciphertext and tag
// and opens only in the place that it was sealed for: table, column, row and business are authenticated with it, and so
// are version and key id.
import type { Keyring } from '#crypto/keyring.ts'

const VERSION = 1
const IV_BYTES = 12
const TAG_BYTES = 16

/** The place of a value. Its bytes do not open in any other place. */
export interface SealContext {
  readonly table: string
  readonly column: string
  readonly integrationId: string
  readonly businessId: string
}

export type SealErrorCode = 'unknown_version' | 'unknown_key' | 'tampered'

export class SealError extends Error {
  override readonly name = 'SealError'
  readonly code: SealErrorCode

  constructor(code: SealErrorCode) {
    super(`a sealed value does not open: ${code}`)
    this.code = code
  }
}

export async function seal(
  plaintext: string,
  keyring: Keyring,
  context: SealContext,
): Promise<Uint8Array<ArrayBuffer>> {
  const { id, key } = keyring.sealing
  const header = headerOf(id)
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const ciphertext = await encrypt(
    key,
    iv,
    new Uint8Array(new TextEncoder().encode(plaintext)),
    authenticated(header, context),
  )
  return new Uint8Array([...header, ...iv, ...ciphertext])
}

/** Throws SealError. */
export async function open(sealed: Uint8Array, keyring: Keyring, context: SealContext): Promise<string> {
  if (sealed[0] !== VERSION) throw new SealError('unknown_version')
  const idEnd = 2 + (sealed[1] ?? 0)
  if (sealed.length < idEnd + IV_BYTES + TAG_BYTES) throw new SealError('tampered')
  const id = new TextDecoder().decode(sealed.slice(2, idEnd))
  const key = keyring.byId.get(id)
  if (!key) throw new SealError('unknown_key')
  const iv = new Uint8Array(sealed.slice(idEnd, idEnd + IV_BYTES))
  const ciphertext = new Uint8Array(sealed.slice(idEnd + IV_BYTES))
  try {
    return new TextDecoder().decode(await decrypt(key, iv, ciphertext, authenticated(headerOf(id), context)))
  } catch {
    throw new SealError('tampered')
  }
}

/** AES-GCM itself, for the known-answer tests too: ciphertext with the 128-bit tag at its end. */
export async function encrypt(
  key: CryptoKey,
  iv: Uint8Array<ArrayBuffer>,
  plaintext: Uint8Array<ArrayBuffer>,
  additionalData: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, plaintext))
}

export async function decrypt(
  key: CryptoKey,
  iv: Uint8Array<ArrayBuffer>,
  ciphertext: Uint8Array<ArrayBuffer>,
  additionalData: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, ciphertext))
}

/** What every value begins with that this key has sealed. */
export function headerOf(keyId: string): Uint8Array<ArrayBuffer> {
  const id = new TextEncoder().encode(keyId)
  return new Uint8Array([VERSION, id.length, ...id])
}

/** JSON gives two places two texts, even when their names contain separators. */
function authenticated(header: Uint8Array<ArrayBuffer>, context: SealContext): Uint8Array<ArrayBuffer> {
  const { table, column, integrationId, businessId } = context
  const place = new TextEncoder().encode(JSON.stringify([table, column, integrationId, businessId]))
  return new Uint8Array([...header, ...place])
}
