// The one reading of a file's beginning, by which it is previewed, checked and imported.
import type { Choice, Doubt, Given } from '#crm/imports.ts'
import type { FileHead } from '#crm/files.ts'
import { decide, type Decided } from '#crm/csv/decide.ts'
import { choiceId, messageOf, type Option, type Question } from '#crm/csv/doubts.ts'
import { type Chosen, chooseFormat } from '#crm/csv/formats.ts'
import { Plan } from '#crm/csv/plan.ts'
import { readFirst, totalOf } from '#crm/csv/sample.ts'
import type { Settings } from '#crm/csv/settings.ts'
import { storedQuestions } from '#crm/csv/stored-doubts.ts'
import { readTable, type Table } from '#crm/csv/table.ts'
import { MEANINGS } from '#crm/csv/words.ts'
import { systemClock } from '#lib/clock.ts'

/** For all answers together: many words that nobody knows must not keep a person waiting. */
const ROWS_READ_MAX = 20_000

export interface Reading extends Decided {
  readonly table: Table
  readonly chosen: Chosen
}

/** Throws CrmError `malformed` for a file without a table. */
export function readFor(head: FileHead, given: Given<Settings>): Reading {
  const { delimiter } = given.settings
  // The CSV of a workbook has the separator with which it was written, and so has a file that is known by its header.
  const apart = ({ settings, ...chosen }: Chosen): Chosen => ({ ...chosen, settings: { ...settings, delimiter } })
  const named = chosenFor(null, given)
  const asked = head.sheets ? apart(named) : named
  const first = readTable(head, asked.settings)
  const chosen = chosenOf(first, { given, asked: head.sheets ? null : asked, apart })
  const table = isReadAs(asked.settings, chosen.settings) ? first : readTable(head, chosen.settings)
  const decided = decide(table, chosen.settings, chosen.answers)
  const before = Plan.safeParse(given.plan).data
  if (!before || before.header.join('\n') !== decided.plan.header.join('\n')) return { table, chosen, ...decided }
  return { table, chosen, ...decided, plan: planAgain(before, decided.plan), questions: [] }
}

interface Choosing {
  readonly given: Given<Settings>
  /** With the format that was asked for by its name; null for a workbook. */
  readonly asked: Chosen | null
  readonly apart: (chosen: Chosen) => Chosen
}

function chosenOf({ isOwnExport, headers }: Table, { given, asked, apart }: Choosing): Chosen {
  if (isOwnExport) return { settings: given.settings, answers: [], name: null }
  return given.format && asked ? asked : apart(chosenFor(headers, given))
}

/** A few rows of a file are read as all of them were, but for words that have got a meaning since. */
function planAgain(before: Plan, now: Plan): Plan {
  const { encoding, delimiter, quote, isPadded, isWrapped, width, from, skipBottom } = now
  const wordsOf = (meaning: (typeof MEANINGS)[number]) => [
    ...(before.words[meaning] ?? []),
    ...(now.words[meaning] ?? []),
  ]
  return {
    ...before,
    ...{ encoding, delimiter, quote, isPadded, isWrapped, width, from, skipBottom },
    words: Object.fromEntries(MEANINGS.map((meaning) => [meaning, wordsOf(meaning)] as const)),
    // That a receipt repeats its sum may have been wrong while some of its rows could not be read.
    rows: before.rows === 'whole' ? now.rows : before.rows,
  }
}

/** Rows of a file that are read without the others have no lines below them. */
function chosenFor(headers: readonly string[] | null, given: Given<Settings>): Chosen {
  const chosen = chooseFormat(headers, given)
  const { skipBottom: _, ...settings } = chosen.settings
  return given.plan === undefined ? chosen : { ...chosen, settings }
}

/** Whether two settings find the same table in the same bytes. */
function isReadAs(one: Settings, other: Settings): boolean {
  return (['delimiter', 'encoding', 'headerLine', 'skipBottom'] as const).every((name) => one[name] === other[name])
}

/** The open questions, each answer with what would be stored if it were given. */
export async function doubtsOf(
  { table, chosen, plan, questions }: Pick<Reading, 'table' | 'chosen' | 'plan' | 'questions'>,
  given: Given<Settings>,
): Promise<readonly Doubt[]> {
  const { fallback } = given
  const sample = await readFirst(table, plan, given)
  const about = { plan, headers: table.headers, answers: chosen.answers }
  const ofStored = table.isOwnExport ? [] : await storedQuestions(sample, about, given)
  const all = [...questions, ...ofStored]
  const rows = Math.floor(ROWS_READ_MAX / Math.max(all.flatMap(({ options }) => options).length, 1))
  const choiceOf = async (question: Question, option: Option) => {
    const id = choiceId(question, option)
    const decided = decide(table, chosen.settings, [...chosen.answers, id])
    return { id, label: option.label, ...(await totalOf(table, decided.plan, { fallback, rows })) }
  }
  const doubts: Doubt[] = []
  for (const question of all) {
    const choices: Choice[] = []
    for (const option of question.options) {
      choices.push(await choiceOf(question, option))
      // Each takes some milliseconds, and other requests go in between.
      await systemClock.sleep(0)
    }
    doubts.push({ code: question.code, message: messageOf(question), columns: question.columns, choices })
  }
  return doubts
}
