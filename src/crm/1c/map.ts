// A document, pulled or pushed, → a canonical transaction (`CanonicalTransaction` in crm/contract.ts). Pure.
import type { MappedRecord } from '#crm/contract.ts'
import { FieldError, mapGuarded, type Ruled, unmapped } from '#crm/kit/mapping.ts'
import { MoneyError, toMinor } from '#lib/money.ts'
import { instantOf, TimeError } from '#lib/time.ts'
import { differenceOf, hasDifference, toItems } from '#crm/1c/lines.ts'
import { currencyIn } from '#crm/1c/currency.ts'
import { toCustomer } from '#crm/1c/customer.ts'
import type { DocumentSpec } from '#crm/1c/documents.ts'
import { decimalOf, guidOf, isRow, keyOf, type Row, textOf, timeOf } from '#crm/1c/fields.ts'
import type { Kind } from '#crm/1c/presets.ts'
import { currencyRefOf, locationOf, type References } from '#crm/1c/references.ts'
import { decide } from '#crm/1c/rules.ts'
import { decideDocument, isArchived } from '#crm/1c/status.ts'

export interface Mapping {
  readonly spec: DocumentSpec
  readonly timezone: string
  readonly currency: string
  readonly cardIsPhone: boolean
  readonly references: Pick<References, 'get'>
}

export function externalIdOf(entitySet: string, key: string): string {
  return `${entitySet}:${key}`
}

export function mapDocument(raw: unknown, mapping: Mapping): MappedRecord {
  const key = isRow(raw) ? keyOf(raw) : null
  if (!isRow(raw) || key === null) return unmapped(null, 'Ref_Key: missing', raw)
  const externalId = externalIdOf(mapping.spec.entitySet, key)
  return mapGuarded(externalId, raw, () => toTransaction(raw, externalId, mapping))
}

function toTransaction(row: Row, externalId: string, mapping: Mapping): Ruled {
  const { spec, references } = mapping
  const operation = operationOf(row, spec.kind)
  const field = typeof spec.kind === 'string' ? 'kind' : spec.kind.field
  const decision =
    operation === 'other' ? decide('operation_other', { operation: textOf(row[field]) }) : decideDocument(row, spec)
  if (operation === null && decision.status === 'paid') {
    throw new FieldError(`${field}: unknown operation ${textOf(row[field])}`)
  }
  const currency = currencyOfDocument(row, mapping)
  const amount = amountOf(row, spec, currency)
  const kind = operation === 'refund' || amount < 0 ? 'refund' : 'sale'
  const location = locationOf(row)
  return {
    externalId,
    kind,
    ...decision,
    amountMinor: kind === 'refund' && amount > 0 ? -amount : amount,
    currency,
    occurredAt: occurredAtOf(row, mapping),
    customer: toCustomer(row, mapping),
    items: toItems(row, { spec, references, currency, isRefund: kind === 'refund' }),
    location: location && { externalId: location.key, name: nameOf(references.get(location)) },
    // 1C does not tell when a document was last written; DataVersion can only be compared for equality.
    sourceUpdatedAt: null,
  }
}

/** `other`: known to be neither a sale nor a refund. Null: nobody knows. */
export function operationOf(row: Row, kind: Kind): 'sale' | 'refund' | 'other' | null {
  if (typeof kind === 'string') return kind
  if (kind.otherwise && !(kind.field in row)) return kind.otherwise
  const value = row[kind.field]
  const name = (guidOf(value) ?? textOf(value)).toLowerCase()
  const isIn = (names: readonly string[]) => names.some((one) => one.trim().toLowerCase() === name)
  if (isIn(kind.sale)) return 'sale'
  if (isIn(kind.refund)) return 'refund'
  return !kind.other || isIn(kind.other) ? 'other' : null
}

function amountOf(row: Row, spec: DocumentSpec, currency: string): number {
  if (hasDifference(row, spec)) return differenceOf(row, spec, currency)
  const value = decimalOf(row[spec.amountField])
  if (value !== null) return named(spec.amountField, () => toMinor(value, currency))
  // What is stored of it says more than it does now.
  if (isArchived(row, spec)) return 0
  throw new FieldError(`${spec.amountField}: missing`)
}

function currencyOfDocument(row: Row, { references, currency }: Mapping): string {
  const known = references.get(currencyRefOf(row))
  if (known === null) return currency
  const own = currencyIn(known)
  if (own === null) throw new FieldError(`currency: unknown ${textOf(known['Description'])}`)
  return own
}

function occurredAtOf(row: Row, { spec: { dateField }, timezone }: Mapping): string {
  const time = timeOf(row[dateField])
  if (time === null) throw new FieldError(`${dateField}: not a date`)
  return named(dateField, () => instantOf(time, timezone))
}

function nameOf(row: Row | null): string | null {
  return textOf(row?.['Description']) || null
}

function named<T>(field: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof MoneyError || error instanceof TimeError) throw new FieldError(`${field}: ${error.message}`)
    throw error
  }
}
