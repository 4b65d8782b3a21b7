// One document as it is now. It is gone only when 1C itself says that there is no such object. An empty list never
// proves it.
import type { Hint, MappedRecord, Session } from '#crm/contract.ts'
import { gone } from '#crm/kit/mapping.ts'
import { mapRows, openContextOnce, type PullContext } from '#crm/1c/account-context.ts'
import type { DocumentSpec } from '#crm/1c/documents.ts'
import { guidOf, type Row } from '#crm/1c/fields.ts'
import { externalIdOf } from '#crm/1c/map.ts'
import { allOf, anyKey } from '#crm/1c/odata.ts'
import type { Settings } from '#crm/1c/settings.ts'

/** Null: the document is of a kind that is not read, or its state cannot be known. */
export async function fetchOne(session: Session<Settings>, { externalId }: Hint): Promise<MappedRecord | null> {
  return readOne(await openContextOnce(session), externalId)
}

export async function readOne(context: PullContext, externalId: string): Promise<MappedRecord | null> {
  const [entitySet = '', id = ''] = externalId.split(':')
  const spec = context.specs.find((one) => one.entitySet === entitySet)
  const key = guidOf(id)
  if (!spec || key === null) return null
  if (spec.filter !== null) {
    const [row] = await context.client.rows(entitySet, { filter: allOf([anyKey([key]), spec.filter]) })
    if (row) return mapped(context, spec, row)
  }
  const object = await context.client.object(entitySet, key)
  if (object === 'gone') return gone(externalIdOf(entitySet, key))
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
