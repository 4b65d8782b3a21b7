// Tokens that are checked without a database: random characters, and behind them a MAC of these and of what they are
// for. So a made-up one costs a hash.
import { signText } from '#crypto/address-key.ts'
import { isEqual } from '#crypto/equal.ts'

/** 168 bits, which nobody guesses; 28 characters. */
const RANDOM_BYTES = 21
const RANDOM_LENGTH = 28
/** 88 bits: what has none of ours is refused, and the database still decides about the rest. 15 characters. */
const MAC_BYTES = 11

export const MINTED_TOKEN = /^[\w-]{43}$/

export async function mintToken(key: CryptoKey, purpose: string): Promise<string> {
  return withMac(key, purpose, base64url(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES))))
}

/** Whether this service has minted it for this purpose, with its present key. */
export async function isMintedToken(key: CryptoKey, purpose: string, token: string): Promise<boolean> {
  if (!MINTED_TOKEN.test(token)) return false
  return isEqual(token, await withMac(key, purpose, token.slice(0, RANDOM_LENGTH)))
}

async function withMac(key: CryptoKey, purpose: string, random: string): Promise<string> {
  const mac = await signText(key, `${purpose}:${random}`)
  return random + base64url(mac.subarray(0, MAC_BYTES))
}

function base64url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: 'base64url', omitPadding: true })
}
