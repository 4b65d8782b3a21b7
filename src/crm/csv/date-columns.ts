// Which columns say when a sale was: when it was paid rather than when it was made out.
import { askHeader } from '#crm/csv/doubts.ts'
import { isEqual } from '#crm/csv/facts.ts'
import { candidatesFor, type Column, type Fields, type Search } from '#crm/csv/search.ts'

/** Of equally certain headers, from the likeliest on. */
const PREFERRED: readonly RegExp[] = [
  /paid|оплат|оплач|платеж|сплат|payment/,
  /sale|sold|продаж|чек|receipt|операц|transaction|расчет|purchase/,
  /complet|closed|заверш|закры/,
  /^(?:дата|date|time ?stamp)/,
  /creat|созда|оформл|order|заказ/,
]
/** Differences below this are not decisive. */
const NEAR = 0.02

export function findDates(
  search: Search,
  named: Fields,
): { readonly date: Column | null; readonly time: Column | null } {
  const date = named.date ?? findDate(search)
  const taken = new Set([...search.taken, ...(date?.at ?? [])])
  const [time] = candidatesFor({ ...search, taken }, 'time')
  return { date, time: time ? { at: [time.at], confidence: time.score } : null }
}

/** A sale that was not paid has no date of payment. Where no status says so, its other date would make it look paid. */
export function withoutFiller({ names }: Search, { date, status }: Fields): Column | null {
  const [first, ...others] = date?.at ?? []
  if (!date || first === undefined || others.length === 0 || status) return date ?? null
  return /paid|оплат|оплач|платеж|сплат|payment|closed|закры/.test(names[first] ?? '') ? { ...date, at: [first] } : date
}

type Candidate = ReturnType<typeof candidatesFor>[number]

function findDate(search: Search): Column | null {
  const byHeader = candidatesFor(search, 'date')
  const all = byHeader.length > 0 || !search.hasHeader ? byHeader : byCells(search)
  const ranked = byHeader.length > 0 ? PREFERRED : CLOSING_FIRST
  const rank = (name: string) => {
    const index = ranked.findIndex((words) => words.test(name))
    return index < 0 ? ranked.length : index
  }
  const near = all.filter(({ score }) => score > (all[0]?.score ?? 0) - NEAR)
  const sorted = near.toSorted((a, b) => rank(a.name) - rank(b.name))
  const [first] = sorted
  if (!first) return null
  const rivals = sorted.filter(
    (one) => rank(one.name) === rank(first.name) && (one === first || !isEqual(one.facts, first.facts)),
  )
  const chosen =
    rivals.length > 1
      ? askHeader(search.asking, 'date_rivals', [first.header, ...rivals.slice(1).map(({ header }) => header)])
      : first.header
  const best = rivals.find(({ header }) => header === chosen) ?? first
  const other = fillerOf(best, [...sorted, ...all])
  return { at: other ? [best.at, other.at] : [best.at], confidence: best.score }
}

/** Another date for the rows that have none in this column. */
function fillerOf(best: Candidate, all: readonly Candidate[]): Candidate | undefined {
  return all.find(
    ({ at, facts }) =>
      at !== best.at &&
      facts.dates() > 0.5 &&
      facts.cells.some((cell, row) => cell !== '' && best.facts.cells[row] === ''),
  )
}

const CLOSING_FIRST: readonly RegExp[] = [
  /paid|оплач|closed|close|закры|заверш|complet|settled|processed|чек|продаж|sale/,
  /^(?!.*(?:open|открыт|создан|creat|start|начал)).*$/,
]
const NO_SALE =
  /рожд|birth|доставк|deliver|срок|expir|измен|updat|modif|возврат|refund|cancel|отмен|план|due|ship|отгруз|регистр/

/** Where no header says it: columns that have dates in nearly all cells. */
function byCells({ headers, names, facts, taken }: Search): readonly Candidate[] {
  return facts.flatMap((of, at) => {
    const name = names[at] ?? ''
    const isDate = of.filled.length > 0 && of.dates() > 0.9 && of.share((cell) => /\d\D\d/.test(cell)) > 0.9
    if (!isDate || taken.has(at) || NO_SALE.test(name)) return []
    return [{ at, header: headers[at] ?? '', name, score: 0.5, facts: of }]
  })
}
