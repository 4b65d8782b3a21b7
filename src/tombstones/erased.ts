// The erased customers of a business, as those need them who write or show what a CRM says of its customers. Pure.

/** By what a customer is recognized. */
export interface Trait {
  readonly trait: 'phone' | 'email' | 'id'
  /** E.164; an address as `emailOf` has it; the customer's id in the CRM. */
  readonly value: string
}

/** People write the same address in several ways. */
export function emailOf(text: string): string {
  return text.trim().toLowerCase()
}

export interface Traits {
  readonly externalId: string | null
  readonly phone: string | null
  readonly email: string | null
}

export interface Erased {
  /** How many erasures it knows of. */
  readonly count: number
  readonly isErased: (customer: Traits) => boolean
  readonly hasTrait: (trait: Trait) => boolean
  /** Whether customers were erased by their ids. */
  readonly hasIds: boolean
}

/** Of a business that has erased nobody. */
export const NOBODY_ERASED: Erased = { count: 0, isErased: () => false, hasTrait: () => false, hasIds: false }
