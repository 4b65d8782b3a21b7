// Whether a document is paid: by the receipt's own status where it has one, else by `Posted`. Archiving unposts
// receipts, and annulled ones may stay posted. Pure.
import type { CanonicalTransaction } from '#crm/contract.ts'
import { FieldError } from '#crm/kit/mapping.ts'
import type { Decision } from '#crm/rules.ts'
import type { DocumentSpec } from '#crm/1c/documents.ts'
import { isTrue, type Row, textOf, timeOf } from '#crm/1c/fields.ts'
import { ARCHIVED_FLAG } from '#crm/1c/presets.ts'
import { decide } from '#crm/1c/rules.ts'

type Status = CanonicalTransaction['status']

/** Throws FieldError for a status that nobody knows. */
export function decideDocument(row: Row, spec: DocumentSpec): Decision {
  if (isTrue(row['DeletionMark'])) return decide('marked_deleted')
  const { required, closedField } = spec
  const isMet = !required || isRequiredMet(row, required)
  const own = ownStatusOf(row, spec)
  // The settings may name a status that no preset knows.
  if (own && required?.field === own.field && isMet) return decide('status_of_settings', { status: own.value })
  if (own && own.status === null) throw new FieldError(`${own.field}: unknown status ${own.value}`)
  const decision = own?.status
    ? byOwnStatus(own.status, own.value)
    : decide(isTrue(row['Posted']) ? 'posted' : 'not_posted')
  if (decision.status !== 'paid') return decision
  if (isArchived(row, spec)) return decide('archived')
  const isOpen = closedField !== null && closedField in row && timeOf(row[closedField]) === null
  if (isOpen) return decide('not_closed', { field: closedField })
  return isMet ? decision : decide('requirement_unmet', { field: required?.field ?? '' })
}

function byOwnStatus(own: Status, status: string): Decision {
  return decide(`status_${own}`, { status })
}

/** The shift of this receipt is closed. */
export function isArchived(row: Row, spec: DocumentSpec): boolean {
  return spec.archives && (ownStatusOf(row, spec)?.isArchived === true || isTrue(row[ARCHIVED_FLAG]))
}

function ownStatusOf(row: Row, { statuses }: DocumentSpec) {
  for (const { field, paid, unpaid, cancelled, archived } of statuses) {
    const value = textOf(row[field])
    if (value === '') continue
    const isIn = (names: readonly string[]) => names.some((name) => plain(name) === plain(value))
    const status: Status | null = isIn(paid) ? 'paid' : isIn(unpaid) ? 'unpaid' : isIn(cancelled) ? 'cancelled' : null
    return { field, value, status, isArchived: isIn(archived) }
  }
  return null
}

function plain(name: string): string {
  return name.replaceAll(' ', '').toLowerCase()
}

function isRequiredMet(row: Row, { field, value }: NonNullable<DocumentSpec['required']>): boolean {
  return typeof value === 'boolean' ? isTrue(row[field]) === value : textOf(row[field]) === textOf(value)
}
