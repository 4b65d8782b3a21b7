// The customers of sales. Lists of deals, purchases and invoices only name the ids of contacts, so contacts are read in
// batches.
import type { Customer } from '#crm/contract.ts'
import { NOBODY } from '#crm/kit/customer.ts'
import { idIn } from '#crm/kit/mapping.ts'
import type { AmoClient } from '#crm/amo_crm/client.ts'
import type { AccountContext } from '#crm/amo_crm/cursor.ts'
import { mainContact, nameOnly, toCustomer } from '#crm/amo_crm/map.ts'
import { Contact, Customer as VendorCustomer } from '#crm/amo_crm/schema.ts'

/**
 * By contact id. A contact that the list does not show is known by its id alone; one that cannot be read is left out.
 */
export async function readContacts(
  client: AmoClient,
  account: AccountContext,
  ids: readonly (string | null)[],
): Promise<ReadonlyMap<string, Customer>> {
  const contactIds = unique(ids)
  const rows = await client.contacts(contactIds)
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
  client: AmoClient,
  account: AccountContext,
  ids: readonly (string | null)[],
): Promise<ReadonlyMap<string, Customer | null>> {
  const rows = await client.customersById(unique(ids))
  const customers = rows.flatMap((row) => VendorCustomer.safeParse(row).data ?? [])
  const contacts = await readContacts(
    client,
    account,
    customers.map(({ _embedded: embedded }) => mainContact(embedded)),
  )
  return new Map(
    customers.map((customer) => {
      const contactId = mainContact(customer._embedded)
      return [customer.id, (contactId && contacts.get(contactId)) || nameOnly(customer)]
    }),
  )
}

function unique(ids: readonly (string | null)[]): string[] {
  return [...new Set(ids.filter((id) => id !== null))]
}
