// Formats of numbers (ECMA-376, 18.8.30 and 18.8.31) → what a number in a cell means. Pure.

export interface CellFormat {
  readonly kind: 'number' | 'day' | 'time' | 'instant' | 'elapsed'
  /** To round to: the decimals shown, where they are those of money. Fewer may hide kopecks, so they do not count. */
  readonly decimals: number | null
  /** Digits of a whole number, filled up with zeros: `000000`. */
  readonly digitsMin: number
  /** As the format writes it, where it is known to be one. */
  readonly currency: string | null
}

export const PLAIN: CellFormat = { kind: 'number', decimals: null, digitsMin: 0, currency: null }
const MONEY_DECIMALS_MIN = 2
const FORMAT_CHARACTERS_MAX = 1000

const BUILT_IN: ReadonlyMap<number, string> = new Map([
  ...([2, 4, 7, 8, 39, 40, 43, 44] as const).map((id) => [id, '#,##0.00'] as const),
  ...[14, 15, 16, 17, 27, 28, 29, 30, 31, 34, 35, 36, ...Array.from({ length: 9 }, (_, at) => 50 + at)].map(
    (id) => [id, 'yyyy-mm-dd'] as const,
  ),
  ...[18, 19, 20, 21, 32, 33, 45, 47].map((id) => [id, 'h:mm:ss'] as const),
  [22, 'yyyy-mm-dd h:mm'],
  [46, '[h]:mm:ss'],
])

/** `code`: what the workbook says of this id. */
export function formatOf(id: number, code: string | undefined): CellFormat {
  return readFormat(code ?? BUILT_IN.get(id) ?? '')
}

/** Symbols and words that stand for a currency wherever they are. */
const CURRENCIES: ReadonlySet<string> = new Set([
  ...['₽', 'руб', 'руб.', 'р.', '$', 'US$', '€', '£', '₸', 'тг', 'тг.', '₴', 'грн', 'грн.', '₾', '₼', '֏', 'zł', 'Kč'],
])
const ISO = /^[A-Z]{3}$/
const LITERALS = /"([^"]*)"|\\(.)|\[\$([^\]-]*)(?:-[^\]]*)?\]|[_*]./gsu
const BRACKETS = /\[[^\]]*\]/g

function readFormat(whole: string): CellFormat {
  const code = whole.slice(0, FORMAT_CHARACTERS_MAX)
  if (/^general/i.test(code.trim()) || code.trim() === '@') return PLAIN
  const literals: string[] = []
  const bare = code.replaceAll(LITERALS, (_, quoted?: string, escaped?: string, symbol?: string) => {
    literals.push(quoted ?? escaped ?? symbol ?? '')
    return ' '
  })
  // Sections for negative numbers and zero follow the first.
  const [section = ''] = bare.split(';')
  const letters = section.replaceAll(/AM\/PM|A\/P/gi, 'h').toLowerCase()
  if (/\[(?:h+|m+|s+)\]/.test(letters)) return { ...PLAIN, kind: 'elapsed' }
  const shown = letters.replaceAll(BRACKETS, '')
  const hasClock = /[hs]/.test(shown)
  const hasDay = /[dy]/.test(shown) || (/m/.test(shown) && !hasClock)
  if (hasDay || hasClock) return { ...PLAIN, kind: hasDay ? (hasClock ? 'instant' : 'day') : 'time' }
  return readNumberFormat(shown.trim(), literals)
}

function readNumberFormat(shown: string, literals: readonly string[]): CellFormat {
  const found = literals.map((text) => text.trim()).find((text) => CURRENCIES.has(text) || ISO.test(text))
  const bare = /[$€£₽]/.exec(shown)?.[0]
  // A percent or a trailing comma shows another number than the cell has.
  const isScaled = /%|e[+-]|,\s*$|,\./.test(shown)
  const decimals = /[0#?]\.([0#?]+)/.exec(shown)?.[1]?.length ?? 0
  return {
    kind: 'number',
    decimals: isScaled || decimals < MONEY_DECIMALS_MIN ? null : decimals,
    digitsMin: /^0+$/.test(shown) ? shown.length : 0,
    currency: isScaled ? null : (found ?? bare ?? null),
  }
}
