// Finds the line that names the columns among the first rows: by known words, by the settings, and by standing above
// rows of data. There may be a preamble above it, two rows of names, or no such line at all.
import { readDate } from '#crm/csv/dates.ts'
import { isSum } from '#crm/csv/money.ts'
import type { CsvRecord } from '#crm/csv/parse.ts'
import type { Settings } from '#crm/csv/settings.ts'
import { FIELDS, FISCAL, headerScore, LINES, normalizeHeader, TENDERS } from '#crm/csv/words.ts'
import { normalizePhone } from '#lib/phone.ts'

/** Preambles may be longer than the table below them. */
const HEADER_ROWS = 60
const HITS_MIN = 2
/** More columns tell nothing about a row, and a line may have as many cells as the file has bytes. */
const CELLS_LOOKED_AT = 500
const UNIT =
  /^\(?(?:(?:тыс|млн)\.?\s?)?(?:[Рр]уб\p{L}{0,3}|[Кк]оп\p{L}{0,4}|шт|кг|р|₽|\$|€|₸|%|тг|тенге|RUB|USD|EUR|KZT|UAH|BYN|GBP)?\.?\)?$/u
const KNOWN = [...FISCAL, LINES, TENDERS]

export interface Header {
  /** Of two rows, joined; as many empty ones as rows have cells where the names are missing. */
  readonly names: readonly string[]
  /** The rows as they stand: none, one or two. */
  readonly rows: readonly (readonly string[])[]
  /** The number of known words. */
  readonly hits: number
  /** Counts from 0. Of a missing header: the first row. */
  readonly line: number
  /** Rows above it, and above the first row of data. */
  readonly first: number
  readonly above: number
  /** The usual number of cells below it. */
  readonly width: number
}

export type HeaderSettings = Pick<Settings, 'headerLine' | 'mapping'>

interface Candidate {
  readonly row: CsvRecord
  readonly index: number
  readonly filled: number
  readonly hits: number
  /** Names that the settings have. */
  readonly matches: number
  readonly isData: boolean
  /** It has a date and a sum. */
  readonly isSale: boolean
}

/** Whether a cell has words of a header; remembered, since the same rows are read in several ways. */
export type NameCheck = (cell: string) => boolean

export function createNameCheck(): NameCheck {
  const checked = new Map<string, boolean>()
  return (cell) => {
    const known = checked.get(cell)
    if (known !== undefined) return known
    const isName = hitsOf([normalizeHeader(cell)]) > 0
    checked.set(cell, isName)
    return isName
  }
}

/** `rows`: with cleaned cells, blank ones included. Null: no row has two cells. */
export function findHeader(rows: readonly CsvRecord[], settings: HeaderSettings, isName: NameCheck): Header | null {
  const named = namesOf(settings)
  const { headerLine } = settings
  const wide = rows.flatMap((row, index) => {
    const isTold = row.line + 1 === headerLine
    const isWide = isTold || (row.cells.length > 1 && row.cells.some((cell) => cell !== ''))
    return isWide ? [{ row, index }] : []
  })
  const all = wide.map(({ row, index }, nth) => candidateOf({ row, index }, nth < HEADER_ROWS ? named : null, isName))
  if (headerLine !== undefined) {
    const told = all.find(({ row }) => row.line + 1 === headerLine)
    return told ? headerAt(rows, all, told) : null
  }
  const isNumbered = named.size > 0 && [...named].every((name) => /^номер \d+$/.test(name))
  const found = likelyHeader(all) ?? rowAbove(all, isNumbered)
  if (found === 'missing') return missingHeader(rows, all, isNumbered)
  return found && headerAt(rows, all, found)
}

/** Normalized. A column may also be told by its place: `#2`. */
function namesOf({ mapping }: HeaderSettings): ReadonlySet<string> {
  const texts = Object.entries(mapping).flatMap(([field, text]) =>
    field === 'idScope' || text == null ? [] : [text].flat(),
  )
  return new Set(texts.map((text) => normalizeHeader(text.replace(/^#(?=\d+$)/, '№'))).filter((name) => name !== ''))
}

/** `named` is null for rows that are too far down to be a header. */
function candidateOf(
  { row, index }: Pick<Candidate, 'row' | 'index'>,
  named: ReadonlySet<string> | null,
  isName: NameCheck,
): Candidate {
  const cells = row.cells.slice(0, CELLS_LOOKED_AT).filter((cell) => cell !== '')
  const kinds = cells.map(datumOf)
  const hits = named === null ? 0 : cells.filter((cell, at) => kinds[at] === null && isName(cell)).length
  const names = new Set(named === null || named.size === 0 ? [] : cells.map(normalizeHeader))
  const isDated = kinds.includes('date')
  const data = kinds.filter((kind) => kind !== null).length
  return {
    ...{ row, index, filled: cells.length, hits },
    matches: [...(named ?? [])].filter((name) => names.has(name)).length,
    isData: isDated || kinds.includes('contact') || (hits < HITS_MIN && data * 2 >= kinds.length && data > 0),
    isSale: isDated && kinds.includes('sum') && hits < HITS_MIN && !cells.some((cell) => cell.endsWith(':')),
  }
}

/** The number of known words among normalized headers. */
export function hitsOf(names: readonly string[]): number {
  return names.filter(
    (name) => KNOWN.some((words) => words.test(name)) || FIELDS.some((field) => headerScore(name, field) > 0),
  ).length
}

/** What a cell of a sale may be, and a header is not. A bare number is a sum before it is a date. */
export function datumOf(cell: string): 'date' | 'sum' | 'contact' | null {
  if (!/[\d@]/.test(cell)) return null
  if (isSum(cell)) return 'sum'
  if (readDate(cell, 'dmy') !== null) return 'date'
  return cell.includes('@') || normalizePhone(cell) !== null ? 'contact' : null
}

/** Of several tables the first with sales, so that no sale stands above the header. */
function likelyHeader(wide: readonly Candidate[]): Candidate | 'missing' | null {
  const most = Math.max(0, ...wide.map(({ matches }) => matches))
  const likely = wide.filter(
    ({ matches, hits, isData, row }) =>
      (most > 0 && matches === most) || (most === 0 && hits >= Math.min(HITS_MIN, row.cells.length) && !isData),
  )
  const hasSales = (one: Candidate, next: Candidate | undefined, isAny: boolean) =>
    wide.some(({ index, isSale, isData }) => {
      const isBelow = index > one.index && index < (next?.index ?? Infinity)
      return isBelow && (isAny ? isData : isSale)
    })
  const withData = (isAny: boolean) => likely.find((one, nth) => hasSales(one, likely[nth + 1], isAny))
  const lowest = withData(false) ?? withData(true) ?? likely[0]
  // Of two rows of names the one that says more.
  const above = likely.find(({ index, hits }) => index + 1 === lowest?.index && hits > lowest.hits)
  const found = above ?? lowest
  if (!found || most > 0) return found ?? null
  const isRow = ({ row, filled }: Candidate) =>
    row.cells.length === found.row.cells.length && filled * 2 >= found.filled
  return wide.some((one) => one.index < found.index && one.isSale && isRow(one)) ? 'missing' : found
}

/** Without known words: the row above the first data. `missing`: the first row is data. */
function rowAbove(wide: readonly Candidate[], isNumbered: boolean): Candidate | 'missing' | null {
  const data = wide.find(({ isData }) => isData)
  if (!data) return null
  const above = wide.findLast(({ index, filled }) => index < data.index && filled > 1)
  const isName = above && (!isNumbered || above.row.cells.every((cell) => datumOf(cell) === null))
  return isName ? above : 'missing'
}

/** Columns that are told by their places have no titles above them: each row of the usual width counts. */
function missingHeader(rows: readonly CsvRecord[], wide: readonly Candidate[], isNumbered: boolean): Header {
  const data = wide.findIndex(({ isData }) => isData)
  const width = widthOf(wide.slice(data))
  const usual = wide.find(({ row, filled }) => row.cells.length === width && filled > 1)
  const first = (isNumbered ? usual : wide[data])?.index ?? 0
  const names = Array.from({ length: width }, () => '')
  return { names, rows: [], hits: 0, line: rows[first]?.line ?? 0, first, above: first, width }
}

function headerAt(rows: readonly CsvRecord[], all: readonly Candidate[], { row, index, hits }: Candidate): Header {
  const below = all.filter((one) => one.index > index)
  const second = below[0]?.index === index + 1 ? below[0] : undefined
  const lower = second ? (joinUnits(row, second.row) ?? joinBelow(row, second, hits) ?? textBelow(row, second)) : null
  const joined = index > 0 && lower === null ? joinRows(rows[index - 1], row) : null
  const upper = joined?.names.some((name, at) => name !== (row.cells[at] ?? '')) === true ? joined : null
  const last = lower ? index + 1 : index
  return {
    ...(lower ?? upper ?? { names: row.cells, rows: [row.cells] }),
    ...{ hits, line: (lower ? second?.row : row)?.line ?? 0, first: upper ? index - 1 : index },
    above: last + (isNumbering(rows[last + 1]?.cells ?? []) ? 2 : 1),
    width: widthOf(below.slice(0, nextHeader(below, row))) || row.cells.length,
  }
}

/** The number of rows down to the names of another table. */
function nextHeader(below: readonly Candidate[], { cells }: CsvRecord): number {
  const own = cells.join('\n')
  const next = below.findIndex(
    ({ row, hits, isData }, at) => at > 0 && hits >= HITS_MIN && !isData && row.cells.join('\n') !== own,
  )
  return next < 0 ? below.length : next
}

/** The most frequent number of cells; the first of equal ones. A single cell is a title or a note. */
function widthOf(rows: readonly Candidate[]): number {
  const counts = Map.groupBy(
    rows.map(({ row }) => row.cells.length).filter((width) => width > 1),
    (width) => width,
  )
  return [...counts].toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? 0
}

type Joined = Pick<Header, 'names' | 'rows'>

/** A row of units below the names: `руб.` below `Сумма`. */
function joinUnits({ cells }: CsvRecord, { cells: units }: CsvRecord): Joined | null {
  const filled = units.filter((unit) => unit !== '')
  if (filled.length === 0 || units.length > cells.length || !filled.every((unit) => UNIT.test(unit))) return null
  return { names: cells.map((name, at) => (units[at] ? `${name}, ${units[at]}` : name)), rows: [cells, units] }
}

/** A row of names below merged cells: some of its names stand where the upper row has none. */
function joinBelow(upper: CsvRecord, { row, isData, filled }: Candidate, hits: number): Joined | null {
  const names = row.cells.slice(0, CELLS_LOOKED_AT)
  const isUnder = names.some((name, at) => name !== '' && (upper.cells[at] ?? '') === '')
  if (filled < 2 || isData || !isUnder || names.some((name) => datumOf(name) !== null)) return null
  const joined = joinRows(upper, row)
  return joined && hitsOf(joined.names.slice(0, CELLS_LOOKED_AT).map(normalizeHeader)) >= hits ? joined : null
}

/** A second line of the names, or of what they are: no sale is without a digit. */
function textBelow({ cells }: CsvRecord, { row, filled }: Candidate): Joined | null {
  return filled > 1 && row.cells.every((cell) => !/\d/.test(cell)) ? { names: cells, rows: [cells, row.cells] } : null
}

/**
 * A name is missing where a cell is merged downwards; equal names stand below cells that are merged to the right. Null:
 * the rows do not go together.
 */
function joinRows(upperRow: CsvRecord | undefined, lowerRow: CsvRecord): Joined | null {
  const [upper, lower] = [upperRow?.cells ?? [], lowerRow.cells]
  if (upper.length !== lower.length || upper.filter((cell) => cell !== '').length < 2) return null
  const counts = Map.groupBy(lower, (name) => name)
  const isTwice = (name: string) => name !== '' && (counts.get(name)?.length ?? 0) > 1
  let group = ''
  const names = lower.map((name, at) => {
    const above = upper[at] ?? ''
    if (above !== '' || name === '') group = name === '' ? '' : above
    if (name === '') return above
    return isTwice(name) ? `${group} ${name}`.trim() : name
  })
  const joined = names.filter((_, at) => isTwice(lower[at] ?? ''))
  return new Set(joined).size < joined.length ? null : { names, rows: [upper, lower] }
}

/** Printed forms number their columns in a row of its own. */
function isNumbering(cells: readonly string[]): boolean {
  const filled = cells.filter((cell) => cell !== '')
  return filled.length > 2 && filled.every((cell, at) => cell === String(at + 1))
}
