// What the words in columns for kinds and statuses mean; those that nobody knows are asked.
import { MATCHED_MAX } from '#crm/csv/cells.ts'
import type { Columns } from '#crm/csv/columns.ts'
import { type Asking, optionOf } from '#crm/csv/doubts.ts'
import type { Said } from '#crm/csv/meanings.ts'
import type { Plan } from '#crm/csv/plan.ts'
import type { Settings } from '#crm/csv/settings.ts'
import type { Table } from '#crm/csv/table.ts'
import { isTotals, type Meaning, meaningOf, MEANINGS } from '#crm/csv/words.ts'

/** A file with more unknown words has hardly a column of kinds; rows with the others are rejected. */
const WORDS_ASKED_MAX = 20

const OPTIONS = {
  kind: [optionOf('ignore'), optionOf('sale'), optionOf('refund'), optionOf('nothing')],
  status: [optionOf('unpaid'), optionOf('paid'), optionOf('cancelled'), optionOf('refund'), optionOf('nothing')],
} as const
const COLUMN_FIELDS = ['kind', 'status'] as const

export interface Words {
  readonly words: Plan['words']
  /** Columns that say nothing, as was answered. */
  readonly dropped: ReadonlySet<number>
  readonly isRefund: (cells: readonly string[]) => boolean
  /** Whether any word says what the row is. */
  readonly saysKind: (cells: readonly string[]) => boolean
  /** Whether any word says that the row is no paid sale. */
  readonly saysEnd: (cells: readonly string[]) => boolean
}

interface Context {
  readonly table: Table
  readonly settings: Settings
  readonly found: Columns
  readonly asking: Asking
}

export function decideWords({ table, settings, found, asking }: Context): Words {
  const words: Plan['words'] = {}
  for (const meaning of MEANINGS) {
    const own = settings.words?.[meaning]
    if (own) words[meaning] = [...own]
  }
  const dropped = new Set<number>()
  let left = WORDS_ASKED_MAX
  for (const field of COLUMN_FIELDS) {
    for (const at of table.isOwnExport ? [] : (found.fields[field]?.at ?? [])) {
      const column = table.headers[at] ?? ''
      const meaning = (word: string) => meaningOf(word, { field, header: column }, words)
      const all = new Set(found.facts[at]?.filled.map((word) => word.trim()))
      // A file of which nothing would be left is asked about, too.
      const isNothing = all.size > 0 && [...all].every((word) => meaning(word) === 'ignore' && !isOwn(settings, word))
      const unknown = [...all]
        .filter((word) => word.length <= MATCHED_MAX && !isTotals(word) && (isNothing || meaning(word) === null))
        .toSorted()
        .slice(0, left)
      left -= unknown.length
      for (const word of unknown) {
        const answer = asking.ask({
          ...{ code: 'words_unknown', subject: `${column}:${word}`, columns: [column], params: { column, word } },
          options: OPTIONS[field],
        })
        if (answer === 'nothing') dropped.add(at)
        else if (isMeaning(answer)) (words[answer] ??= []).push(word)
      }
    }
  }
  // By word, since a few words stand in thousands of rows, and each answer is tried on all of these.
  const columns = COLUMN_FIELDS.flatMap((field) => (found.fields[field]?.at ?? []).map((at) => ({ field, at })))
    .filter(({ at }) => !dropped.has(at))
    .map(({ field, at }) => {
      const of = { field, header: table.headers[at] ?? '' }
      const all = new Set(found.facts[at]?.filled)
      return { at, meanings: new Map([...all].map((cell) => [cell, meaningOf(cell, of, words)] as const)) }
    })
  const says = (cells: readonly string[], ...any: readonly Said[]) =>
    columns.some(({ at, meanings }) => any.includes(meanings.get(cells[at] ?? '') ?? 'none'))
  return {
    ...{ words, dropped },
    isRefund: (cells) => says(cells, 'refund'),
    saysKind: (cells) => says(cells, 'refund', 'sale', 'ignore'),
    saysEnd: (cells) => says(cells, 'refund', 'ignore', 'unpaid', 'cancelled'),
  }
}

const isOwn = ({ words }: Settings, word: string) => words?.ignore?.includes(word) === true

function isMeaning(name: string): name is Meaning {
  return name !== 'nothing'
}
