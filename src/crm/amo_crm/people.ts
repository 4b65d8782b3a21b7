// The customers of sales. Lists of deals, purchases and invoices only name the ids of contacts, so contacts are read in
// batches.
import type { Customer } from '#crm/contract.ts'
import { NOBODY } from '#crm/kit/customer.ts'
import { idIn } from '#crm/kit/mapping.ts'
import { mainContact, nameOnly, toCustomer } from '#crm/amo_crm/map.ts'
import type { PullContext } from '#crm/amo_crm/pull-context.ts'
import { Contact, Customer as VendorCustomer, Lead } from '#crm/amo_crm/schema.ts'

/**
 * By contact id. A contact that the list does not show is known by its id alone; one that cannot be read is left out.
 */
export async function readContacts(
  { client, account, sides }: PullContext,
  ids: readonly (string | null)[],
): Promise<ReadonlyMap<string, Customer>> {
  const contactIds = unique(ids)
  const rows = contactIds.length === 0 ? [] : await sides.read('contacts', [], async () => client.contacts(contactIds))
  const people = new Map(contactIds.map((externalId): [string, Customer] => [externalId, { ...NOBODY, externalId }]))
  for (const row of rows) {
    const contact = Contact.safeParse(row)
    if (contact.success) people.set(contact.data.id, toCustomer(contact.data, account))
    else people.delete(idIn(row) ?? '')
  }
  return people
}

/** The vendor's customers by id: the main contact of each, or the customer's own name. */
export async function readCustomers(
  context: PullContext,
  ids: readonly (string | null)[],
): Promise<ReadonlyMap<string, Customer | null>> {
  const customerIds = unique(ids)
  const read = async () => context.client.customersById(customerIds)
  const rows = customerIds.length === 0 ? [] : await context.sides.read('purchases', [], read)
  const customers = rows.flatMap((row) => VendorCustomer.safeParse(row).data ?? [])
  const contacts = await readContacts(
    context,
    customers.map(({ _embedded: embedded }) => mainContact(embedded)),
  )
  return new Map(
    customers.map((customer) => {
      const contactId = mainContact(customer._embedded)
      return [customer.id, (contactId && contacts.get(contactId)) || nameOnly(customer)]
    }),
  )
}

/** By the id of the deal: its main contact. Such deals are read for their people alone. */
export async function readContactsOfDeals(
  { client, sides }: PullContext,
  ids: readonly (string | null)[],
): Promise<ReadonlyMap<string, string | null>> {
  const leadIds = unique(ids)
  const rows = leadIds.length === 0 ? [] : await sides.read('contacts', [], async () => client.leadsById(leadIds))
  const leads = rows.flatMap((row) => Lead.safeParse(row).data ?? [])
  return new Map(leads.map((lead) => [lead.id, mainContact(lead._embedded)]))
}

function unique(ids: readonly (string | null)[]): string[] {
  return [...new Set(ids.filter((id) => id !== null))]
}
