// Every kind of document that a shop has. The keys of the books' own types are exhausted, so a new kind does not
// compile without an entry.
import { setOf } from '#sandbox/1c/ledger.ts'
import type { Receipt, State } from '#sandbox/1c/shop.ts'
import type { OneCSandbox } from '#sandbox/1c/state.ts'
import type { Configuration } from '#sandbox/1c/wire.ts'
import type { Kinds, Recorded } from '#sandbox/sandbox.ts'

type Status = Recorded['status']

/** What a receipt is by its state. */
const STATES: { readonly [S in State]: readonly [S, Status] } = {
  punched: ['punched', 'paid'],
  aside: ['aside', 'unpaid'],
  reserved: ['reserved', 'unpaid'],
  annulled: ['annulled', 'cancelled'],
  archived: ['archived', 'paid'],
}

const DAY_MS = 86_400_000

const receipt =
  (configuration: Configuration, status: Status, change: Partial<Receipt>) =>
  ({ shop }: OneCSandbox): Recorded => {
    const ms = shop.now().getTime() - DAY_MS
    const lines = [{ good: shop.addGood('Кофе'), quantity: 1, kopecks: 10_000 }]
    const made = Object.assign(shop.add({ at: new Date(ms - (ms % 1000)), lines }), change)
    return { externalId: `${setOf(made, configuration)}:${made.id}`, status }
  }

/** Of a configuration whose receipts have a status of their own. */
export const RECEIPT_KINDS: Kinds<OneCSandbox> = {
  ...Object.fromEntries(
    Object.values(STATES).map(([state, status]) => [`a receipt ${state}`, receipt('retail', status, { state })]),
  ),
  'a receipt marked for deletion': receipt('retail', 'cancelled', { marked: true }),
  'a receipt of a refund': receipt('retail', 'paid', { isRefund: true }),
  'a receipt of an unknown operation': receipt('retail', null, { operation: 'Прочее' }),
  'an archived receipt that has lost all': receipt('retail', 'unpaid', {
    ...{ state: 'archived', isEmptied: true, number: 1 },
  }),
  'a receipt without a trace': (sandbox) => {
    const made = receipt('retail', 'paid', {})(sandbox)
    sandbox.shop.vanish(made.externalId.split(':')[1] ?? '')
    return { ...made, status: null }
  },
  'a receipt that the user may not see': (sandbox) => {
    const made = receipt('retail', 'paid', {})(sandbox)
    sandbox.hidden.add(made.externalId.split(':')[1] ?? '')
    return { ...made, status: null }
  },
  'a document of another kind': () => ({
    externalId: 'Document_ПриходныйОрдер:5a0f7c1e-8d21-11f0-9c55-00155d0a1b02',
    status: null,
  }),
}

/** Of one whose documents have none. */
export const INVOICE_KINDS: Kinds<OneCSandbox> = {
  'a posted document': receipt('bp', 'paid', {}),
  'a document that is not posted': receipt('bp', 'unpaid', { posted: false }),
}
