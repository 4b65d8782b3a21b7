// One object as it is now. It is gone when a read of it alone answers 204; a list never proves it.
import type { Hint, MappedRecord, Session } from '#crm/contract.ts'
import { gone } from '#crm/kit/mapping.ts'
import { invoiceCatalogOnce, openAccountOnce } from '#crm/amo_crm/account-context.ts'
import { createClient } from '#crm/amo_crm/client.ts'
import type { PullContext } from '#crm/amo_crm/pull-context.ts'
import { BinnedLead } from '#crm/amo_crm/schema.ts'
import { invoiceRecords, leadRecords, purchaseRecords } from '#crm/amo_crm/records.ts'
import type { Settings } from '#crm/amo_crm/settings.ts'
import { createSideLists } from '#crm/amo_crm/side-lists.ts'

/** Null: an object of a kind that cannot be read. */
export async function fetchOne(session: Session<Settings>, { externalId }: Hint): Promise<MappedRecord | null> {
  const client = createClient(session)
  return readOne({ session, client, account: await openAccountOnce(session), sides: createSideLists() }, externalId)
}

export async function readOne(context: PullContext, externalId: string): Promise<MappedRecord | null> {
  const { client, session } = context
  const [prefix, id = ''] = externalId.split(':')
  if (!/^\d+$/.test(id)) return null
  if (prefix === 'lead') {
    const lead = await client.lead(id)
    if (lead === null || BinnedLead.safeParse(lead).success) return gone(externalId)
    return (await leadRecords(context, [lead]))[0] ?? null
  }
  if (prefix === 'purchase') {
    const purchase = await client.purchase(id)
    return purchase === null ? gone(externalId) : ((await purchaseRecords(context, [purchase]))[0] ?? null)
  }
  const catalogId = prefix === 'invoice' ? await invoiceCatalogOnce(session) : null
  if (catalogId !== null) {
    const invoice = await client.invoice(catalogId, id)
    return invoice === null ? gone(externalId) : ((await invoiceRecords(context, [invoice]))[0] ?? null)
  }
  return null
}
