// Every kind of record that an account has. The keys of the books' own types are exhausted, so a new kind does not
// compile without an entry.
import type { AmoSandbox } from '#sandbox/amo_crm.ts'
import { type Deal, type Invoice, LOST, OPEN, WON } from '#sandbox/amo_crm/account.ts'
import type { Kinds, Recorded } from '#sandbox/sandbox.ts'

type Status = Recorded['status']

/** What is left of a deal that is won, by where it is. */
const PLACES: { readonly [P in Deal['place']]: readonly [P, Status] } = {
  list: ['list', 'paid'],
  bin: ['bin', null],
  nowhere: ['nowhere', null],
}

const INVOICES: { readonly [S in Invoice['status']]: readonly [S, Status] } = {
  created: ['created', 'unpaid'],
  paid: ['paid', 'paid'],
  partially_paid: ['partially_paid', 'unpaid'],
  paid_in_advance: ['paid_in_advance', 'unpaid'],
}

const deal =
  (status: Status, statusId: number, change: (sandbox: AmoSandbox, id: number) => void = () => {}) =>
  (sandbox: AmoSandbox): Recorded => {
    const { id } = sandbox.account.addDeal({ statusId })
    change(sandbox, id)
    return { externalId: `lead:${id}`, status }
  }

const purchase =
  (status: Status, change: Readonly<Record<string, boolean>>) =>
  ({ account }: AmoSandbox): Recorded => {
    const customer = account.addCustomer(account.addPerson().id)
    const { id } = Object.assign(account.buy(customer, 50_000), change)
    return { externalId: `purchase:${id}`, status }
  }

const invoice =
  (status: Status, change: Partial<Omit<Invoice, 'id'>>) =>
  ({ account }: AmoSandbox): Recorded => ({ externalId: `invoice:${account.addInvoice(change).id}`, status })

export const KINDS: Kinds<AmoSandbox> = {
  'an open deal': deal('unpaid', OPEN),
  'a lost deal': deal('cancelled', LOST),
  ...Object.fromEntries(
    Object.values(PLACES).map(([place, status]) => [
      `a won deal in ${place}`,
      deal(status, WON, ({ account }, id) => {
        if (place !== 'list') account.remove(id, place)
      }),
    ]),
  ),
  'a won deal that cannot be read': deal(null, WON, ({ broken }, id) => void broken.add(id)),
  'a purchase': purchase('paid', {}),
  'a deleted purchase': purchase('cancelled', { deleted: true }),
  'a purchase that is gone': purchase(null, { isGone: true }),
  ...Object.fromEntries(
    Object.values(INVOICES).map(([name, status]) => [`an invoice ${name}`, invoice(status, { status: name })]),
  ),
  'an invoice that is gone': invoice(null, { status: 'paid', isGone: true }),
}
