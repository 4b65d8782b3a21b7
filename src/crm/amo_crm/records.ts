// Rows of a list → records, with the contacts and customers they refer to.
import type { MappedRecord, Session } from '#crm/contract.ts'
import { unmapped } from '#crm/kit/mapping.ts'
import type { AmoClient } from '#crm/amo_crm/client.ts'
import type { AccountContext } from '#crm/amo_crm/cursor.ts'
import {
  customerOf,
  isChosen,
  isWon,
  mainContact,
  mapInvoice,
  mapLead,
  mapNoSale,
  mapPurchase,
  payingContact,
  readInvoice,
  readLead,
  readPurchase,
} from '#crm/amo_crm/map.ts'
import { readContacts, readCustomers } from '#crm/amo_crm/people.ts'
import type { Lead } from '#crm/amo_crm/schema.ts'
import type { Settings } from '#crm/amo_crm/settings.ts'

export interface PullContext {
  readonly session: Session<Settings>
  readonly client: AmoClient
  readonly account: AccountContext
}

/** Won deals of the chosen pipelines, and stored deals in whatever state they are. All other deals are not sales. */
export async function leadRecords(
  { session, client, account }: PullContext,
  rows: readonly unknown[],
): Promise<readonly MappedRecord[]> {
  const read = rows.map(readLead)
  const leads = read.filter((lead): lead is Lead => !('type' in lead))
  const isSale = (lead: Lead) => isWon(lead) && isChosen(lead, session.settings.pipelineIds)
  const storedSales = await session.storedSales(leads.filter((lead) => !isSale(lead)).map(({ id }) => `lead:${id}`))
  const isFollowed = (lead: Lead) => isSale(lead) || storedSales.has(`lead:${lead.id}`)
  const contacts = await readContacts(
    client,
    account,
    leads.filter(isFollowed).map((lead) => mainContact(lead._embedded)),
  )
  return read.map((lead) => {
    if ('type' in lead) return lead
    if (!isFollowed(lead)) return mapNoSale(lead, account)
    const contactId = mainContact(lead._embedded)
    const contact = contactId === null ? null : contacts.get(contactId)
    return contact === undefined
      ? unmapped(`lead:${lead.id}`, 'its contact cannot be read', lead)
      : mapLead(lead, account, contact)
  })
}

export async function purchaseRecords(
  { client, account }: PullContext,
  rows: readonly unknown[],
): Promise<readonly MappedRecord[]> {
  const read = rows.map(readPurchase)
  const customers = await readCustomers(
    client,
    account,
    read.map((purchase) => ('type' in purchase ? null : customerOf(purchase))),
  )
  return read.map((purchase) => {
    if ('type' in purchase) return purchase
    const customerId = customerOf(purchase)
    return mapPurchase(purchase, account, (customerId && customers.get(customerId)) || null)
  })
}

export async function invoiceRecords(
  { client, account }: PullContext,
  rows: readonly unknown[],
): Promise<readonly MappedRecord[]> {
  const read = rows.map(readInvoice)
  const contacts = await readContacts(
    client,
    account,
    read.map((invoice) => ('type' in invoice ? null : payingContact(invoice))),
  )
  return read.map((invoice) => {
    if ('type' in invoice) return invoice
    const contactId = payingContact(invoice)
    return mapInvoice(invoice, account, (contactId && contacts.get(contactId)) || null)
  })
}
