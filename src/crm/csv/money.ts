// Sums as people and tills write them → decimal text. By string rules only; an ambiguous sum is refused, not guessed.
import { MATCHED_MAX } from '#crm/csv/cells.ts'
import { currencyOfWord } from '#crm/csv/currency-words.ts'
import { createBoundedCache } from '#lib/bounded-cache.ts'
import { minorDigits, MoneyError, toMinor } from '#lib/money.ts'

export type DecimalMark = '.' | ','

export type SumProblem = 'amount_unreadable' | 'amount_ambiguous' | 'amount_too_precise' | 'scientific'
interface Problem {
  readonly problem: SumProblem
}

/** A sum whose cell names its currency. */
export interface Foreign {
  readonly decimal: string
  readonly currency: string
}

const PLAIN = /^(-?\d+)(?:[.,](\d{1,2}))?$/
/** With spaces between thousands and a currency behind, as most tills and banks write it. */
const COMMON = /^(-?\d{1,3}(?:[ \u00a0\u202f]\d{3})*|-?\d{4,})(?:[.,](\d{1,2}))?([^\d.,][^\d]*)?$/
const SCIENTIFIC = /^[-+]?\d+(?:[.,]\d+)?e[+-]?\d+$/i
/** Spaces and apostrophes may only separate thousands; `12 50` is not a sum. */
const GROUPED = /^\d{1,3}([ '])\d{3}(?:\1\d{3})*(?:[.,=-]\d*)?$/
const INDIAN = /^\d{1,2}(?:,\d\d)+,\d{3}(?:\.\d*)?$/
const DIGITS = /^[\d.,]+(?:[-=]\d\d)?$/
/** `12 руб. 50 коп.`, `1234р50к`. */
const WITH_COINS = /^(-?)(\d[\d ]*?) ?(\p{L}{1,6})\.?,? ?(\d\d?) ?(?:коп|копеек|копейки|копейка|к)\.?$/u

const UNREADABLE: Problem = { problem: 'amount_unreadable' }

/**
 * `1 234,50 ₽`, `1.234,50`, `(350)`, `−12`, `1 234-50` → `1234.50`, `1234.50`, `-350`, `-12`, `1234.50`; with the
 * currency where the cell names one. `expected` is what a sign that several currencies share stands for.
 */
export function readSum(
  cell: string,
  mark: DecimalMark | null,
  expected: string | null = null,
): string | Foreign | Problem {
  if (cell.length > MATCHED_MAX) return UNREADABLE
  const [, whole, fraction = '0'] = PLAIN.exec(cell) ?? []
  if (whole !== undefined) return `${whole}.${fraction}`
  return readCommon(cell, expected) ?? readUncommon(cell, mark, expected)
}

function readCommon(cell: string, expected: string | null): string | Foreign | null {
  const [, whole, fraction = '0', after] = COMMON.exec(cell) ?? []
  if (whole === undefined) return null
  const decimal = `${whole.replaceAll(/\s/g, '')}.${fraction}`
  if (after === undefined) return decimal
  const currency = affixCurrency(after, expected)
  return currency && { decimal, currency }
}

function readUncommon(cell: string, mark: DecimalMark | null, expected: string | null): string | Foreign | Problem {
  const text = cell
    .replaceAll(/[−–—‐‑]/g, '-')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[’ʼ`]/g, "'")
    .trim()
  if (SCIENTIFIC.test(text.replaceAll(' ', ''))) return { problem: 'scientific' }
  return withCoins(text, expected) ?? readParts(text, mark, expected)
}

/** The number of a sum in whatever currency; null for what is none. */
export function decimalOf(cell: string, mark: DecimalMark | null): string | null {
  const sum = readSum(cell, mark)
  return typeof sum === 'string' ? sum : 'decimal' in sum ? sum.decimal : null
}

export function isSum(cell: string): boolean {
  return decimalOf(cell, ',') !== null
}

function withCoins(text: string, expected: string | null): Foreign | null {
  const [, sign = '', whole = '', word = '', coins = ''] = WITH_COINS.exec(text) ?? []
  const currency = coins === '' ? null : affixCurrency(word, expected)
  if (currency === null || (whole.includes(' ') && !GROUPED.test(whole))) return null
  return { decimal: `${sign}${whole.replaceAll(' ', '')}.${coins.padStart(2, '0')}`, currency }
}

interface Parts {
  readonly before: string
  /** From the first digit to the last one. */
  readonly digits: string
  readonly after: string
}

function partsOf(text: string): Parts | null {
  const first = text.search(/\d/)
  if (first < 0) return null
  // `.50`, but not the point of `Rs.50`.
  const start = /(?:^|[ (+-])[.,]$/.test(text.slice(0, first)) ? first - 1 : first
  const end = text.length - (/\D*$/.exec(text)?.[0].length ?? 0)
  return { before: text.slice(0, start), digits: text.slice(start, end), after: text.slice(end) }
}

function readParts(text: string, mark: DecimalMark | null, expected: string | null): string | Foreign | Problem {
  const parts = partsOf(text)
  const signs = parts && signsOf(parts)
  if (!parts || !signs) return UNREADABLE
  if (/[ ']/.test(parts.digits) && !GROUPED.test(parts.digits)) return UNREADABLE
  const bare = parts.digits.replaceAll(/[ ']/g, '')
  if (!DIGITS.test(bare)) return UNREADABLE
  const positive = toDecimal(bare.replace(/[-=]/, ','), mark)
  if (typeof positive !== 'string') return positive
  const decimal = signs.isNegative ? `-${positive}` : positive
  if (signs.words.length === 0) return decimal
  const currency = currencyOfAll(signs.words, expected)
  return currency === null ? UNREADABLE : { decimal, currency }
}

interface Signs {
  readonly isNegative: boolean
  /** What else stands before and behind the digits: currencies. */
  readonly words: readonly string[]
}

/** Null for signs that contradict each other. */
function signsOf({ before, after }: Parts): Signs | null {
  // `100,-` and `100.—` have no coins.
  // A question mark is a sign that an encoding lost.
  const behind = after
    .replace(/ ?\?$/, '')
    .replace(/^[.,]-(?= |$)/, '')
    .replace(/^[.,](?=$)/, '')
  const entry = /(?:^|[ )])(cr|dr)\.?$/i.exec(behind)?.[1]?.toLowerCase()
  const rest = entry === undefined ? behind : behind.replace(/ ?[cd]r\.?$/i, '')
  const isBracketed = before.includes('(')
  const signs = `${before}${rest}`.replaceAll(/[^-+]/g, '')
  if (isBracketed !== rest.includes(')') || signs.length > 1 || (entry === 'cr' && signs === '-')) return null
  const words = [before.replace('(', ''), rest.replace(')', '')]
    .map((part) => part.replace(/[-+]/, ' ').trim())
    .filter((part) => part !== '')
  return { isNegative: isBracketed || signs === '-' || entry === 'dr', words }
}

/** `US$100.00 USD` names one currency twice. */
function currencyOfAll(words: readonly string[], expected: string | null): string | null {
  const [first = '', second] = words
  if (second === undefined) return affixCurrency(first, expected)
  const last = affixCurrency(second, expected)
  return last !== null && affixCurrency(first, last) === last ? last : null
}

/** A column repeats the same few. */
const affixCache = createBoundedCache<string, string | null>(500)

function affixCurrency(word: string, expected: string | null): string | null {
  const key = `${expected} ${word}`
  const known = affixCache.get(key)
  return known === undefined ? affixCache.set(key, currencyOfWord(word, expected)) : known
}

function toDecimal(digits: string, mark: DecimalMark | null): string | Problem {
  const [points, commas] = [digits.split('.').length - 1, digits.split(',').length - 1]
  if (INDIAN.test(digits)) return digits.replaceAll(',', '').replace(/\.$/, '')
  if (points > 0 && commas > 0) {
    const isComma = digits.lastIndexOf(',') > digits.lastIndexOf('.')
    return grouped(digits, isComma ? '.' : ',', isComma ? ',' : '.')
  }
  if (points + commas === 0) return digits
  const found = points > 0 ? '.' : ','
  if (points + commas > 1) return grouped(digits, found, found === '.' ? ',' : '.')
  const [whole = '', fraction = ''] = digits.split(found)
  if (fraction.length === 3 && whole !== '0' && whole !== '' && whole.length <= 3) {
    // One mark and three digits: thousands or a fraction, as in the rest of the column.
    if (mark === null) return { problem: 'amount_ambiguous' }
    if (mark !== found) return `${whole}${fraction}`
  }
  return whole === '' && fraction === '' ? UNREADABLE : `${whole === '' ? '0' : whole}.${fraction}`
}

function grouped(digits: string, group: string, decimal: string): string | Problem {
  const [whole = '', fraction = '', ...more] = digits.split(decimal)
  const [first = '', ...groups] = whole.split(group)
  const isWell = /^\d{1,3}$/.test(first) && groups.every((part) => /^\d{3}$/.test(part)) && /^\d*$/.test(fraction)
  if (!isWell || more.length > 0) return UNREADABLE
  return fraction === '' ? `${first}${groups.join('')}` : `${first}${groups.join('')}.${fraction}`
}

/** A column's decimal mark, from its cells; null while none shows it. */
export function decimalMarkOf(cells: readonly string[]): DecimalMark | null {
  for (const cell of cells) {
    const written = partsOf(cell.slice(0, MATCHED_MAX).replaceAll(/\s+/g, ' '))?.digits ?? ''
    const digits = written.replaceAll(/[^\d.,]/g, '')
    const [points, commas] = [digits.split('.').length - 1, digits.split(',').length - 1]
    if (points > 0 && commas > 0) return digits.lastIndexOf(',') > digits.lastIndexOf('.') ? ',' : '.'
    if (points + commas > 1) return points > 0 ? ',' : '.'
    const fraction = /[.,](\d*)$/.exec(digits)?.[1]
    // Where spaces or apostrophes separate the thousands, the mark does not.
    if (fraction !== undefined && (fraction.length !== 3 || GROUPED.test(written))) return points > 0 ? '.' : ','
  }
  return null
}

/** A sum in another currency than the expected one. */
export interface ForeignMinor {
  readonly minor: number
  readonly currency: string
}

/** Minor units, or what is wrong. `unit` is what one of the column's units is: 0.01 in a column of kopecks. */
export function readMinor(
  cell: string,
  mark: DecimalMark | null,
  currency: string,
  unit = 1,
): number | ForeignMinor | Problem {
  const sum = readSum(cell, mark, currency)
  if (typeof sum === 'string') return minorOf(sum, currency, unit)
  if ('problem' in sum) return sum
  const minor = minorOf(sum.decimal, sum.currency, unit)
  return sum.currency === currency || typeof minor !== 'number' ? minor : { minor, currency: sum.currency }
}

function minorOf(decimal: string, currency: string, unit: number): number | Problem {
  try {
    const scaled = unit === 1 ? decimal : shifted(decimal, Math.round(Math.log10(unit)))
    const minor = toMinor(scaled, currency)
    return isExact(scaled, currency) ? minor : { problem: 'amount_too_precise' }
  } catch (error) {
    if (!(error instanceof MoneyError)) throw error
    return UNREADABLE
  }
}

/** Whether the decimals that the currency does not have are zeros. */
function isExact(decimal: string, currency: string): boolean {
  const at = decimal.indexOf('.')
  return at < 0 || /^0*$/.test(decimal.slice(at + 1 + minorDigits(currency)))
}

/** The decimal point moved, exactly. */
function shifted(decimal: string, places: number): string {
  const sign = decimal.startsWith('-') ? '-' : ''
  const [whole = '', fraction = ''] = decimal.slice(sign.length).split('.')
  if (places >= 0) return `${sign}${whole}${fraction.slice(0, places).padEnd(places, '0')}.${fraction.slice(places)}`
  const padded = whole.padStart(1 - places, '0')
  return `${sign}${padded.slice(0, places)}.${padded.slice(places)}${fraction}`
}
