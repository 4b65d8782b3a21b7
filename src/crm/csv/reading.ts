// The one reading of a file's beginning, by which it is previewed, checked and imported.
import type { Doubt, Given } from '#crm/imports.ts'
import type { FileHead } from '#crm/files.ts'
import { decide, type Decided } from '#crm/csv/decide.ts'
import { choiceId, messageOf, type Option, type Question } from '#crm/csv/doubts.ts'
import { type Chosen, chooseFormat } from '#crm/csv/formats.ts'
import { totalOf } from '#crm/csv/sample.ts'
import type { Settings } from '#crm/csv/settings.ts'
import { readTable, type Table } from '#crm/csv/table.ts'

export interface Reading extends Decided {
  readonly table: Table
  readonly chosen: Chosen
}

/** Throws CrmError `malformed` for a file without a table. */
export function readFor(head: FileHead, given: Given<Settings>): Reading {
  const asked = chooseFormat(null, given)
  const first = readTable(head, asked.settings)
  const chosen = chooseFormat(first.headers, given)
  const table = isReadAs(asked.settings, chosen.settings) ? first : readTable(head, chosen.settings)
  return { table, chosen, ...decide(table, chosen.settings, chosen.answers) }
}

/** Whether two settings find the same table in the same bytes. */
function isReadAs(one: Settings, other: Settings): boolean {
  return (['delimiter', 'encoding', 'headerLine'] as const).every((name) => one[name] === other[name])
}

/** The open questions, each answer with what would be stored if it were given. */
export async function doubtsOf(
  { table, chosen, questions }: Pick<Reading, 'table' | 'chosen' | 'questions'>,
  { fallback }: Pick<Given<Settings>, 'fallback'>,
): Promise<readonly Doubt[]> {
  const choiceOf = async (question: Question, option: Option) => {
    const id = choiceId(question, option)
    const { plan } = decide(table, chosen.settings, [...chosen.answers, id])
    return { id, label: option.label, ...(await totalOf(table, plan, fallback)) }
  }
  return Promise.all(
    questions.map(async (question) => ({
      ...{ code: question.code, message: messageOf(question), columns: question.columns },
      choices: await Promise.all(question.options.map(async (option) => choiceOf(question, option))),
    })),
  )
}
