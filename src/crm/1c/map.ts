// A document, pulled or pushed, → a canonical transaction (`CanonicalTransaction` in crm/contract.ts). Pure.
import type { CanonicalTransaction, Customer, Item, MappedRecord } from '#crm/contract.ts'
import { customerOrNull } from '#crm/kit/customer.ts'
import { FieldError, mapGuarded, unmapped } from '#crm/kit/mapping.ts'
import { callingCodeOf } from '#lib/calling-code.ts'
import { MoneyError, toMinor } from '#lib/money.ts'
import { normalizePhone } from '#lib/phone.ts'
import { TimeError, zonedToUtc } from '#lib/time.ts'
import type { DocumentSpec } from '#crm/1c/documents.ts'
import { decimalOf, guidOf, isRow, isTrue, keyOf, type Row, rowsOf, textOf, localTimeOf } from '#crm/1c/fields.ts'
import { CARD_CODES, type Kind, LINE_SUMS } from '#crm/1c/presets.ts'
import { cardOf, customerOf, goodOf, linesOf, locationOf, ownerOf, type References } from '#crm/1c/references.ts'

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

function toTransaction(row: Row, externalId: string, mapping: Mapping): CanonicalTransaction {
  const { spec, currency, references } = mapping
  const operation = operationOf(row, spec.kind)
  const amount = sumOf(row, [spec.amountField], currency)
  if (amount === null) throw new FieldError(`${spec.amountField}: missing`)
  const kind = operation === 'refund' || amount < 0 ? 'refund' : 'sale'
  const location = locationOf(row)
  return {
    externalId,
    kind,
    status: operation === null ? 'cancelled' : statusOf(row, spec),
    amountMinor: signed(amount, kind),
    currency,
    occurredAt: timeOf(row, mapping),
    customer: toCustomer(row, mapping),
    items: linesOf(row, spec).map((line) => toItem(line, kind, mapping)),
    location: location && { externalId: location.key, name: nameOf(references.get(location)) },
    // 1C does not tell when a document was last written; DataVersion can only be compared for equality.
    sourceUpdatedAt: null,
  }
}

/** Null: neither a sale nor a refund, but another operation that uses the same kind of document. */
export function operationOf(row: Row, kind: Kind): 'sale' | 'refund' | null {
  if (typeof kind === 'string') return kind
  if (kind.otherwise && !(kind.field in row)) return kind.otherwise
  const value = row[kind.field]
  const name = (guidOf(value) ?? textOf(value)).toLowerCase()
  const isIn = (names: readonly string[]) => names.some((one) => one.trim().toLowerCase() === name)
  return isIn(kind.sale) ? 'sale' : isIn(kind.refund) ? 'refund' : null
}

function statusOf(row: Row, { required }: DocumentSpec): CanonicalTransaction['status'] {
  if (isTrue(row['DeletionMark'])) return 'cancelled'
  if (!isTrue(row['Posted'])) return 'unpaid'
  if (!required) return 'paid'
  const { field, value } = required
  const isMet = typeof value === 'boolean' ? isTrue(row[field]) === value : textOf(row[field]) === textOf(value)
  return isMet ? 'paid' : 'unpaid'
}

function timeOf(row: Row, { spec: { dateField }, timezone }: Mapping): string {
  const localTime = localTimeOf(row[dateField])
  if (localTime === null) throw new FieldError(`${dateField}: not a date`)
  return named(dateField, () => zonedToUtc(localTime, timezone))
}

/** The value of the first of these fields that is filled, in minor units; null when none is. */
function sumOf(row: Row, fields: readonly string[], currency: string): number | null {
  for (const field of fields) {
    const value = decimalOf(row[field])
    if (value !== null) return named(field, () => toMinor(value, currency))
  }
  return null
}

/** Refund documents carry positive sums. */
function signed(minor: number, kind: 'sale' | 'refund'): number {
  return kind === 'refund' && minor > 0 ? -minor : minor
}

function toItem(line: Row, kind: 'sale' | 'refund', { currency, references }: Mapping): Item {
  const good = goodOf(line)
  const quantity = Math.abs(Number(decimalOf(line['Количество']) ?? 1))
  if (!Number.isFinite(quantity)) throw new FieldError('Количество: not a number')
  const name = textOf(line['name']) || nameOf(references.get(good)) || textOf(line['Содержание'])
  return {
    externalId: good?.key ?? null,
    name: name || 'Товар',
    quantity,
    amountMinor: signed(sumOf(line, LINE_SUMS, currency) ?? 0, kind),
  }
}

/** The card's owner, else the counterparty, else the card alone. A pushed object may contain phone and card. */
function toCustomer(row: Row, mapping: Mapping): Customer | null {
  const { spec, references, cardIsPhone } = mapping
  const card = cardOf(row, spec)
  const cardRow = references.get(card)
  const person = ownerOf(cardRow) ?? customerOf(row, spec)
  const personRow = references.get(person)
  const code = textOf(row['card']) || firstText(cardRow, CARD_CODES)
  const contacts = rowsOf(personRow?.['КонтактнаяИнформация'])
  return customerOrNull({
    externalId: person?.key ?? card?.key ?? null,
    name: nameOf(personRow),
    phone: phoneIn([row['phone'], ...(cardIsPhone ? [code] : []), ...contacts.flatMap(phonesOf)], mapping),
    email: emailOf(contacts),
    card: code || null,
  })
}

function phoneIn(values: readonly unknown[], mapping: Mapping): string | null {
  const callingCode = callingCodeOf(mapping)
  return values.map((value) => normalizePhone(textOf(value), callingCode)).find((phone) => phone !== null) ?? null
}

function phonesOf(contact: Row): readonly unknown[] {
  return textOf(contact['Тип']) === 'Телефон' ? [contact['НомерТелефона'], contact['Представление']] : []
}

function emailOf(contacts: readonly Row[]): string | null {
  for (const contact of contacts) {
    const email = firstText(contact, ['АдресЭП', 'Представление'])
    if (textOf(contact['Тип']) === 'АдресЭлектроннойПочты' && email.includes('@')) return email
  }
  return null
}

function nameOf(row: Row | null): string | null {
  return textOf(row?.['Description']) || null
}

function firstText(row: Row | null, fields: readonly string[]): string {
  return fields.map((field) => textOf(row?.[field])).find(Boolean) ?? ''
}

function named<T>(field: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof MoneyError || error instanceof TimeError) throw new FieldError(`${field}: ${error.message}`)
    throw error
  }
}
