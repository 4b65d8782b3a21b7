import { type CountryCode, type MetadataJson, parsePhoneNumberFromString } from 'libphonenumber-js/core'
import json from '#lib/phone-metadata.json' with { type: 'json' }

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a file of ours, made by dev/phone-metadata.ts
const METADATA = json as unknown as MetadataJson

/**
 * A vendor's phone as E.164, or null. Vendors write `+79001234567`, `8 (900) 123-45-67` and `79001234567` for the same
 * number, hide digits behind asterisks, and put two numbers into one field: then the first is taken. A number that is
 * possible by its length passes, since new ranges open faster than libraries learn of them.
 */
export function normalizePhone(raw: string | number | null | undefined, country: CountryCode = 'RU'): string | null {
  const text = String(raw ?? '').trim()
  for (const part of text.split(/[,;/|]|\s{2,}/)) {
    const phone = normalizeOne(part.trim(), country)
    if (phone) return phone
  }
  return null
}

function normalizeOne(text: string, country: CountryCode): string | null {
  if (/[*xх•…]{2,}/i.test(text)) return null
  const digits = text.replaceAll(/\D/g, '')
  if (digits.length < 7 || /^0+$/.test(digits)) return null
  for (const candidate of candidatesOf(text, digits)) {
    const parsed = parsePhoneNumberFromString(candidate, { defaultCountry: country, extract: false }, METADATA)
    if (parsed?.isPossible()) return parsed.number
  }
  return null
}

/** With a plus it is international; eleven digits from 8 are Russia's trunk prefix; up to ten digits are national. */
function candidatesOf(text: string, digits: string): readonly string[] {
  if (text.startsWith('+')) return [text]
  if (digits.length === 11 && digits.startsWith('8')) return [`+7${digits.slice(1)}`]
  return digits.length <= 10 ? [text, `+${digits}`] : [`+${digits}`, text]
}
