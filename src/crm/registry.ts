// One line per connector.
import type { Connector, CrmType } from '#crm/contract.ts'
import { oneC } from '#crm/1c/index.ts'
import { amoCrm } from '#crm/amo_crm/index.ts'
import { csv } from '#crm/csv/index.ts'
import { iiko } from '#crm/iiko/index.ts'
import { renovatio } from '#crm/renovatio/index.ts'
import { yclients } from '#crm/yclients/index.ts'

export const CONNECTORS: readonly Connector<unknown, unknown>[] = [oneC, amoCrm, csv, iiko, renovatio, yclients]

export function findConnector(type: string): Connector<unknown, unknown> | null {
  return CONNECTORS.find((connector) => connector.type === type) ?? null
}

/** Of a stored integration, whose type was checked when it was made. */
export function connectorOf(type: CrmType): Connector<unknown, unknown> {
  const connector = findConnector(type)
  if (!connector) throw new Error(`no connector for ${type}`)
  return connector
}
