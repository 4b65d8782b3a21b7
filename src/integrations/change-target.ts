// What a change makes of an integration's connection.
import type { Context } from '#context.ts'
import { CREDENTIALS } from '#crm/contract.ts'
import { sealCredentials, type SealedCredentials } from '#connections/credentials.ts'
import { requireClaimed } from '#integrations/claimed-branches.ts'
import { requireCredentials } from '#integrations/destinations.ts'
import type { IntegrationRow } from '#integrations/queries.ts'
import { onlyCredentials } from '#integrations/reconnect.ts'
import { AdditionalConfig } from '#integrations/schema.ts'
import { byStoredName, checkConnection, checkEntered, connectorFor, normalizeUrl } from '#integrations/settings.ts'
import type { Update } from '#integrations/update-request.ts'
import { Problem } from '#lib/errors.ts'
import { FIELD_ERRORS, fieldErrors } from '#lib/field-errors.ts'
import { isEqualJson, mergePatch } from '#lib/json.ts'

export interface Target extends SealedCredentials {
  /** The connection differs from the stored one. */
  readonly isNew: boolean
  /** Credentials are among it. */
  readonly isNewSecret: boolean
  /** A test may find another account than the stored one. */
  readonly mayDiffer: boolean
  readonly apiUrl: string | null
  readonly additionalConfig: Record<string, unknown> | null
}

/** Throws Problem: `invalid_request`, `credentials_required`, `branch_not_claimed`. */
export async function targetOf(context: Context, row: IntegrationRow, update: Update): Promise<Target> {
  const { change, grant } = update
  const connector = connectorFor(row.crmType)
  const entered = byStoredName(connector, change.credentials ?? {})
  const sealed = await sealCredentials(context, row, entered, row)
  const target = {
    ...sealed,
    apiUrl: change.apiUrl === undefined ? row.apiUrl : normalizeUrl(connector, change.apiUrl),
    additionalConfig: configOf(row, update),
  }
  // A connector reads no settings and an empty object alike.
  const isOtherConfig = !isEqualJson(target.additionalConfig ?? {}, row.additionalConfig ?? {})
  const isNewConfig = !isEqualJson(connectionPart(target.additionalConfig), connectionPart(row.additionalConfig))
  const isNewUrl = target.apiUrl !== row.apiUrl
  const isNewSecret = CREDENTIALS.some((name) => sealed[name] !== row[name])
  const isNew = isNewUrl || isNewConfig || isNewSecret
  if (update.isReconnect && (isNewUrl || isOtherConfig)) throw onlyCredentials(isNewUrl ? 'apiUrl' : 'additionalConfig')
  if (isNew || isOtherConfig) {
    checkConnection(context, connector, { ...target, credentials: sealed })
    if (!grant) checkEntered(connector, entered)
    requireCredentials(connector, { from: row, to: target, entered })
    const connection = { ...target, credentials: sealed }
    await requireClaimed(context, connector, { businessId: row.businessId, connection })
  }
  // Settings alone may choose other branches of what the same credentials open. Beside new credentials, or after them,
  // they would let another account in. Where the address names the account, it moves with the address.
  const choosesBranches =
    isNewConfig && !connector.isOneAccount && !isNewSecret && row.account?.changed !== 'credentials'
  const mayDiffer = choosesBranches || (isNewUrl && row.account?.externalId === row.apiUrl)
  return { isNew, isNewSecret, mayDiffer, ...target }
}

/** How often it is polled is no part of the connection. */
function connectionPart(config: Record<string, unknown> | null): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config ?? {}).filter(([name]) => name !== 'adaptive'))
}

/** Throws Problem `invalid_request` when the merged one is larger than it may be. */
function configOf({ additionalConfig }: IntegrationRow, { change, mergesConfig = false }: Update) {
  if (change.additionalConfig === undefined) return additionalConfig
  if (!mergesConfig) return change.additionalConfig
  const merged = AdditionalConfig.safeParse(mergePatch(additionalConfig, change.additionalConfig), FIELD_ERRORS)
  if (!merged.success) throw new Problem('invalid_request', { errors: fieldErrors(merged.error, ['additionalConfig']) })
  return merged.data
}
