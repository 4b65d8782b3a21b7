// Money as vendors write it → whole minor units. Computed on text, never by multiplying floats.

/** ISO 4217 currencies whose minor unit is not a hundredth. */
const DIGITS: Readonly<Record<string, number>> = Object.fromEntries([
  ...[
    'BIF',
    'CLP',
    'DJF',
    'GNF',
    'ISK',
    'JPY',
    'KMF',
    'KRW',
    'PYG',
    'RWF',
    'UGX',
    'UYI',
    'VND',
    'VUV',
    'XAF',
    'XOF',
    'XPF',
  ].map((code) => [code, 0] as const),
  ...['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'].map((code) => [code, 3] as const),
])

/** Symbols that name exactly one currency, in lower case. `$`, `£`, `kr` and others name several. */
const SYMBOLS: Readonly<Record<string, string>> = {
  '₽': 'RUB',
  // Its code before 1998, which many still write.
  rur: 'RUB',
  руб: 'RUB',
  'руб.': 'RUB',
  р: 'RUB',
  'р.': 'RUB',
  '₸': 'KZT',
  тг: 'KZT',
  'тг.': 'KZT',
  тенге: 'KZT',
  сум: 'UZS',
  грн: 'UAH',
  'грн.': 'UAH',
  '€': 'EUR',
  '₴': 'UAH',
  '₾': 'GEL',
  '֏': 'AMD',
  '₼': 'AZN',
  '₪': 'ILS',
  '₺': 'TRY',
  br: 'BYN',
  '฿': 'THB',
  '₫': 'VND',
  zł: 'PLN',
}

/** Of a decimal number as text; the largest sum has 16 digits. */
const AMOUNT_LENGTH_MAX = 100

export class MoneyError extends Error {
  override readonly name = 'MoneyError'
}

export function isCurrency(code: string): boolean {
  return /^[A-Z]{3}$/.test(code) && Intl.supportedValuesOf('currency').includes(code)
}

/** An ISO code or a symbol that names one, else null. */
export function currencyOf(text: string | null | undefined): string | null {
  const trimmed = text?.trim() ?? ''
  if (isCurrency(trimmed.toUpperCase())) return trimmed.toUpperCase()
  return SYMBOLS[trimmed.toLowerCase()] ?? null
}

/** Digits after the point of a currency's minor unit. */
export function minorDigits(currency: string): number {
  return DIGITS[currency] ?? 2
}

/** Minor units as decimal text: `123450` → `1234.50`. */
export function fromMinor(amountMinor: number, currency: string): string {
  const digits = minorDigits(currency)
  const text = String(Math.abs(amountMinor)).padStart(digits + 1, '0')
  const [whole, fraction] = [text.slice(0, text.length - digits), text.slice(text.length - digits)]
  return `${amountMinor < 0 ? '-' : ''}${whole}${digits > 0 ? `.${fraction}` : ''}`
}

/**
 * Grouping and decimal commas (`"1 234,5"`) are not accepted. Digits beyond the currency's minor unit are rounded half
 * away from zero. Throws MoneyError for text that is no number, and for a number beyond a safe integer.
 */
export function toMinor(value: string | number, currency: string): number {
  const text = typeof value === 'number' ? decimalText(value) : value.trim()
  if (text.length > AMOUNT_LENGTH_MAX) throw new MoneyError('not a decimal number')
  const match = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text)
  if (!match) throw new MoneyError('not a decimal number')
  const [, sign, whole = '', fraction = ''] = match
  const digits = minorDigits(currency)
  const kept = BigInt(whole + fraction.slice(0, digits).padEnd(digits, '0'))
  const rounded = Number(fraction[digits] ?? '0') >= 5 ? kept + 1n : kept
  const minor = Number(rounded)
  if (!Number.isSafeInteger(minor)) throw new MoneyError('too large')
  return sign === '-' && minor !== 0 ? -minor : minor
}

/** A number's shortest decimal text, without errors of float arithmetic (0.1 + 0.2) and without an exponent. */
function decimalText(value: number): string {
  if (!Number.isFinite(value)) throw new MoneyError('not a finite number')
  const rounded = Number(value.toPrecision(15))
  const text = String(rounded)
  return text.includes('e') ? rounded.toFixed(10) : text
}
