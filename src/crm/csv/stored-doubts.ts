// Questions that only what is stored can raise: a number that is used again, and sales that seem to be stored under
// other ids since the columns of the file have changed.
import type { CanonicalTransaction } from '#crm/contract.ts'
import type { Given } from '#crm/imports.ts'
import { choiceId, optionOf, type Question } from '#crm/csv/doubts.ts'
import type { Plan } from '#crm/csv/plan.ts'
import { paidOf, type Sample } from '#crm/csv/sample.ts'
import type { Settings } from '#crm/csv/settings.ts'

const REUSED = { code: 'number_reused', options: [optionOf('other_till'), optionOf('corrected')] } as const
const STORED = { code: 'seem_stored', options: [optionOf('store')] } as const

export function isOtherTill(answers: readonly string[]): boolean {
  return answers.includes(choiceId({ ...REUSED, columns: [] }, REUSED.options[0]))
}

/** By the sales of a sample as the plan gives them. */
export async function storedQuestions(
  { records }: Sample,
  {
    plan,
    headers,
    answers,
  }: { readonly plan: Plan; readonly headers: readonly string[]; readonly answers: readonly string[] },
  { storedSales, twins }: Pick<Given<Settings>, 'storedSales' | 'twins'>,
): Promise<readonly Question[]> {
  const sales = paidOf(records)
  const stored = await storedSales(sales.map(({ externalId }) => externalId))
  const reused = sales.find((sale) => {
    const one = stored.get(sale.externalId)
    if (!one || one.status === 'cancelled') return false
    return Date.parse(one.occurredAt) !== Date.parse(sale.occurredAt) && one.amountMinor !== sale.amountMinor
  })
  const columns = (plan.columns.id ?? []).map((at) => headers[at] ?? '')
  const isAnswered = (question: Omit<Question, 'columns'>) =>
    question.options.some((option) => answers.includes(choiceId({ ...question, columns }, option)))
  const questions: Question[] = []
  const mayReuse = plan.idScope !== 'time' && !plan.isFiscal && !(plan.idScope === 'global' && plan.isIdSure)
  if (reused && mayReuse && !isAnswered(REUSED)) {
    questions.push({ ...REUSED, columns, params: { example: numberOf(reused.externalId) } })
  }
  if (isAnswered(STORED)) return questions
  const fresh = sales.filter(({ externalId }) => !stored.has(externalId))
  const bare = await storedSales(plan.columns.till ? fresh.map(withoutTill) : [])
  const isBare = fresh.some((sale) => {
    const one = bare.get(withoutTill(sale))
    return one?.amountMinor === sale.amountMinor && Date.parse(one.occurredAt) === Date.parse(sale.occurredAt)
  })
  const seen = await twinsOf(fresh, new Set(sales.map(({ externalId }) => externalId)), twins)
  // Files without times have many equal sums on a day.
  const isByDay = new Set(fresh.map(({ occurredAt }) => occurredAt.slice(11))).size === 1 && !plan.columns.time
  const seem = isByDay ? seen === fresh.length && seen > 1 : seen * 2 >= fresh.length
  if (seen > 0 && (seem || isBare || (isByDay && fresh.length === 1 && sales.length === 1))) {
    questions.push({ ...STORED, columns, params: { count: String(seen), of: String(fresh.length) } })
  }
  return questions
}

/** The id that the sale had in a file in which nothing named its till or shop. */
function withoutTill({ externalId }: CanonicalTransaction): string {
  return externalId.slice(externalId.indexOf(':') + 1)
}

/** As it stands in the file: without what tells days and refunds apart. */
function numberOf(externalId: string): string {
  return externalId.replace(/(?:@\d{4}-\d\d-\d\d(?:T[\d:]+)?)?(?::refund(?:@.*)?)?$/, '')
}

/** How many of the sales have one of their own among the stored ones with other ids. */
async function twinsOf(
  fresh: readonly CanonicalTransaction[],
  own: ReadonlySet<string>,
  twins: Given<Settings>['twins'],
): Promise<number> {
  const nameOf = ({
    occurredAt,
    kind,
    amountMinor,
  }: Pick<CanonicalTransaction, 'occurredAt' | 'kind' | 'amountMinor'>) =>
    `${Date.parse(occurredAt)} ${kind} ${amountMinor}`
  const left = new Map<string, number>()
  for (const twin of fresh.length === 0 ? [] : await twins(fresh)) {
    if (!own.has(twin.externalId)) left.set(nameOf(twin), (left.get(nameOf(twin)) ?? 0) + 1)
  }
  let found = 0
  for (const sale of fresh) {
    const count = left.get(nameOf(sale)) ?? 0
    if (count === 0) continue
    found += 1
    left.set(nameOf(sale), count - 1)
  }
  return found
}
