// A known text sealed with a key of the ring, and what ADDRESS_KEY makes of one. Whoever opens the first and makes the
// second has the same keys.
import type { Context } from '#context.ts'
import { signText } from '#crypto/address-key.ts'
import type { Keyring } from '#crypto/keyring.ts'
import { open, seal, SealError } from '#crypto/seal.ts'

const TEXT = 'this key seals values of this database'

export async function makeAddressProbe(context: Pick<Context, 'addressKey'>): Promise<Uint8Array<ArrayBuffer>> {
  return signText(await context.addressKey(), 'probe')
}

const placeOf = (keyId: string) => ({ table: 'sealing_keys', column: 'probe', integrationId: keyId, businessId: '' })

/** Null: the ring has no such key. */
export async function makeProbe(keyring: Keyring, keyId: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const key = keyring.byId.get(keyId)
  return key ? seal(TEXT, { ...keyring, sealing: { id: keyId, key } }, placeOf(keyId)) : null
}

export async function isOpenedBy(keyring: Keyring, keyId: string, probe: Uint8Array): Promise<boolean> {
  try {
    return (await open(probe, keyring, placeOf(keyId))) === TEXT
  } catch (error) {
    if (error instanceof SealError) return false
    throw error
  }
}
