// Rows of a list → records, with the contacts and customers they refer to.
import type { MappedRecord } from '#crm/contract.ts'
import { externalIdOf, unmapped } from '#crm/kit/mapping.ts'
import {
  customerOf,
  isChosen,
  isPaid,
  mainContact,
  mapLead,
  mapNoSale,
  mapPurchase,
  noSale,
  readLead,
  readPurchase,
} from '#crm/amo_crm/map.ts'
import {
  hasNoPayer,
  isUnpaid,
  mapInvoice,
  payingContact,
  type ReadInvoice,
  readInvoice,
} from '#crm/amo_crm/map-invoice.ts'
import { readContacts, readContactsOfDeals, readCustomers } from '#crm/amo_crm/people.ts'
import type { PullContext } from '#crm/amo_crm/pull-context.ts'
import { LeadStage } from '#crm/amo_crm/schema.ts'

/** Paid deals of the chosen pipelines, and stored deals in whatever state they are. All other deals are not sales. */
export async function leadRecords(context: PullContext, rows: readonly unknown[]): Promise<readonly MappedRecord[]> {
  const { session, account } = context
  const { settings } = session
  const read = rows.map(readLead)
  const stages = rows.flatMap((row) => LeadStage.safeParse(row).data ?? [])
  const isSale = (lead: LeadStage) => isPaid(lead, settings) && isChosen(lead, settings)
  const isToLookUp = (lead: LeadStage) => !isSale(lead) || !lead.closed_at
  const storedSales = await session.storedSales(stages.filter(isToLookUp).map(({ id }) => `lead:${id}`))
  const isFollowed = (lead: LeadStage) => isSale(lead) || storedSales.has(`lead:${lead.id}`)
  const contacts = await readContacts(
    context,
    read.map((lead) => ('type' in lead || !isFollowed(lead) ? null : mainContact(lead._embedded))),
  )
  const skipped = new Set(stages.filter((lead) => !isFollowed(lead)).map(({ id }) => `lead:${id}`))
  const records = read.map((lead): MappedRecord => {
    if ('type' in lead) return lead
    if (!isFollowed(lead)) return mapNoSale(lead, { settings, account, customer: null, paidSince: null })
    const contactId = mainContact(lead._embedded)
    const customer = contactId === null ? null : contacts.get(contactId)
    if (customer === undefined) return unmapped(`lead:${lead.id}`, 'its contact cannot be read', lead)
    const known = storedSales.get(`lead:${lead.id}`)
    const paidSince = known?.status === 'paid' ? known.occurredAt : null
    return mapLead(lead, { settings, account, customer, paidSince })
  })
  return withKnownCustomers(context, withoutSkipped(context, records, skipped))
}

/** Of records that cannot be read, those that say that they are no sale are none. */
function withoutSkipped(
  { session, account }: PullContext,
  records: readonly MappedRecord[],
  skipped: ReadonlySet<string>,
): readonly MappedRecord[] {
  return records.map((record) =>
    record.type === 'unmapped' && record.externalId !== null && skipped.has(record.externalId)
      ? noSale(record.externalId, account, session.startedAt)
      : record,
  )
}

export async function purchaseRecords(
  context: PullContext,
  rows: readonly unknown[],
): Promise<readonly MappedRecord[]> {
  const read = rows.map(readPurchase)
  const customers = await readCustomers(
    context,
    read.map((purchase) => ('type' in purchase ? null : customerOf(purchase))),
  )
  const records = read.map((purchase) => {
    if ('type' in purchase) return purchase
    const customerId = customerOf(purchase)
    return mapPurchase(purchase, context.account, (customerId && customers.get(customerId)) || null)
  })
  return withKnownCustomers(context, records)
}

export async function invoiceRecords(context: PullContext, rows: readonly unknown[]): Promise<readonly MappedRecord[]> {
  const { session, account } = context
  const { invoicePaidStatuses: paidStatuses } = session.settings
  const read = rows.map((row) => readInvoice(row, account))
  const invoices = read.filter((invoice): invoice is ReadInvoice => !('type' in invoice))
  const ofDeals = await readContactsOfDeals(
    context,
    invoices.map((invoice) => (hasNoPayer(invoice, account) ? invoice.leadId : null)),
  )
  const contactOf = (invoice: ReadInvoice) =>
    payingContact(invoice) ?? (hasNoPayer(invoice, account) ? (ofDeals.get(invoice.leadId ?? '') ?? null) : null)
  const contacts = await readContacts(context, invoices.map(contactOf))
  const records = read.map((invoice): MappedRecord => {
    if ('type' in invoice) return invoice
    const contact = contacts.get(contactOf(invoice) ?? '') ?? null
    return mapInvoice(invoice, account, { contact, paidStatuses })
  })
  const unpaid = invoices.filter((one) => isUnpaid(one, paidStatuses)).map(({ invoice }) => `invoice:${invoice.id}`)
  const unreadable = new Set(records.flatMap((record) => (record.type === 'unmapped' ? (record.externalId ?? []) : [])))
  const odd = unpaid.filter((id) => unreadable.has(id))
  const storedSales = await session.storedSales(odd)
  const skipped = new Set(odd.filter((id) => !storedSales.has(id)))
  return withKnownCustomers(context, withoutSkipped(context, records, skipped))
}

/** Where contacts or customers are left out, a stored sale keeps what was known of its customer. */
async function withKnownCustomers(
  { session, sides }: PullContext,
  records: readonly MappedRecord[],
): Promise<readonly MappedRecord[]> {
  if (!sides.isLeftOut('contacts') && !sides.isLeftOut('purchases')) return records
  const storedSales = await session.storedSales(records.flatMap((record) => externalIdOf(record) ?? []))
  return records.map((record) => {
    if (record.type !== 'transaction') return record
    const { customer, externalId } = record.transaction
    const known = storedSales.get(externalId)?.customer ?? null
    const isSame = known !== null && (customer === null || customer.externalId === known.externalId)
    return isSame ? { ...record, transaction: { ...record.transaction, customer: known } } : record
  })
}
