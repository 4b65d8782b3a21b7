import type { Context } from '#context.ts'
import { seal, type SealContext } from '#crypto/seal.ts'

export type CredentialColumn = 'api_key' | 'api_secret' | 'webhook_token' | 'session_token'

/** The place a sealed value belongs to; it opens nowhere else. */
export function credentialContext(row: { id: string; businessId: string }, column: CredentialColumn): SealContext {
  return { table: 'crm_integrations', column, integrationId: row.id, businessId: row.businessId }
}

export async function sealCredential(
  context: Context,
  row: { readonly id: string; readonly businessId: string },
  column: CredentialColumn,
  value: string,
): Promise<Uint8Array<ArrayBuffer>> {
  return seal(value, await context.keyring(), credentialContext(row, column))
}
