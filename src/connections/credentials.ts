import type { Context } from '#context.ts'
import type { CredentialName } from '#crm/contract.ts'
import { seal, type SealContext } from '#crypto/seal.ts'

const COLUMNS = { apiKey: 'api_key', apiSecret: 'api_secret', extraSecret: 'extra_secret' } as const

export type CredentialColumn = (typeof COLUMNS)[CredentialName] | 'webhook_token' | 'session_token'

/** The credentials of an integration as they are stored. */
export type SealedCredentials = Readonly<Record<CredentialName, Uint8Array | null>>

interface Owner {
  readonly id: string
  readonly businessId: string
}

/** The place a sealed value belongs to: it cannot be opened in another. */
export function credentialContext(row: Owner, column: CredentialColumn): SealContext {
  return { table: 'crm_integrations', column, integrationId: row.id, businessId: row.businessId }
}

export async function sealCredential(
  context: Context,
  row: Owner,
  column: CredentialColumn,
  value: string,
): Promise<Uint8Array<ArrayBuffer>> {
  return seal(value, await context.keyring(), credentialContext(row, column))
}

/** The credentials to store: one that is left out stays as it is, null removes it. */
export async function sealCredentials(
  context: Context,
  row: Owner,
  input: { readonly [N in CredentialName]?: string | null | undefined },
  stored: SealedCredentials | null,
): Promise<SealedCredentials> {
  return eachCredential(async (name, column) => {
    const value = input[name]
    if (value === undefined) return stored?.[name] ?? null
    return value === null ? null : sealCredential(context, row, column, value)
  })
}

/** What `make` returns for each name and its column. */
export async function eachCredential<T>(
  make: (name: CredentialName, column: CredentialColumn) => Promise<T>,
): Promise<Record<CredentialName, T>> {
  const [apiKey, apiSecret, extraSecret] = await Promise.all([
    make('apiKey', COLUMNS.apiKey),
    make('apiSecret', COLUMNS.apiSecret),
    make('extraSecret', COLUMNS.extraSecret),
  ])
  return { apiKey, apiSecret, extraSecret }
}
