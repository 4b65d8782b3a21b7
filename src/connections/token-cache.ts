import { and, eq, gt, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { TokenCache } from '#crm/contract.ts'
import { open, SealError } from '#crypto/seal.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { credentialContext, sealCredential } from '#connections/credentials.ts'
import { Secret } from '#lib/secret.ts'

/** Lasts as long as one piece of work. */
export function memoryTokenCache(): TokenCache {
  let known: Secret | null = null
  return {
    read: async () => known,
    write: async (token) => void (known = token),
  }
}

interface TokenOwner {
  readonly id: string
  readonly businessId: string
  /** Under other settings the token belongs to another account, and is neither read nor written. */
  readonly settingsEpoch: number
}

/** Sealed in the integration's row. `known`: what was there when the work began, for the first read. */
export function storedTokenCache(context: Context, owner: TokenOwner, known?: Uint8Array | null): TokenCache {
  let first = known
  const { id, sessionToken, sessionTokenUntil, settingsEpoch } = crmIntegrations
  const isOurs = and(eq(id, owner.id), eq(settingsEpoch, owner.settingsEpoch))
  const stored = async () => {
    const [row] = await context.db
      .select({ sessionToken })
      .from(crmIntegrations)
      .where(and(isOurs, gt(sessionTokenUntil, sql`now()`)))
    return row?.sessionToken ?? null
  }
  return {
    read: async () => {
      const sealed = first === undefined ? await stored() : first
      first = undefined
      if (!sealed) return null
      try {
        return new Secret(await open(sealed, await context.keyring(), credentialContext(owner, 'session_token')))
      } catch (error) {
        if (!(error instanceof SealError)) throw error
        // Sealed by a key that is no longer in the ring: the vendor is asked for a new token.
        return null
      }
    },
    write: async (token, expiresAt) => {
      const sealed = await sealCredential(context, owner, 'session_token', token.reveal())
      const until = expiresAt.toISOString()
      await context.db.update(crmIntegrations).set({ sessionToken: sealed, sessionTokenUntil: until }).where(isOurs)
    },
  }
}
