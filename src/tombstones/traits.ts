// By what a customer is recognized. A trait is kept as a keyed hash, so that nobody can be read from it, and no number
// can be tried without the key. The key comes from ADDRESS_KEY, so a rotation of the others forgets nobody.
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Context } from '#context.ts'
import { signText } from '#crypto/address-key.ts'
import type { Trait } from '#tombstones/erased.ts'

const PURPOSE = 'tombstones'

/**
 * Where a trait means the same customer: a phone within a business, an id within its CRM. Not within an integration,
 * which may be deleted and made anew for the same account.
 */
export interface TraitScope {
  readonly businessId: string
  readonly crmType: string
}

export type HashOf = (trait: Trait, scope: TraitScope) => string

/** Hashes in hex. They are reckoned in place: a page has thousands of traits. */
export async function traitHasher(context: Pick<Context, 'addressKey'>): Promise<HashOf> {
  const key = await signText(await context.addressKey(), PURPOSE)
  const encoder = new TextEncoder()
  return ({ trait, value }, { businessId, crmType }) => {
    const owner = trait === 'id' ? [businessId, crmType] : [businessId]
    return hmac(sha256, key, encoder.encode(JSON.stringify([...owner, trait, value]))).toHex()
  }
}
