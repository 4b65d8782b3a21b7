// Currencies as people and programs write them beside a sum, in a header, or in a column of their own.
import { MATCHED_MAX } from '#crm/csv/cells.ts'
import { foldText, wordsOf } from '#crm/csv/fold.ts'
import { isCurrency } from '#lib/money.ts'

/** Words of one currency first; those of several name the usual one first. Folded, `*` ends a stem. */
const CURRENCIES: readonly (readonly [codes: string, words: string])[] = [
  ['RUB', '₽|т р|рос руб|российск* руб*|rub|rur|rubles'],
  ['RUB BYN', 'руб|рубль|рубля|рублей|рубли|рублях|р'],
  ['RUB BWP', 'p'],
  ['BYN', 'бел руб|белорусск* руб*|бр|byr|б р'],
  ['BYN ETB', 'br'],
  ['KZT', '₸|тг|тенге|теңге|tenge|tg'],
  ['UZS', 'сум|сўм|soum|so m|so um|sum|uzs'],
  ['KGS', 'сом|с|som'],
  ['UAH', '₴|грн|гривна|гривен|гривны|гривня|гривні|гривень|hrn'],
  ['AMD', '֏|драм|դրամ|dram'],
  ['AZN', '₼'],
  ['AZN TMT', 'манат|manat'],
  ['GEL', '₾|лари|lari'],
  ['TJS', 'сомони|смн|somoni'],
  ['MDL', 'лей|лея|леев'],
  ['EUR', '€|евро|euro|euros|eur'],
  ['USD CAD AUD NZD MXN SGD HKD TWD ARS CLP COP', '$|долл|доллар|доллара|долларов|доллары|dollar|dollars'],
  ['USD', 'us$|u s $|долл сша|доллар* сша|us dollars|us dollar|usd'],
  ['CAD', 'c$|ca$|can$|cdn$'],
  ['AUD', 'a$|au$'],
  ['NZD', 'nz$'],
  ['SGD', 's$'],
  ['HKD', 'hk$'],
  ['MXN', 'mx$|mex$'],
  ['BRL', 'r$'],
  ['GBP EGP', '£|pounds|фунт*'],
  ['CHF', 'chf|fr|sfr'],
  ['PLN', 'zl|zlotych|злот*'],
  ['CZK', 'kc'],
  ['SEK NOK DKK ISK', 'kr'],
  ['HUF', 'ft'],
  ['RON MDL', 'lei|leu'],
  ['BGN', 'лв'],
  ['TRY', '₺|tl|лир*'],
  ['ILS', '₪|шек*'],
  ['INR', '₹|rs|rupees'],
  ['CNY JPY', '¥|￥'],
  ['CNY', '元|юан*|rmb'],
  ['JPY', '円|иен*|йен*'],
  ['KRW', '₩|вон'],
  ['VND', '₫'],
  ['THB', '฿|бат'],
  ['NGN', '₦'],
  ['PHP', '₱'],
  ['AED', 'dh|dhs|дирхам*'],
]

interface Entry {
  readonly codes: readonly string[]
  readonly word: string
}

const ENTRIES: readonly Entry[] = CURRENCIES.flatMap(([codes, words]) =>
  words.split('|').map((word) => ({ codes: codes.split(' '), word })),
)
const WORDS: ReadonlyMap<string, readonly string[]> = new Map(ENTRIES.map(({ codes, word }) => [word, codes]))
const STEMS = ENTRIES.filter(({ word }) => word.includes('*'))

/** ISO 4217 by numbers, as banks and the law on tills give them. */
const NUMBERS: Readonly<Record<string, string>> = {
  ...{ '643': 'RUB', '810': 'RUB', '398': 'KZT', '933': 'BYN', '974': 'BYN', '860': 'UZS', '417': 'KGS' },
  ...{ '980': 'UAH', '051': 'AMD', '944': 'AZN', '981': 'GEL', '972': 'TJS', '840': 'USD', '978': 'EUR', '826': 'GBP' },
}

/** Marks between the parts of a word for a currency (`бел. руб.`, `so'm`) are spaces. */
function plain(text: string): string {
  return foldText(text)
    .replaceAll(/[.,:;'’ʻ`"()[\]\s-]+/g, ' ')
    .trim()
}

/** The currency of a word or symbol; one that several share means the expected one where that is among them. */
export function currencyOfWord(text: string, expected: string | null): string | null {
  const word = plain(text)
  if (word === '') return null
  const codes = WORDS.get(word) ?? STEMS.find((entry) => fitsStem(word, entry.word))?.codes
  if (codes) return codes.find((code) => code === expected) ?? codes[0] ?? null
  const code = word.toUpperCase()
  return isCurrency(code) ? code : null
}

function fitsStem(word: string, stem: string): boolean {
  const [words, stems] = [word.split(' '), stem.split(' ')]
  return (
    words.length === stems.length &&
    stems.every((one, at) => (one.endsWith('*') ? words[at]?.startsWith(one.slice(0, -1)) : words[at] === one))
  )
}

/** A cell in a column for the currency: a code, a number, a symbol, a word. */
export function readCurrency(cell: string, expected: string | null = null): string | null {
  const text = cell.trim().slice(0, MATCHED_MAX)
  return NUMBERS[text] ?? currencyOfWord(text, expected) ?? firstCode(text)
}

/** `RUB - Russian rouble`, `643 (RUB)`. */
function firstCode(text: string): string | null {
  return text.match(/(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])/g)?.find(isCurrency) ?? null
}

/** Words of a header that are a unit of money, and how many units of the currency one is. */
const UNITS: readonly (readonly [unit: number, words: ReadonlySet<string>])[] = [
  [
    0.01,
    new Set(
      'коп|копейка|копейки|копеек|копейках|копійки|копійок|тиын|тийин|cent|cents|ct|kopecks|pence|minor'.split('|'),
    ),
  ],
  [1000, new Set('тыс|тысяч|тысячи|тысячах|тис|тисяч|мың|thousand|thousands|tsd|000|000s'.split('|'))],
  [1_000_000, new Set('млн|миллион|миллионы|миллионов|миллионах|million|millions|mln'.split('|'))],
]
const unitOf = (word: string) => UNITS.find(([, words]) => words.has(word))?.[0]

/** What one unit of a column of sums is: 0.01 for `Сумма, коп.`, 1000 for `тыс. руб.`, else 1. */
export function headerUnit(header: string): number {
  const words = wordsOf(header.slice(0, MATCHED_MAX))
  // «т.р.»
  if (words.at(-2) === 'т' && words.at(-1) === 'р') return 1000
  return words.reduce((unit, word) => unitOf(word) ?? unit, 1)
}

const OF_HEADERS = /^(?:в|во|in|en|w) /
/** At the end of a header without a comma or brackets, where `sum`, `all` or `top` is no currency. */
const LAST_WORDS = new Set(
  'руб|рубль|рублей|рубли|рублях|тг|тенге|грн|гривен|гривна|гривень|сум|сом|евро|долл|долларов|rub|rur|usd|eur|gbp|kzt|uah|byn|uzs|kgs|amd|azn|gel|chf|pln|czk|sek|nok|dkk|inr|cny|jpy|cad|aud|euro|euros'.split(
    '|',
  ),
)

/** The currency that a header names: by its symbol, in brackets, behind a comma, or as its last word. */
export function headerCurrency(header: string, expected: string | null = null): string | null {
  const text = header.slice(0, MATCHED_MAX)
  const symbol = /(?<![\p{L}])(?:us|ca|au|nz|hk|mx|[cars])\$|\p{Sc}/iu.exec(text)?.[0]
  if (symbol !== undefined) return currencyOfWord(symbol, expected)
  const [first = '', ...more] = text.split(/[,;()[\]]/)
  for (const part of more) {
    const words = plain(part).replace(OF_HEADERS, '').split(' ')
    const found = currencyOfWord(words.filter((word) => unitOf(word) === undefined).join(' '), expected)
    if (found !== null && words.join(' ') !== 'с') return found
  }
  const [last = '', ...before] = wordsOf(first).toReversed()
  return before.length > 0 && LAST_WORDS.has(last) ? currencyOfWord(last, expected) : null
}

/** Words without a currency or a unit at their end: `сумма тыс руб` → `сумма`. */
export function withoutMoneyWords(words: readonly string[]): readonly string[] {
  const last = words.findLastIndex((word) => !LAST_WORDS.has(word) && unitOf(word) === undefined)
  const isIn = last < words.length - 1 && last > 0 && /^(?:в|во|in|en|w)$/.test(words[last] ?? '')
  return words.slice(0, isIn ? last : last + 1)
}

/** Whether a part of a header is only a currency or a unit. */
export function isMoneyWords(part: string): boolean {
  const rest = plain(part)
    .replace(OF_HEADERS, '')
    .split(' ')
    .filter((word) => unitOf(word) === undefined)
  return rest.length === 0 || rest.join(' ') === '' || currencyOfWord(rest.join(' '), null) !== null
}
