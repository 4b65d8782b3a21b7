// A vendor's phone field → one number. libphonenumber knows which numbers exist; what stands here is how people and
// vendors spoil them. A field that is not certainly one number or another gives none: a wrong phone joins two
// customers.
import { type MetadataJson, parsePhoneNumberFromString } from 'libphonenumber-js/core'
import { knownCallingCode } from '#lib/calling-code.ts'
import json from '#lib/phone-metadata.json' with { type: 'json' }

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a file of ours, made by dev/phone-metadata.ts
const METADATA = json as unknown as MetadataJson

/** Of a field with several numbers and remarks; the rest is not looked at. */
const FIELD_LENGTH_MAX = 200
/** How often the library is asked about one field, since it takes 20 µs each time. Two numbers in groups need 20. */
const READS_MAX = 30
/** Below these a group of digits is an extension, a flat, an age. */
const DIGITS_MIN = 7
/** A number with its calling code: shorter ones without a plus may as well be national. */
const WHOLE_MIN = 11
/** E.164 has 15; before them stands at most `8 10`. */
const DIGITS_MAX = 18
/** A spreadsheet's form of long numbers, which has lost digits. */
const SCIENTIFIC = /\de\+?\d/i
const DATE = /(?<![\d.-])\d{1,2}\.\d{1,2}\.(?:19|20)\d\d(?![\d.-])/g
const RUSSIAN = /^\+7([347-9]\d{9})$/
const RUSSIAN_OR_NATIONAL = /^(?:\+7|[78])?([347-9]\d{9})$/
/** Where 8 was the trunk prefix and 8 10 led abroad; several have new prefixes, but people keep the old habit. */
const TRUNK_8 = new Set([
  '7',
  '370',
  '371',
  '372',
  '373',
  '374',
  '375',
  '380',
  '992',
  '993',
  '994',
  '995',
  '996',
  '998',
])

/**
 * A vendor's phone as E.164, or null. Always a valid number of some country whose digits stand in the field. Of several
 * numbers the first counts; words, extensions and hidden digits do not. National numbers are read as those of the
 * country with that calling code.
 */
export function normalizePhone(raw: string | number | null | undefined, callingCode = '7'): string | null {
  if (typeof raw === 'number' && !Number.isSafeInteger(raw)) return null
  const text = cleaned(String(raw ?? ''))
  if (SCIENTIFIC.test(text)) return null
  const reader = { callingCode: knownCallingCode(callingCode), readsLeft: READS_MAX }
  for (const part of partsOf(text)) {
    const phone = readPart(part, reader)
    if (phone !== null) return phone
  }
  return null
}

interface Reader {
  readonly callingCode: string
  readsLeft: number
}

/** Digits that stand together, with what is before them. */
interface Group {
  readonly before: string
  readonly digits: string
}

interface Part {
  readonly isPlus: boolean
  readonly groups: readonly Group[]
}

/** In plain characters, with `*` for hidden digits and `;` between lines. */
function cleaned(raw: string): string {
  // One more than the bound, so that a cut is seen. A few characters become many.
  const text = raw
    .trimStart()
    .slice(0, FIELD_LENGTH_MAX + 1)
    .replaceAll(/[…•]/g, '*')
    .normalize('NFKC')
  const start = text.length > FIELD_LENGTH_MAX ? text.slice(0, FIELD_LENGTH_MAX).replace(/\d+$/, '') : text
  return start
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(/\p{Pd}/gu, '-')
    .replaceAll(/[\r\n]/g, ';')
    .replaceAll(DATE, ';')
    .replaceAll(/(?<!\p{L})[xх?#_]{2,}(?!\p{L})/giu, '*')
    .replace(/^[*\s]+(?=[+\s])/, '')
    .replace(/^(\+?\d+)[.,]0+\s*$/, '$1')
}

/** Cut at all that is not written within a number, and before each plus. */
function partsOf(text: string): Part[] {
  return text
    .split(/[^\d\s()./~*+-]+|(?=\+)/)
    .filter((part) => /\d/.test(part) && !part.includes('*'))
    .map((part) => ({
      isPlus: part.startsWith('+'),
      groups: [...part.matchAll(/(\D*)(\d+)/g)].map(([, before = '', digits = '']) => ({ before, digits })),
    }))
}

/** The whole of it, else the first of several numbers, else a whole number among others. */
function readPart(part: Part, reader: Reader): string | null {
  return (
    readGroups(part, reader) ??
    firstOfSeveral(part, reader) ??
    firstOf(part.groups, (group) =>
      group.digits.length < WHOLE_MIN ? null : readGroups({ isPlus: false, groups: [group] }, reader),
    )
  )
}

/** A number counts before another one, and on either side of a slash; before `(12)` too. */
function firstOfSeveral({ isPlus, groups }: Part, reader: Reader): string | null {
  return firstOf(groups, ({ before }, index) => {
    if (index === 0) return null
    const phone = readGroups({ isPlus, groups: groups.slice(0, index) }, reader)
    if (phone !== null && /[/(]|\s{2}/.test(before)) return phone
    const rest = { isPlus: false, groups: groups.slice(index) }
    if (phone === null) return before.includes('/') ? readGroups(rest, reader) : null
    return readPart(rest, reader) && phone
  })
}

function readGroups({ isPlus, groups }: Part, reader: Reader): string | null {
  const digits = groups.map((group) => group.digits).join('')
  if (digits.length < DIGITS_MIN || digits.length > DIGITS_MAX) return null
  const [first = ''] = groups.map((group) => group.digits)
  // No calling code but 1 and 7 begins with a digit that stands alone: `+8 495` is not Vietnam's 84.
  const isCode = first.length > 1 || first === '1' || first === '7'
  const own = () => readOwn(digits, reader)
  const foreign = () => (isCode ? valid(`+${digits}`, reader) : null)
  const { callingCode } = reader
  const hasTrunk8 = TRUNK_8.has(callingCode) && digits.startsWith('8')
  if (isPlus) {
    const isOwn = hasTrunk8 || digits.startsWith('0') || digits.startsWith(callingCode)
    return foreign() ?? (isOwn ? own() : null)
  }
  const isForeign = digits.length >= WHOLE_MIN && !(hasTrunk8 && digits.length === WHOLE_MIN)
  return own() ?? (isForeign ? foreign() : null)
}

/** As the business's own people write it, for a number abroad too. */
function readOwn(digits: string, reader: Reader): string | null {
  const { callingCode } = reader
  const hasTrunk8 = TRUNK_8.has(callingCode) && digits.startsWith('8')
  if (digits.startsWith('00')) return valid(`+${digits.slice(2)}`, reader)
  const isTwice = digits.startsWith(callingCode.repeat(2))
  const candidates = [
    ...(digits.startsWith(callingCode) && digits.length >= WHOLE_MIN ? [`+${digits}`] : []),
    ...(hasTrunk8 && digits.startsWith('810') ? [`+${digits.slice(3)}`] : []),
    digits,
    ...(hasTrunk8 ? [digits.slice(1)] : []),
    // Some reports have numbers with one calling code too many.
    ...(isTwice ? [`+${digits.slice(callingCode.length)}`] : []),
  ]
  return firstOf(candidates, (candidate) => valid(candidate, reader))
}

function valid(candidate: string, reader: Reader): string | null {
  if (reader.readsLeft === 0) return null
  reader.readsLeft -= 1
  // A shortcut for nearly all numbers; the library returns the same, but slowly.
  const [, national] = (reader.callingCode === '7' ? RUSSIAN_OR_NATIONAL : RUSSIAN).exec(candidate) ?? []
  if (national !== undefined) return `+7${national}`
  const number = parsed(candidate, reader)
  // Of a few the library reads another number the second time, and a list is filtered by what was read twice.
  return number !== null && parsed(number, reader) === number ? number : null
}

function parsed(text: string, { callingCode: defaultCallingCode }: Reader): string | null {
  const phone = parsePhoneNumberFromString(text, { defaultCallingCode, extract: false }, METADATA)
  // Some national forms leave out digits, which the library adds.
  if (!phone?.isValid() || !text.endsWith(phone.nationalNumber)) return null
  return phone.number.length > DIGITS_MIN ? phone.number : null
}

function firstOf<T>(items: readonly T[], read: (item: T, index: number) => string | null): string | null {
  for (const [index, item] of items.entries()) {
    const phone = read(item, index)
    if (phone !== null) return phone
  }
  return null
}
