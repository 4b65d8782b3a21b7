// One document as it is now. It is gone only when 1C itself says that there is no such object; an empty list never
// proves it. A receipt of a past day that is gone was removed with its shift and stays as it is stored.
import type { Hint, MappedRecord, Session } from '#crm/contract.ts'
import { gone } from '#crm/kit/mapping.ts'
import { localDate } from '#lib/time.ts'
import { mapRows, openContextOnce, type PullContext } from '#crm/1c/account-context.ts'
import type { DocumentSpec } from '#crm/1c/documents.ts'
import { guidOf, type Row } from '#crm/1c/fields.ts'
import { externalIdOf } from '#crm/1c/map.ts'
import { allOf, anyKey } from '#crm/1c/odata.ts'
import type { Settings } from '#crm/1c/settings.ts'

/** Null: the document is of a kind that is not read, or nothing has to change. */
export async function fetchOne(session: Session<Settings>, { externalId }: Hint): Promise<MappedRecord | null> {
  const read = await readOne(await openContextOnce(session), externalId)
  return read?.type === 'archived' ? null : read
}

/** A receipt that was removed after its shift; `day` is that of the sale, in the base's zone. */
export interface ArchivedGone {
  readonly type: 'archived'
  readonly day: string
}

/** Null: the document is of a kind that is not read, or its state cannot be known. */
export async function readOne(context: PullContext, externalId: string): Promise<MappedRecord | ArchivedGone | null> {
  const [entitySet = '', id = ''] = externalId.split(':')
  const spec = context.specs.find((one) => one.entitySet === entitySet)
  const key = guidOf(id)
  if (!spec || key === null) return null
  if (spec.filter !== null) {
    const [row] = await context.client.rows(entitySet, { filter: allOf([anyKey([key]), spec.filter]) })
    if (row) return mapped(context, spec, row)
  }
  const object = await context.client.object(entitySet, key)
  if (object === 'gone') return (await archivedGone(context, spec, externalId)) ?? gone(externalIdOf(entitySet, key))
  if (object === 'hidden') {
    // With row-level rights a list leaves out what this user may not see, and a read of one object fails.
    const [row] = await context.client.rows(entitySet, { filter: anyKey([key]), allowedOnly: true })
    return row ? mapped(context, spec, row) : null
  }
  const record = await mapped(context, spec, object)
  if (spec.filter === null || record?.type !== 'transaction') return record
  // The document exists but no longer matches the filter of the settings.
  return { ...record, transaction: { ...record.transaction, status: 'cancelled' } }
}

async function mapped(context: PullContext, spec: DocumentSpec, row: Row): Promise<MappedRecord | null> {
  const [record] = await mapRows(context, spec, [row])
  return record ?? null
}

async function archivedGone(
  { session }: PullContext,
  spec: DocumentSpec,
  externalId: string,
): Promise<ArchivedGone | null> {
  if (!spec.archives) return null
  const stored = (await session.storedSales([externalId])).get(externalId)
  const { timezone } = session.settings
  const day = stored && localDate(new Date(stored.occurredAt), timezone)
  return day !== undefined && day < localDate(session.clock.now(), timezone) ? { type: 'archived', day } : null
}
