// What is left of a transaction and its history without an erased customer. Pure. A change keeps only what it changed,
// so the states are put together, masked, and taken apart again.

export interface CustomerColumns {
  readonly customer_external_id: string | null
  readonly customer_name: string | null
  readonly customer_phone: string | null
  readonly customer_email: string | null
  readonly customer_card: string | null
}
type Column = keyof CustomerColumns

export const PERSONAL: readonly Column[] = ['customer_name', 'customer_phone', 'customer_email', 'customer_card']
const COLUMNS: readonly Column[] = ['customer_external_id', ...PERSONAL]

export interface StoredStates {
  readonly id: string
  readonly change_seq: number
  readonly now: CustomerColumns
  /** Newest first; of each what it changed of the customer, as it was before. */
  readonly changes: readonly { readonly seq: number; readonly before: Partial<CustomerColumns> }[]
}

export interface ErasedStates {
  /** The transaction itself names the customer. */
  readonly isErased: boolean
  /** The changes to be kept in another form. */
  readonly changes: readonly { readonly seq: number; readonly before: Partial<CustomerColumns> }[]
}

export function eraseStates(
  { now, changes }: StoredStates,
  isOf: (customer: CustomerColumns) => boolean,
): ErasedStates {
  const isErased = isOf(now) && isNamed(now)
  let after = now
  const rewritten: ErasedStates['changes'][number][] = []
  for (const { seq, before } of changes) {
    const state = { ...after, ...before }
    const left = take(mask(state, isOf), mask(after, isOf), before)
    if (COLUMNS.some((column) => left[column] !== before[column])) rewritten.push({ seq, before: left })
    after = state
  }
  return { isErased, changes: rewritten }
}

function isNamed(customer: CustomerColumns): boolean {
  return PERSONAL.some((column) => customer[column] !== null)
}

function mask(customer: CustomerColumns, isOf: (customer: CustomerColumns) => boolean): CustomerColumns {
  if (!isOf(customer)) return customer
  return { ...customer, customer_name: null, customer_phone: null, customer_email: null, customer_card: null }
}

/** What a change keeps: the columns that it had, and those that differ now. */
function take(state: CustomerColumns, after: CustomerColumns, had: Partial<CustomerColumns>): Partial<CustomerColumns> {
  const kept = COLUMNS.filter((column) => column in had || state[column] !== after[column])
  return Object.fromEntries(kept.map((column) => [column, state[column]]))
}
