// The words of headers, and of rows of totals. Headers are compared after `normalizeHeader`.
import { MATCHED_MAX } from '#crm/csv/cells.ts'
import { isMoneyWords, withoutMoneyWords } from '#crm/csv/currency-words.ts'
import { wordsOf } from '#crm/csv/fold.ts'
import { type Field, HEADERS, TOTALS } from '#crm/csv/header-words.ts'
import { headerZone } from '#crm/csv/zones.ts'
import { createBoundedCache } from '#lib/bounded-cache.ts'

export { DAILY, type Field, FIELDS, FISCAL, LINES, SURE_ID, TENDERS } from '#crm/csv/header-words.ts'
export { type Meaning, meaningOf, MEANINGS, type Said, saysGivenBack } from '#crm/csv/meanings.ts'

const BEST = 0.98
const STEP = 0.05
const PERHAPS = 0.6

/** How likely a header names a field, from 0 to 1. */
export function headerScore(name: string, field: Field): number {
  const { is, perhaps, isNot } = HEADERS[field]
  if (name === '' || isNot?.test(name) === true) return 0
  const rank = is.findIndex((patterns) => [patterns].flat().some((pattern) => pattern.test(name)))
  if (rank >= 0) return BEST - rank * STEP
  return perhaps?.test(name) === true ? PERHAPS : 0
}

export function isTotals(cell: string): boolean {
  return cell.length <= MATCHED_MAX && TOTALS.test(cell)
}

/** What brackets say of a sum or a kind; all else in them explains. */
const MATTERS =
  /(?:^|[^\p{L}])(?:fees?|total|net|gross|tax|vat|refund\p{L}*|tips?|discount\p{L}*|subtotal|shipping|cash|card|paid|due|ex|excl\p{L}*)(?:$|[^\p{L}])|возврат|комисс|ндс|скид|чаев|итог|налич|безнал|налог|приход|расход|доставк|бонус|аванс|кредит|оплачен|брутто|нетто/iu
/** A sum with the tax in it is the sum. */
const WITH_TAX = /^(?:с|включая|вкл|в том числе|в т ?ч|incl?\p{L}*|with|inkl)(?: |$)/u
const WORDS_KEPT_MAX = 4
const UNITS = /^(?:шт|штук|кг|л|мин|ч|час|pcs|ед|%)$/
const TAG = /^(?:тег)?1[0-3]\d\d$/

/**
 * Words in one spelling, without what only explains: brackets, tags of fiscal documents, currencies, units and zones.
 * `№` is «номер»; a lone one heads the numbers of the rows, which are not ids.
 */
export function normalizeHeader(text: string): string {
  const header = text.slice(0, MATCHED_MAX)
  return nameCache.get(header) ?? nameCache.set(header, nameOf(header))
}

const nameCache = createBoundedCache<string, string>(1000)

function nameOf(header: string): string {
  if (/^\s*(?:№|#|N)\s*$/.test(header)) return 'номер п п'
  const { outer, inner } = bracketed(header)
  const [first = '', ...more] = outer.split(/[,;]/)
  const parts = [first, ...more.filter((part) => !isMoneyWords(part) && !UNITS.test(part.trim()) && !isZone(part))]
  const words = [...parts.flatMap(plainWords), ...inner.filter(isKept).flatMap(plainWords)]
  return (words.length > 0 ? words : plainWords(header)).join(' ')
}

function plainWords(part: string): readonly string[] {
  const words = wordsOf(part.replaceAll('№', ' номер '))
  const isRussian = words.some((word) => /\p{Script=Cyrillic}/u.test(word))
  const named = isRussian ? words.map((word) => (word === 'n' ? 'номер' : word)) : words
  const last = named.findLastIndex((word) => !TAG.test(word) && !/^(?:тег|utc|gmt|мск|msk)$/.test(word))
  const bare = withoutMoneyWords(named.slice(0, last + 1))
  return bare.length > 0 ? bare : named
}

const isZone = (part: string) => headerZone(`(${part})`) !== null

function isKept(part: string): boolean {
  const words = wordsOf(part)
  return words.length <= WORDS_KEPT_MAX && MATTERS.test(part) && !WITH_TAX.test(words.join(' '))
}

/** What stands outside of brackets and in them; brackets within brackets belong to the outer ones. */
function bracketed(text: string): { readonly outer: string; readonly inner: readonly string[] } {
  let outer = ''
  let depth = 0
  const inner: string[] = []
  for (const char of text) {
    if (char === '(' || char === '[') {
      if (depth === 0) inner.push('')
      depth += 1
    } else if (char === ')' || char === ']') depth = Math.max(0, depth - 1)
    else if (depth === 0) outer += char
    else inner[inner.length - 1] += char
    if (depth === 0 && char === ')') outer += ' '
  }
  return { outer, inner }
}
