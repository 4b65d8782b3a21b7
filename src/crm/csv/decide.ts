// A table → how its rows are read, and what has to be asked first. Pure. Each point is decided, in this order, by what
// the settings name, by an answer, or by the only sensible reading; else it is asked.
import { type Columns, findColumns } from '#crm/csv/columns.ts'
import { dateOrderOf } from '#crm/csv/dates.ts'
import { type Asking, createAsking, optionOf, type Question } from '#crm/csv/doubts.ts'
import { decimalMarkOf } from '#crm/csv/money.ts'
import type { Plan } from '#crm/csv/plan.ts'
import { Settings } from '#crm/csv/settings.ts'
import type { Table } from '#crm/csv/table.ts'
import { type Field, type Meaning, meaningOf } from '#crm/csv/words.ts'

const WORDS_ASKED_MAX = 20

export interface Decided {
  readonly plan: Plan
  readonly found: Columns
  readonly questions: readonly Question[]
}

/** Throws CrmError `malformed` (`column_missing`) for a column that the settings name and the file does not have. */
export function decide(table: Table, given: Settings, answers: readonly string[]): Decided {
  const settings = table.isOwnExport ? Settings.parse({}) : given
  const asking = createAsking(answers)
  const found = findColumns({ headers: table.headers, rows: table.rows.map(({ cells }) => cells) }, settings)
  const context: Deciding = { table, settings, found, asking }
  const words = decideWords(context)
  const columns = Object.fromEntries(
    Object.entries(found.fields).flatMap(([field, { at }]) => (words.dropped.has(field) ? [] : [[field, [...at]]])),
  )
  const { encoding, delimiter, isPadded, width, header, from } = table
  const plan: Plan = {
    ...{ encoding, delimiter, isPadded, width, header: [...header], from, columns },
    ...{ idScope: found.idScope, isIdSure: found.isIdSure, rows: found.rows, words: words.words },
    dateOrder: decideDateOrder(context),
    decimals: (found.fields.amount?.at ?? []).map(
      (column) => settings.decimal ?? decimalMarkOf(cellsOf(table, column)),
    ),
    ...{ timezone: settings.timezone ?? null, currency: settings.currency ?? null },
    negative: settings.negative ?? 'refund',
  }
  return { plan, found, questions: asking.open }
}

interface Deciding {
  readonly table: Table
  readonly settings: Settings
  readonly found: Columns
  readonly asking: Asking
}

function cellsOf({ rows }: Table, column: number): string[] {
  return rows.flatMap(({ cells }) => (cells[column] ? [cells[column]] : []))
}

function decideDateOrder({ table, settings, found, asking }: Deciding): Plan['dateOrder'] {
  if (settings.dateOrder) return settings.dateOrder
  const at = found.fields.date?.at[0]
  const cells = at === undefined ? [] : cellsOf(table, at)
  const { order, isSure } = dateOrderOf(cells)
  if (isSure) return order
  const column = table.headers[at ?? 0] ?? ''
  const params = { column, example: cells.find((cell) => /\d\D\d/.test(cell)) ?? '' }
  const options = [optionOf('dmy'), optionOf('mdy')] as const
  return asking.ask({ code: 'date_order', columns: [column], params, options: [...options] }) === 'mdy' ? 'mdy' : 'dmy'
}

const MEANINGS_OF = {
  kind: ['ignore', 'sale', 'refund', 'nothing'],
  status: ['unpaid', 'paid', 'cancelled', 'nothing'],
} as const

/** Asks what the words mean that nobody knows. */
function decideWords({ table, settings, found, asking }: Deciding) {
  const words: Partial<Record<Meaning, string[]>> = structuredClone(settings.words ?? {})
  const dropped = new Set<string>()
  for (const field of ['kind', 'status'] as const) {
    for (const at of found.fields[field]?.at ?? []) {
      const column = table.headers[at] ?? ''
      for (const word of unknownWords(table, at, field, words)) {
        const [first, ...others] = MEANINGS_OF[field].map(optionOf)
        const answer = asking.ask({
          ...{ code: 'words_unknown', subject: `${column}:${word}`, columns: [column], params: { column, word } },
          options: [first ?? optionOf('nothing'), ...others],
        })
        if (answer === 'nothing') dropped.add(field)
        else if (isMeaning(answer)) (words[answer] ??= []).push(word)
      }
    }
  }
  return { words, dropped }
}

function isMeaning(name: string): name is Meaning {
  return name !== 'nothing'
}

function unknownWords(table: Table, at: number, field: Field & ('kind' | 'status'), own: Settings['words']): string[] {
  const known = (word: string) => meaningOf(word, field, own ?? {}) !== null
  const words = new Set(cellsOf(table, at).map((word) => word.trim()))
  return [...words].filter((word) => !known(word)).slice(0, WORDS_ASKED_MAX)
}
