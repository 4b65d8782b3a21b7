// Sums as people and tills write them → decimal text. By string rules only; an ambiguous sum is refused, not guessed.
import { MATCHED_MAX } from '#crm/csv/cells.ts'
import { MoneyError, toMinor } from '#lib/money.ts'

export type DecimalMark = '.' | ','

export type SumProblem = 'amount_unreadable' | 'amount_ambiguous' | 'scientific'

const PLAIN = /^(-?\d+)(?:[.,](\d{1,2}))?$/
const SPACES = /[\s'’]/g
/** Spaces may only separate thousands; `12 50` is not a sum. */
const GROUPED = /^\D*\d{1,3}(?:[\s'’]\d{3})+(?:\D.*)?$/
const CURRENCY =
  /(?:руб(?:лей|ля|\.)?|р\.?|rub|rur|usd|eur|kzt|byn|тг\.?|₸|₽|\$|€|£)$|^(?:rub|usd|eur|kzt|₽|₸|\$|€|£)/gi

/** `1 234,50 ₽`, `1.234,50`, `(350)`, `−12`, `1 234-50` → `1234.50`, `1234.50`, `-350`, `-12`, `1234.50`. */
export function readSum(cell: string, mark: DecimalMark | null): string | { readonly problem: SumProblem } {
  if (cell.length > MATCHED_MAX) return { problem: 'amount_unreadable' }
  const [, whole, fraction = '0'] = PLAIN.exec(cell) ?? []
  if (whole !== undefined) return `${whole}.${fraction}`
  if (/\d[\s'’]+\d/.test(cell) && !GROUPED.test(cell)) return { problem: 'amount_unreadable' }
  const text = cell.replaceAll(SPACES, '').replaceAll(/[−–—]/g, '-')
  if (/^[-+]?\d+(?:[.,]\d+)?e[+-]?\d+$/i.test(text)) return { problem: 'scientific' }
  const bare = text.replaceAll(CURRENCY, '')
  const [, opening = '', before = '', digits = '', after = '', closing = ''] =
    /^(\(?)([-+]?)([\d.,]+(?:-\d\d)?)(-?)(\)?)$/.exec(bare) ?? []
  if (digits === '' || (opening === '') !== (closing === '')) return { problem: 'amount_unreadable' }
  const decimal = toDecimal(digits.replace('-', ','), mark)
  if (typeof decimal !== 'string') return decimal
  return opening !== '' || before === '-' || after === '-' ? `-${decimal}` : decimal
}

function toDecimal(digits: string, mark: DecimalMark | null): string | { readonly problem: SumProblem } {
  const [points, commas] = [digits.split('.').length - 1, digits.split(',').length - 1]
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
  return whole === '' && fraction === ''
    ? { problem: 'amount_unreadable' }
    : `${whole === '' ? '0' : whole}.${fraction}`
}

function grouped(digits: string, group: string, decimal: string): string | { readonly problem: SumProblem } {
  const [whole = '', fraction = '', ...more] = digits.split(decimal)
  const [first = '', ...groups] = whole.split(group)
  const isWell = /^\d{1,3}$/.test(first) && groups.every((part) => /^\d{3}$/.test(part)) && /^\d*$/.test(fraction)
  if (!isWell || more.length > 0) return { problem: 'amount_unreadable' }
  return fraction === '' ? `${first}${groups.join('')}` : `${first}${groups.join('')}.${fraction}`
}

/** A column's decimal mark, from its cells; null while none shows it. */
export function decimalMarkOf(cells: readonly string[]): DecimalMark | null {
  for (const cell of cells) {
    const digits = cell
      .slice(0, MATCHED_MAX)
      .replaceAll(/[^\d.,]/g, '')
      .replace(/[.,]+$/, '')
    const [points, commas] = [digits.split('.').length - 1, digits.split(',').length - 1]
    if (points > 0 && commas > 0) return digits.lastIndexOf(',') > digits.lastIndexOf('.') ? ',' : '.'
    if (points + commas > 1) return points > 0 ? ',' : '.'
    const fraction = /[.,](\d*)$/.exec(digits)?.[1]
    if (fraction !== undefined && fraction.length !== 3) return points > 0 ? '.' : ','
  }
  return null
}

/** Minor units, or what is wrong. */
export function readMinor(
  cell: string,
  mark: DecimalMark | null,
  currency: string,
): number | { readonly problem: SumProblem } {
  const decimal = readSum(cell, mark)
  if (typeof decimal !== 'string') return decimal
  try {
    return toMinor(decimal, currency)
  } catch (error) {
    if (!(error instanceof MoneyError)) throw error
    return { problem: 'amount_unreadable' }
  }
}
