// One object as it is now. It is gone when a read of it alone answers 204; a list never proves it.
import type { Hint, MappedRecord, NoRecord, Session } from '#crm/contract.ts'
import { gone } from '#crm/kit/mapping.ts'
import { noneByCommon } from '#crm/rules.ts'
import { invoiceCatalogOnce, openAccountOnce } from '#crm/amo_crm/account-context.ts'
import { createClient } from '#crm/amo_crm/client.ts'
import type { PullContext } from '#crm/amo_crm/pull-context.ts'
import { BinnedLead } from '#crm/amo_crm/schema.ts'
import { decide, none } from '#crm/amo_crm/rules.ts'
import { invoiceRecords, leadRecords, purchaseRecords } from '#crm/amo_crm/records.ts'
import type { Settings } from '#crm/amo_crm/settings.ts'
import { createSideLists } from '#crm/amo_crm/side-lists.ts'

/** What each kind of id is read by. */
export const SOURCES: ReadonlyMap<string, Settings['sources'][number]> = new Map([
  ['lead', 'leads'],
  ['purchase', 'purchases'],
  ['invoice', 'invoices'],
])

export async function fetchOne(session: Session<Settings>, { externalId }: Hint): Promise<MappedRecord | NoRecord> {
  const source = SOURCES.get(externalId.split(':')[0] ?? '')
  const isRead = source === undefined || session.settings.sources.includes(source)
  if (!isRead && !(await session.storedSales([externalId])).has(externalId)) return none('source_off', { source })
  const client = createClient(session)
  return readOne({ session, client, account: await openAccountOnce(session), sides: createSideLists() }, externalId)
}

export async function readOne(context: PullContext, externalId: string): Promise<MappedRecord | NoRecord> {
  const { client, session } = context
  const [prefix = '', id = ''] = externalId.split(':')
  if (!SOURCES.has(prefix) || !/^\d+$/.test(id)) return noneByCommon('foreign_id', { example: 'lead:123' })
  if (prefix === 'lead') {
    const lead = await client.lead(id)
    if (lead === null) return gone(externalId)
    if (BinnedLead.safeParse(lead).success) return gone(externalId, decide('lead_binned').rule)
    return only(await leadRecords(context, [lead]))
  }
  if (prefix === 'purchase') {
    const purchase = await client.purchase(id)
    return purchase === null ? gone(externalId) : only(await purchaseRecords(context, [purchase]))
  }
  const catalogId = await invoiceCatalogOnce(session)
  if (catalogId === null) return none('no_invoice_list')
  const invoice = await client.invoice(catalogId, id)
  return invoice === null ? gone(externalId) : only(await invoiceRecords(context, [invoice]))
}

function only([record]: readonly MappedRecord[]): MappedRecord {
  if (!record) throw new Error('each row becomes a record')
  return record
}
