// Finds the column of each field. Columns that the settings name are used as they are; the others are found by the
// words of `words.ts` and by whether their cells fit.
import { readDate, readTime } from '#crm/csv/dates.ts'
import { readSum } from '#crm/csv/money.ts'
import type { Plan } from '#crm/csv/plan.ts'
import type { Settings } from '#crm/csv/settings.ts'
import {
  DAILY,
  type Field,
  FIELDS,
  FISCAL,
  headerScore,
  LINES,
  meaningOf,
  normalizeHeader,
  SURE_ID,
  TENDERS,
  WHOLE_SUMS,
} from '#crm/csv/words.ts'
import { CrmError } from '#lib/crm-error.ts'
import { callingCodeOf } from '#lib/calling-code.ts'
import { normalizePhone } from '#lib/phone.ts'

/**
 * How rows with the same id form a sale: each row is one, all add up, different ones add up, or all repeat the same
 * sum.
 */
export type RowsMode = 'sales' | 'lines' | 'distinct' | 'whole'

export interface Column {
  /** Columns from 0. An id and an amount may have several. */
  readonly at: readonly number[]
  /** 0 to 1; 1 for columns that the settings name. */
  readonly confidence: number
}

export interface Columns {
  readonly fields: Partial<Readonly<Record<Field, Column>>>
  readonly idScope: 'global' | 'day'
  /** The header says that an id is never used for another sale. */
  readonly isIdSure: boolean
  readonly rows: RowsMode
  /** Columns for kinds and statuses that are not used, since most of their words are unknown. */
  readonly unknownWords: readonly number[]
}

export interface Table {
  /** As they are shown and named in the settings. */
  readonly headers: readonly string[]
  /** Rows of the sample, cleaned. */
  readonly rows: readonly (readonly string[])[]
}

const CONFIDENCE_MIN = 0.35
/** Above this the header alone is enough. */
const SURE = 0.6
const WORDS_KNOWN_MIN = 0.8
const CELLS_LOOKED_AT = 200

/** The order in which fields take their columns. */
const ORDER: readonly Field[] = [
  'date',
  'time',
  'amount',
  'currency',
  'kind',
  'status',
  'phone',
  'email',
  'card',
  'name',
  'id',
  'comment',
]

/** Throws CrmError `malformed` (`column_missing`) for a column that the settings name and the file does not have. */
export function findColumns(table: Table, settings: Settings): Columns {
  const search = createSearch(table, settings)
  const fields: Partial<Record<Field, Column>> = {}
  for (const field of FIELDS) {
    const named = settings.mapping[field]
    if (named != null) fields[field] = { at: search.named(named), confidence: 1 }
  }
  for (const field of ORDER) {
    if (settings.mapping[field] !== undefined) continue
    const found = field === 'id' ? (search.receipt() ?? search.find(field)) : search.find(field)
    if (found) fields[field] = found
  }
  const isFiscal = search.isReceipt(fields.id)
  if (settings.mapping.amount === undefined && (!fields.amount || fields.amount.confidence < SURE)) {
    const tenders = search.all(TENDERS)
    if (tenders.length > 0) fields.amount = { at: tenders, confidence: 0.9 }
  }
  return {
    fields,
    idScope: settings.mapping.idScope ?? (search.says(fields.id, DAILY) && !isFiscal ? 'day' : 'global'),
    isIdSure: search.says(fields.id, SURE_ID),
    rows: rowsMode(settings, {
      isFiscal,
      hasId: fields.id !== undefined,
      hasLines: search.all(LINES).length > 0,
      isWhole: search.says(fields.amount, WHOLE_SUMS),
    }),
    unknownWords: search.unknownWords,
  }
}

interface TableTraits {
  readonly isFiscal: boolean
  readonly hasId: boolean
  readonly hasLines: boolean
  readonly isWhole: boolean
}

function rowsMode({ rows }: Settings, { isFiscal, hasId, hasLines, isWhole }: TableTraits): RowsMode {
  const isByLines = rows === 'lines' || (rows === 'auto' && hasLines)
  if (rows === 'sales' || !hasId || (!isFiscal && !isByLines)) return 'sales'
  if (!isByLines) return 'distinct'
  return isWhole ? 'whole' : 'lines'
}

interface Search {
  readonly named: (named: string | readonly string[]) => readonly number[]
  readonly find: (field: Field) => Column | null
  readonly receipt: () => Column | null
  readonly isReceipt: (column: Column | undefined) => boolean
  readonly all: (words: RegExp) => readonly number[]
  readonly says: (column: Column | undefined, words: RegExp) => boolean
  readonly unknownWords: number[]
}

function createSearch({ headers, rows }: Table, settings: Settings): Search {
  const names = headers.map(normalizeHeader)
  const taken = new Set<number>()
  const unknownWords: number[] = []
  const cellsOf = (at: number) => rows.slice(0, CELLS_LOOKED_AT).flatMap((row) => (row[at] ? [row[at]] : []))
  const take = (column: Column): Column => {
    for (const at of column.at) taken.add(at)
    return column
  }
  const candidates = (field: Field): Column[] =>
    names.flatMap((name, at) => {
      const byName = taken.has(at) ? 0 : headerScore(name, field)
      if (byName === 0) return []
      const confidence = Math.round(byName * contentScore(field, cellsOf(at), settings) * 100) / 100
      return confidence < CONFIDENCE_MIN ? [] : [{ at: [at], confidence }]
    })
  return {
    unknownWords,
    named: (named) => {
      const at = [named].flat().map((one) => columnNamed(headers, names, one))
      return take({ at, confidence: 1 }).at
    },
    find: (field) => {
      const [best] = candidates(field).toSorted((a, b) => b.confidence - a.confidence)
      if (best) return take(best)
      if (field === 'kind' || field === 'status') {
        unknownWords.push(
          ...names.flatMap((name, at) =>
            !taken.has(at) && headerScore(name, field) > 0 && cellsOf(at).length > 0 ? [at] : [],
          ),
        )
      }
      return null
    },
    receipt: () => {
      const at = FISCAL.map((words) => names.findIndex((name) => words.test(name)))
      return at.includes(-1) ? null : take({ at, confidence: 0.95 })
    },
    isReceipt: (column) =>
      column?.at.length === FISCAL.length && FISCAL.every((words, n) => words.test(names[column.at[n] ?? -1] ?? '')),
    all: (words) => names.flatMap((name, at) => (words.test(name) ? [at] : [])),
    says: (column, words) => column?.at.some((at) => words.test(names[at] ?? '')) ?? false,
  }
}

function columnNamed(headers: readonly string[], names: readonly string[], text: string): number {
  const exact = headers.indexOf(text.trim())
  if (exact >= 0) return exact
  const numbered = Number(/^#(\d{1,3})$/.exec(text.trim())?.[1] ?? 0)
  if (numbered > 0 && numbered <= headers.length) return numbered - 1
  const name = normalizeHeader(text)
  const similar = names.findIndex((one) => one === name && one !== '')
  if (similar >= 0) return similar
  throw new CrmError('malformed', { reason: 'column_missing', params: { column: text }, isFinal: true })
}

/**
 * How well the cells fit. A certain header wins even over cells that do not fit: each row is then rejected with its
 * reason.
 */
function contentScore(field: Field, cells: readonly string[], settings: Settings): number {
  const share = (fits: (cell: string) => boolean) => cells.filter(fits).length / cells.length
  const trust = (fits: (cell: string) => boolean) => 0.5 + share(fits) / 2
  if (cells.length === 0) return 1
  if (field === 'date') return trust((cell) => readDate(cell, 'dmy') !== null)
  if (field === 'time') return trust((cell) => readTime(cell) !== null)
  if (field === 'amount') return trust((cell) => typeof readSum(cell, ',') === 'string')
  if (field === 'phone') return trust((cell) => normalizePhone(cell, callingCodeOf(settings)) !== null)
  if (field === 'kind' || field === 'status') {
    const words: NonNullable<Settings['words']> = settings.words ?? {}
    return share((cell) => meaningOf(cell, field, words) !== null) >= WORDS_KNOWN_MIN ? 1 : 0
  }
  return 1
}

/** The found mapping by headers, as it can be saved. */
export function mappingOf(
  { columns, idScope }: Pick<Plan, 'columns' | 'idScope'>,
  headers: readonly string[],
): Readonly<Record<string, string | readonly string[]>> {
  const named = Object.entries(columns).map(([field, at]): [string, string | string[]] => {
    const [first = '', ...more] = at.map((column) => headers[column] ?? '')
    return [field, more.length === 0 ? first : [first, ...more]]
  })
  return { ...Object.fromEntries<string | string[]>(named), ...(columns.id && { idScope }) }
}
