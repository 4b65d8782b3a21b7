import type { Context } from '#context.ts'
import type { MappedRecord } from '#crm/contract.ts'
import { externalIdOf } from '#crm/kit/mapping.ts'
import { CrmError, type CrmErrorKind } from '#lib/crm-error.ts'
import type { Vendor } from '#sync/open-vendor.ts'

/** Of the object alone: it has a form that the CRM does not know, or belongs to what the key may not see. */
const OF_ONE: ReadonlySet<CrmErrorKind> = new Set(['rejected', 'not_found', 'malformed'])

export interface ReadAgain {
  readonly records: readonly MappedRecord[]
  /** Those that cannot be read alone. */
  readonly unknown: readonly string[]
}

/** Objects as they are now, read one by one. Throws CrmError. */
export async function readAgain(
  context: Context,
  { connector, session }: Vendor,
  externalIds: readonly string[],
): Promise<ReadAgain> {
  const records: MappedRecord[] = []
  const unknown: string[] = []
  for (const externalId of externalIds) {
    const record = await readOne(async () => connector.fetchOne?.(session, { externalId }) ?? null)
    if (record && record.type !== 'none' && externalIdOf(record) === externalId) records.push(record)
    else unknown.push(externalId)
  }
  context.log.info('records_read_again', { records: records.length, unknown: unknown.length })
  return { records, unknown }
}

async function readOne<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof CrmError && OF_ONE.has(error.kind) && !error.mayPass) return null
    throw error
  }
}
