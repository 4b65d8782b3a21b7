// One document as it is now. It is gone only when 1C itself says that there is no such object; an empty list never
// proves it. A receipt of a past day that is gone was removed with its shift and stays as it is stored.
import type { ShownSale } from '#crm/connector.ts'
import type { Hint, MappedRecord, NoRecord, Session } from '#crm/contract.ts'
import { gone } from '#crm/kit/mapping.ts'
import { noneByCommon } from '#crm/rules.ts'
import { localDate } from '#lib/time.ts'
import { mapRows, openContextOnce, type PullContext } from '#crm/1c/account-context.ts'
import { type DocumentSpec, specOf } from '#crm/1c/documents.ts'
import { guidOf, type Row } from '#crm/1c/fields.ts'
import { externalIdOf } from '#crm/1c/map.ts'
import { allOf, anyKey } from '#crm/1c/odata.ts'
import { decide, none } from '#crm/1c/rules.ts'
import type { Settings } from '#crm/1c/settings.ts'

export async function fetchOne(session: Session<Settings>, { externalId }: Hint): Promise<MappedRecord | NoRecord> {
  const read = await readOne(await openContextOnce(session), externalId)
  return read.type === 'archived' ? none('archived_gone', { day: read.day }) : read
}

/** Not receipts of past days: they are removed after their shift. */
export function shows(settings: Settings, { externalId, occurredAt }: ShownSale, now: Date): boolean {
  const { archives } = specOf(settings, externalId.split(':')[0] ?? '')
  return !archives || localDate(new Date(occurredAt), settings.timezone) >= localDate(now, settings.timezone)
}

/** A receipt that was removed after its shift; `day` is that of the sale, in the base's zone. */
export interface ArchivedGone {
  readonly type: 'archived'
  readonly day: string
}

/** None: the document is of a kind that is not read, or its state cannot be known. */
export async function readOne(
  context: PullContext,
  externalId: string,
): Promise<MappedRecord | ArchivedGone | NoRecord> {
  const [entitySet = '', id = ''] = externalId.split(':')
  const spec = context.specs.find((one) => one.entitySet === entitySet)
  const key = guidOf(id)
  if (key === null)
    return noneByCommon('foreign_id', { example: 'Document_ЧекККМ:5a0f7c1e-8d21-11f0-9c55-00155d0a1b02' })
  if (!spec) return none('set_unread', { set: entitySet })
  if (spec.filter !== null) {
    const [row] = await context.client.rows(entitySet, { filter: allOf([anyKey([key]), spec.filter]) })
    if (row) return mapped(context, spec, row)
  }
  const object = await context.client.object(entitySet, key)
  if (object === 'gone') return (await archivedGone(context, spec, externalId)) ?? gone(externalIdOf(entitySet, key))
  if (object === 'hidden') {
    // With row-level rights a list leaves out what this user may not see, and a read of one object fails.
    const [row] = await context.client.rows(entitySet, { filter: anyKey([key]), allowedOnly: true })
    return row ? mapped(context, spec, row) : none('hidden')
  }
  const record = await mapped(context, spec, object)
  if (spec.filter === null || record.type !== 'transaction') return record
  // The document exists but no longer matches the filter of the settings.
  const { status, rule } = decide('outside_filter')
  return { ...record, transaction: { ...record.transaction, status }, rule }
}

async function mapped(context: PullContext, spec: DocumentSpec, row: Row): Promise<MappedRecord> {
  const [record] = await mapRows(context, spec, [row])
  if (!record) throw new Error('each row becomes a record')
  return record
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
