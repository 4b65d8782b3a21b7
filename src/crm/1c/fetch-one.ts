// One document as it is now. Only 1C's own word that there is no such object calls it gone; an empty list never does.
import type { Hint, MappedRecord, Session } from '#crm/contract.ts'
import { gone } from '#crm/kit/mapping.ts'
import { mapRows, openContextOnce, type PullContext } from '#crm/1c/account-context.ts'
import type { DocumentSpec } from '#crm/1c/documents.ts'
import { guidOf, type Row } from '#crm/1c/fields.ts'
import { externalIdOf } from '#crm/1c/map.ts'
import { allOf, anyKey } from '#crm/1c/odata.ts'
import type { Settings } from '#crm/1c/settings.ts'

/** Null: none of the documents that are read, or nothing can be said about it. */
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
    // Rights by rows: a list leaves out what this user may not see, a read by itself fails.
    const [row] = await context.client.rows(entitySet, { filter: anyKey([key]), allowedOnly: true })
    return row ? mapped(context, spec, row) : null
  }
  const record = await mapped(context, spec, object)
  if (spec.filter === null || record?.type !== 'transaction') return record
  // It is there and is none of what the settings ask for, any more.
  return { ...record, transaction: { ...record.transaction, status: 'cancelled' } }
}

async function mapped(context: PullContext, spec: DocumentSpec, row: Row): Promise<MappedRecord | null> {
  const [record] = await mapRows(context, spec, [row])
  return record ?? null
}
