// The id of a session stands in its link, and everybody may ask for the page of the link. So it can be told from a
// made-up one without the database: a UUID (RFC 9562, version 8) of random bits and a MAC of them.
import type { Context } from '#context.ts'
import { signText } from '#crypto/address-key.ts'
import { isEqual } from '#crypto/equal.ts'
import { isId } from '#lib/id.ts'

const PURPOSE = 'connect-session-id:1'
const RANDOM_BYTES = 8

export async function mintSessionId(context: Context): Promise<string> {
  return withMac(context, crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)))
}

export async function isMintedSessionId(context: Context, id: string): Promise<boolean> {
  if (!isId(id)) return false
  const random = Uint8Array.fromHex(id.replaceAll('-', '')).slice(0, RANDOM_BYTES)
  return isEqual(id.toLowerCase(), await withMac(context, random))
}

async function withMac(context: Context, random: Uint8Array): Promise<string> {
  const bytes = new Uint8Array(16)
  bytes.set(random)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  const mac = await signText(await context.addressKey(), `${PURPOSE}:${bytes.subarray(0, RANDOM_BYTES).toHex()}`)
  bytes.set(mac.subarray(0, RANDOM_BYTES), RANDOM_BYTES)
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
