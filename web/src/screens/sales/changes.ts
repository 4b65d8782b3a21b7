// What a change of a sale changed, for its history.
import type { components } from '#client/schema.ts'

type Transaction = components['schemas']['Transaction']

/** In the order in which they are shown. */
export const CHANGED_FIELDS = ['status', 'amountMinor', 'kind', 'occurredAt', 'customer', 'items', 'location'] as const
export type ChangedField = (typeof CHANGED_FIELDS)[number]

export function changedFields(before: Transaction, after: Transaction): readonly ChangedField[] {
  return CHANGED_FIELDS.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
}
