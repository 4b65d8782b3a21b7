// Values of cells → the text that a CSV of the sheet has. Pure. Numbers stay exact as far as Excel itself shows them,
// and are never written so that they could be read in two ways.
import type { CellFormat } from '#lib/xlsx/number-format.ts'

/** Excel's own limit of a cell. */
export const CELL_CHARACTERS_MAX = 32_767
/** A double has no more digits that are its own, and Excel shows no more. */
const DIGITS_MAX = 15
const DECIMAL = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?$/
/** Sums come out as 7.1E-15 where they should be 0; nobody sells for less. */
const SMALLEST_DECIMALS = 10

/** The last day that Excel shows: 9999-12-31. */
const DAYS_MAX = 2_958_465
const EPOCH_1904 = 1462
// oxlint-disable-next-line no-control-regex -- these are the characters to replace
const CONTROLS = /[\u0000-\u001f\u007f\u2028\u2029]+/g
const ESCAPED = /_x([0-9a-f]{4})_/gi

/** One line of text. Excel escapes characters that XML may not have as `_x000D_` (ECMA-376, 22.9.2.19). */
export function cleanText(text: string): string {
  const cut = text.slice(0, CELL_CHARACTERS_MAX)
  const whole = cut.includes('_x')
    ? cut.replaceAll(ESCAPED, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    : cut
  return whole.replaceAll(CONTROLS, ' ')
}

/** The content of `<v>` of a cell without a type. What is no number stays as it is. */
export function numberText(raw: string, format: CellFormat, is1904: boolean): string {
  const text = raw.trim()
  if (format.kind !== 'number') {
    const shown = timeText(Number(text), format.kind, is1904)
    if (text !== '' && shown !== null) return shown
  }
  const decimal = decimalText(text)
  if (decimal === null) return cleanText(text)
  const rounded = format.decimals === null ? decimal : roundTo(decimal, format.decimals)
  const padded = /^\d+$/.test(rounded) ? rounded.padStart(format.digitsMin, '0') : rounded
  return format.currency === null ? unambiguous(padded) : `${unambiguous(padded)} ${format.currency}`
}

/** Without an exponent. Digits of whole numbers are all kept; fractions are rounded to 15 digits, as Excel does. */
function decimalText(text: string): string | null {
  const [, sign = '', whole = '', fraction = ''] = DECIMAL.exec(text) ?? []
  if (whole !== '') {
    const significant = (whole + fraction).replace(/^0+/, '').length
    if (fraction === '' || significant <= DIGITS_MAX) return fraction === '' ? sign + whole : text
  }
  const value = Number(text)
  if (text === '' || !Number.isFinite(value)) return null
  const near = Number(value.toPrecision(DIGITS_MAX))
  if (Math.abs(near) >= 1e21) return BigInt(near).toString()
  if (Math.abs(near) >= 1e-6) return String(near)
  const small = near.toFixed(SMALLEST_DECIMALS).replace(/\.?0{1,10}$/, '')
  return small === '-0' ? '0' : small
}

/** As the cell shows it, so that a sum of calculated kopecks is one of whole kopecks. */
function roundTo(decimal: string, decimals: number): string {
  const [, sign = '', whole = '', fraction = ''] = DECIMAL.exec(decimal) ?? []
  if (fraction.length <= decimals) return decimal
  const digits = BigInt(whole + fraction.slice(0, decimals)) + (Number(fraction[decimals]) >= 5 ? 1n : 0n)
  const text = digits.toString().padStart(decimals + 1, '0')
  const rounded = `${text.slice(0, -decimals)}.${text.slice(-decimals)}`
  return digits === 0n ? rounded : sign + rounded
}

/** `1.234` could be a thousand and more: with a fourth decimal it is a fraction. */
function unambiguous(decimal: string): string {
  return /\.\d{3}$/.test(decimal) ? `${decimal}0` : decimal
}

/** Null: Excel would not show this number as a time. */
function timeText(serial: number, kind: Exclude<CellFormat['kind'], 'number'>, is1904: boolean): string | null {
  if (!Number.isFinite(serial) || serial < 0) return null
  // Rounded to seconds: times of day have the errors of floats.
  const seconds = Math.round(serial * 86_400)
  if (kind === 'elapsed') return clock(Math.floor(seconds / 3600), seconds)
  const isBare = kind === 'instant' && serial < 1 && !is1904
  if (kind === 'time' || isBare) return clock(Math.floor(seconds / 3600) % 24, seconds)
  // Excel shows 0 as a day 0 of January 1900.
  if (serial < 1 && !is1904) return null
  // A day is shown by itself until it is over.
  const shown = kind === 'day' ? Math.floor(Math.round(serial * 86_400_000) / 86_400_000) * 86_400 : seconds
  const days = shown / 86_400 + (is1904 ? EPOCH_1904 : 0)
  // Excel counts a 29 February 1900, which never was.
  if (days >= DAYS_MAX + 1 || (!is1904 && Math.floor(days) === 60)) return null
  const iso = new Date(
    Date.UTC(1899, 11, days < 60 && !is1904 ? 31 : 30) + Math.round(days * 86_400) * 1000,
  ).toISOString()
  return kind === 'day' ? iso.slice(0, 10) : iso.slice(0, 19).replace('T', ' ')
}

function clock(hours: number, seconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(hours)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}
