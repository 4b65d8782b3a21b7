// Finds how cells are separated and quoted: every plausible way is tried on the first rows with the real parser. The
// right one gives rows of equal width with plausible cells, below known words.
import { cleanCell } from '#crm/csv/cells.ts'
import {
  createNameCheck,
  datumOf,
  findHeader,
  type Header,
  type HeaderSettings,
  type NameCheck,
} from '#crm/csv/header.ts'
import { type CsvRecord, type Layout, parseRecords } from '#crm/csv/parse.ts'
import { refuse } from '#crm/csv/refuse.ts'
import type { Settings } from '#crm/csv/settings.ts'

const DELIMITERS = [';', ',', '\t', '|', '^', '~'] as const
const ROWS_TRIED = 100
const CELLS_TRIED = 50
/** Excel's hint in the first line. */
const HINT = /^"?sep=(\\t|.)"?(?:\r\n|\r|\n|$)/i
/** A line that is one quoted cell. */
const WRAPPED = /^\ufeff?"((?:[^"]|"")*)"[ ;,\t|]*$/
const WRAPPED_SINGLE = /^\ufeff?'((?:[^']|'')*)'[ ;,\t|]*$/

export interface Dialect {
  readonly layout: Layout & { readonly width: number }
  readonly header: Header
  /** Where the rows begin, and in which line from 0. */
  readonly end: number
  readonly rowsLine: number
  /** The texts above the header. */
  readonly preamble: readonly string[]
}

export type DialectSettings = HeaderSettings & Pick<Settings, 'delimiter'>

/** Throws CrmError `malformed`. */
export function findDialect(text: string, settings: DialectSettings, isWhole: boolean): Dialect {
  const hint = HINT.exec(text)
  const hinted = hint?.[1] === String.raw`\t` ? '\t' : hint?.[1]
  const skipped = hint === null ? 0 : hint[0].length
  const sample: Sample = { text, skipped, isWhole, settings, isName: createNameCheck() }
  const tried = (delimiters: readonly string[]) =>
    delimiters.flatMap((delimiter) => layoutsOf(text.slice(skipped), delimiter).map((one) => tryLayout(sample, one)))
  const first = settings.delimiter ?? hinted
  const best = bestOf(first === undefined ? [] : tried([first])) ?? bestOf(tried(DELIMITERS))
  if (isAligned(text) && (best?.header.hits ?? 0) < 2) return refuse('fixed_width')
  return best ?? refuse('no_table')
}

function bestOf(tried: readonly (Tried | null)[]): Tried | null {
  return tried.filter((one) => one !== null).toSorted((a, b) => b.score - a.score)[0] ?? null
}

/** Columns of equal width, as in a printed table: most lines have wide gaps. */
function isAligned(text: string): boolean {
  const lines = text
    .slice(0, 8000)
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '')
  const hasGaps = (line: string) => line.split('  ').filter((part) => part.trim() !== '').length > 2
  return lines.length > 1 && lines.filter(hasGaps).length > lines.length / 2
}

/** With a delimiter: as it is, and with its lines taken out of quotes if there are such lines. */
function layoutsOf(text: string, delimiter: string): readonly Omit<Layout, 'width'>[] {
  const count = (part: string) => text.split(part).length - 1
  const begin = (quote: string) => count(delimiter + quote) + count(`\n${quote}`) + (text.startsWith(quote) ? 1 : 0)
  const end = (quote: string) => count(quote + delimiter) + count(`${quote}\n`) + count(`${quote}\r`)
  const isSingle = begin("'") > begin('"') && end("'") * 2 > begin("'")
  const quote = isSingle ? "'" : '"'
  const isPadded = count(`${delimiter} ${quote}`) > count(delimiter + quote)
  const plain = { delimiter, quote, isPadded, isWrapped: false }
  return isAnyWrapped(text, plain) ? [plain, { ...plain, isWrapped: true }] : [plain]
}

function isAnyWrapped(text: string, { quote, delimiter }: Omit<Layout, 'width'>): boolean {
  const lines = text.slice(0, 16_000).split(/[\r\n]+/, 50)
  const wrapped = quote === "'" ? WRAPPED_SINGLE : WRAPPED
  return lines.some((line) => wrapped.exec(line)?.[1]?.includes(delimiter) === true)
}

interface Sample {
  readonly text: string
  /** The length of the hint's line. */
  readonly skipped: number
  readonly isWhole: boolean
  readonly settings: DialectSettings
  readonly isName: NameCheck
}

interface Tried extends Dialect {
  readonly score: number
}

/** Null: it makes no table. */
function tryLayout({ text, skipped, isWhole, settings, isName }: Sample, layout: Omit<Layout, 'width'>): Tried | null {
  const most = Math.max(ROWS_TRIED, (settings.headerLine ?? 0) + 2)
  const lines = skipped > 0 ? 1 : 0
  const { records } = parseRecords(text.slice(skipped), { ...layout, width: null }, isWhole, most)
  const rows = records.map((record) => ({ ...record, line: record.line + lines, cells: record.cells.map(cleanCell) }))
  const header = findHeader(rows, settings, isName)
  if (!header || header.width < 2) return null
  const { width, above } = header
  const [last, next] = [rows[above - 1], rows[above]]
  return {
    ...{ layout: { ...layout, width }, header, score: scoreOf(rows.slice(above), header) },
    end: skipped + (next?.start ?? last?.end ?? 0),
    rowsLine: next?.line ?? (last?.line ?? 0) + 1,
    preamble: rows.slice(0, header.first).flatMap(({ cells }) => textsOf(cells)),
  }
}

function textsOf(cells: readonly string[]): string[] {
  return cells.slice(0, CELLS_TRIED).filter((cell) => cell !== '')
}

function scoreOf(rows: readonly CsvRecord[], { width, hits }: Header): number {
  const filled = rows.filter(({ cells }) => cells.some((cell) => cell !== ''))
  const isRegular = share(filled, ({ cells }) => cells.length === width)
  const cells = filled.slice(0, CELLS_TRIED).flatMap((row) => row.cells.slice(0, CELLS_TRIED))
  const isTyped = 0.1 + share(cells, (cell) => cell === '' || datumOf(cell) !== null)
  return isRegular * isTyped * Math.log2(width) * (1 + hits)
}

function share<T>(all: readonly T[], is: (one: T) => boolean): number {
  return all.length === 0 ? 1 : all.filter(is).length / all.length
}
