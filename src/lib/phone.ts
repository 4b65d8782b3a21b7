import { type MetadataJson, parsePhoneNumberFromString } from 'libphonenumber-js/core'
import json from '#lib/phone-metadata.json' with { type: 'json' }

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a file of ours, made by dev/phone-metadata.ts
const METADATA = json as unknown as MetadataJson

/** Of a field with several numbers and remarks; the rest is not looked at. */
const FIELD_LENGTH_MAX = 200
const PARTS_MAX = 10

/**
 * A vendor's phone as E.164, or null. Vendors write `+79001234567`, `8 (900) 123-45-67` and `79001234567` for the same
 * number, hide digits behind asterisks, and put two numbers into one field: then the first counts. A number of a
 * possible length passes, since libraries learn of new ranges late. National numbers are read as those of the country
 * with that calling code.
 */
export function normalizePhone(raw: string | number | null | undefined, callingCode = '7'): string | null {
  const text = String(raw ?? '')
    .trimStart()
    .slice(0, FIELD_LENGTH_MAX)
  for (const part of text.split(/[,;/|]|\s{2,}/, PARTS_MAX)) {
    const phone = normalizeOne(part.trim(), callingCode)
    if (phone) return phone
  }
  return null
}

function normalizeOne(text: string, callingCode: string): string | null {
  if (/[*xх•…]{2,}/i.test(text)) return null
  const digits = text.replaceAll(/\D/g, '')
  if (digits.length < 7 || /^0+$/.test(digits)) return null
  for (const candidate of candidatesOf(text, digits, callingCode)) {
    // A shortcut for nearly all numbers; the library returns the same, but slowly.
    if (/^\+7\d{10}$/.test(candidate)) return candidate
    const parsed = parsePhoneNumberFromString(candidate, { defaultCallingCode: callingCode, extract: false }, METADATA)
    if (parsed?.isPossible()) return parsed.number
  }
  return null
}

/** With a plus it is international; eleven digits from 8 are Russia's trunk prefix; up to ten digits are national. */
function candidatesOf(text: string, digits: string, callingCode: string): readonly string[] {
  if (text.startsWith('+')) return [text]
  if (callingCode === '7' && digits.length === 11 && digits.startsWith('8')) return [`+7${digits.slice(1)}`]
  return digits.length <= 10 ? [text, `+${digits}`] : [`+${digits}`, text]
}

/** The calling code by which a country's national numbers are read; Russia's for an unknown country. */
export function callingCodeOf(country: string | null | undefined): string {
  const [callingCode] =
    new Map<string, readonly unknown[]>(Object.entries(json.countries)).get(country?.toUpperCase() ?? '') ?? []
  return typeof callingCode === 'string' ? callingCode : '7'
}
