import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { TokenCache } from '#crm/contract.ts'
import { open, SealError } from '#crypto/seal.ts'
import { hexBytes } from '#db/bytea.ts'
import { credentialContext, sealCredential } from '#connections/credentials.ts'
import { Secret } from '#lib/secret.ts'

/** For as long as one piece of work lasts. */
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
  /** Under other settings the token is another account's, and is neither read nor written. */
  readonly settingsEpoch: number
}

/** Sealed in the integration's row. */
export function storedTokenCache(context: Context, owner: TokenOwner): TokenCache {
  const isOurs = sql`id = ${owner.id}::uuid and settings_epoch = ${owner.settingsEpoch}::int`
  return {
    read: async () => {
      const { rows } = await context.db.execute<{ session_token: Uint8Array | null }>(sql`
        select session_token from crm_integrations where ${isOurs} and session_token_until > now()`)
      const sealed = rows[0]?.session_token
      if (!sealed) return null
      try {
        return new Secret(await open(sealed, await context.keyring(), credentialContext(owner, 'session_token')))
      } catch (error) {
        if (!(error instanceof SealError)) throw error
        // Sealed by a key that is gone: the next one is asked for anew.
        return null
      }
    },
    write: async (token, expiresAt) => {
      const sealed = await sealCredential(context, owner, 'session_token', token.reveal())
      await context.db.execute(sql`
        update crm_integrations set session_token = ${hexBytes(sealed)}::bytea,
          session_token_until = ${expiresAt.toISOString()}::timestamptz where ${isOurs}`)
    },
  }
}
