import type { Context } from '#context.ts'
import type { MappedRecord } from '#crm/contract.ts'
import { externalIdOf } from '#crm/kit/mapping.ts'
import { attempt, CrmError, type CrmErrorKind } from '#lib/crm-error.ts'
import type { Vendor } from '#sync/open-vendor.ts'

/** Of the object alone: it has a form that the CRM does not know, or belongs to what the key may not see. */
const OF_ONE: ReadonlySet<CrmErrorKind> = new Set(['rejected', 'not_found', 'malformed'])

/** Of one page: then the slice may end, and a live sync begin. */
const READS_MS = 5000

export interface ReadAgain {
  readonly records: readonly MappedRecord[]
  /** Those that cannot be read alone. */
  readonly unknown: readonly string[]
  /** Those behind one that failed, and those for which there was no time. */
  readonly left: readonly string[]
}

/** Objects as they are now, read one by one. What was read before a failure counts. Throws CrmError. */
export async function readAgain(
  context: Context,
  { connector, session }: Vendor,
  externalIds: readonly string[],
): Promise<ReadAgain> {
  const records: MappedRecord[] = []
  const unknown: string[] = []
  const done = () => records.length + unknown.length
  const deadline = context.clock.now().getTime() + READS_MS
  for (const externalId of externalIds) {
    if (done() > 0 && context.clock.now().getTime() >= deadline) break
    const { value: record, error } = await attempt(async () => readOne(connector, session, externalId))
    if (error !== null) {
      if (done() === 0) throw error
      break
    }
    if (record && record.type !== 'none' && externalIdOf(record) === externalId) records.push(record)
    else unknown.push(externalId)
  }
  context.log.info('records_read_again', { records: records.length, unknown: unknown.length })
  return { records, unknown, left: externalIds.slice(done()) }
}

async function readOne(connector: Vendor['connector'], session: Vendor['session'], externalId: string) {
  try {
    return (await connector.fetchOne?.(session, { externalId })) ?? null
  } catch (error) {
    if (error instanceof CrmError && OF_ONE.has(error.kind) && !error.mayPass) return null
    throw error
  }
}
