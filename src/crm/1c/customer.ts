// Who bought: the owner of the card, else the buyer of the document, else the card alone. Pure.
import type { Customer } from '#crm/contract.ts'
import { customerOrNull } from '#crm/kit/customer.ts'
import { callingCodeOf, type Whereabouts } from '#lib/calling-code.ts'
import { normalizePhone } from '#lib/phone.ts'
import type { DocumentSpec } from '#crm/1c/documents.ts'
import { isRow, isTrue, type Row, rowsOf, textOf } from '#crm/1c/fields.ts'
import { CARD_CODES } from '#crm/1c/presets.ts'
import { cardOf, customersOf, ownersOf, type Reference, type References } from '#crm/1c/references.ts'

interface People extends Whereabouts {
  readonly spec: DocumentSpec
  readonly cardIsPhone: boolean
  readonly references: Pick<References, 'get'>
}

/** A pushed object may contain phone and card. */
export function toCustomer(row: Row, people: People): Customer | null {
  const { spec, references, cardIsPhone } = people
  const card = cardOf(row, spec)
  const cardRow = references.get(card)
  const code = textOf(row['card']) || CARD_CODES.map((field) => textOf(cardRow?.[field])).find(Boolean) || null
  const persons = personsOf(row, cardRow, people)
  const rows = persons.map((person) => references.get(person)).filter((one) => one !== null)
  const contacts = rows.flatMap((one) => rowsOf(one['КонтактнаяИнформация'])).map(contactOf)
  const phones = contacts.filter(({ kind }) => kind === PHONE).flatMap(({ texts }) => texts)
  const emails = contacts.filter(({ kind }) => kind === EMAIL).flatMap(({ texts }) => texts)
  return customerOrNull({
    externalId: persons[0]?.key ?? card?.key ?? null,
    name: rows.map((one) => textOf(one['Description'])).find(Boolean) ?? null,
    phone: phoneIn([textOf(row['phone']), ...(cardIsPhone && code ? [code] : []), ...phones], people),
    email: emails.find((text) => text.includes('@')) ?? null,
    card: code,
  })
}

/** One person, under one or more names. Who the card belongs to and who is named as the buyer may be two people. */
function personsOf(row: Row, cardRow: Row | null, { spec, references }: People): readonly Reference[] {
  const isSomebody = (reference: Reference) => !isNobody(references.get(reference))
  const owners = ownersOf(row, cardRow).filter(isSomebody)
  const buyers = customersOf(row, spec).filter(isSomebody)
  if (owners.length === 0) return buyers
  return buyers.some(({ key }) => owners.some((owner) => owner.key === key)) ? [...owners, ...buyers] : owners
}

/** Predefined elements such as “Розничный покупатель” stand for everybody who is not known. */
function isNobody(row: Row | null): boolean {
  return isTrue(row?.['Predefined']) || textOf(row?.['PredefinedDataName']) !== ''
}

function phoneIn(texts: readonly string[], people: Whereabouts): string | null {
  const callingCode = callingCodeOf(people)
  return texts.map((text) => normalizePhone(text, callingCode)).find((phone) => phone !== null) ?? null
}

const PHONE = 'Телефон'
const EMAIL = 'АдресЭлектроннойПочты'

interface Contact {
  readonly kind: string
  readonly texts: readonly string[]
}

/** Older bases keep a contact as XML, newer ones as JSON; they need not fill the fields beside it. */
function contactOf(contact: Row): Contact {
  const json = jsonOf(contact['Значение'])
  const [, inXml] = /Представление="([^"]{1,200})"/.exec(textOf(contact['ЗначенияПолей'])) ?? []
  const [country, area, number] = ['countryCode', 'areaCode', 'number'].map((name) => textOf(json[name]))
  const parts = number ? `${country ? `+${country.replace(/^\+/, '')}` : ''}${area}${number}` : ''
  const fields = [contact['НомерТелефона'], contact['АдресЭП'], contact['Представление'], json['value'], parts, inXml]
  return { kind: textOf(contact['Тип']) || textOf(json['type']), texts: fields.map(textOf).filter(Boolean) }
}

function jsonOf(value: unknown): Row {
  if (isRow(value)) return value
  try {
    const parsed: unknown = JSON.parse(textOf(value))
    return isRow(parsed) ? parsed : {}
  } catch {
    return {}
  }
}
