// One line per connector: a type of the list without one does not compile.
import type { Connector } from '#crm/connector.ts'
import type { CredentialName } from '#crm/contract.ts'
import type { CrmType } from '#lib/crm-types.ts'
import { oneC } from '#crm/1c/index.ts'
import { amoCrm } from '#crm/amo_crm/index.ts'
import { csv } from '#crm/csv/index.ts'
import { iiko } from '#crm/iiko/index.ts'
import { renovatio } from '#crm/renovatio/index.ts'
import { yclients } from '#crm/yclients/index.ts'

const BY_TYPE: Readonly<Record<CrmType, Connector<unknown, unknown>>> = {
  '1c': oneC,
  amo_crm: amoCrm,
  csv,
  iiko,
  renovatio,
  yclients,
}

export const CONNECTORS = Object.values(BY_TYPE)

/** The names that callers of the API use for credentials, each with the name under which it is stored. */
export const CREDENTIAL_NAMES: ReadonlyMap<string, CredentialName> = new Map(
  CONNECTORS.flatMap(({ credentials }) =>
    credentials.map(({ name, publicName = name }) => [publicName, name] as const),
  ),
)

export function findConnector(type: string): Connector<unknown, unknown> | null {
  return CONNECTORS.find((connector) => connector.type === type) ?? null
}

export function connectorOf(type: CrmType): Connector<unknown, unknown> {
  return BY_TYPE[type]
}
